// `a == b`.

import type { Binary } from '../syntax/tree.ts'
import { equalityOperator } from './equality.ts'
import type { Operator } from './operator.ts'

export const equalOperator: Operator<Binary> = equalityOperator(true)
