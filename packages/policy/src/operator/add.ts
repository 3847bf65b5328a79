// `a + b` for Longs, checked.

import { addLongs } from '../value/long.ts'
import { arithmeticOperator } from './arithmetic.ts'
import type { StrictBinary } from './strict.ts'

export const addOperator: StrictBinary = arithmeticOperator('+', addLongs)
