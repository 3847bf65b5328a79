// `a * b` for Longs, checked.

import type { Binary } from '../syntax/tree.ts'
import { multiplyLongs } from '../value/long.ts'
import { arithmeticOperator } from './arithmetic.ts'
import type { Operator } from './operator.ts'

export const multiplyOperator: Operator<Binary> = arithmeticOperator('*', multiplyLongs)
