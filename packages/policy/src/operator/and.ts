// `a && b`.

import type { Binary } from '../syntax/tree.ts'
import { logicOperator } from './logic.ts'
import type { Operator } from './operator.ts'

export const andOperator: Operator<Binary> = logicOperator('and', false)
