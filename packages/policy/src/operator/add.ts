// `a + b` for Longs, checked.

import type { Binary } from '../syntax/tree.ts'
import { addLongs } from '../value/long.ts'
import { arithmeticOperator } from './arithmetic.ts'
import type { Operator } from './operator.ts'

export const addOperator: Operator<Binary> = arithmeticOperator('+', addLongs)
