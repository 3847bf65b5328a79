// `a * b` for Longs, checked.

import { multiplyLongs } from '../value/long.ts'
import { arithmeticOperator } from './arithmetic.ts'
import type { StrictBinary } from './strict.ts'

export const multiplyOperator: StrictBinary = arithmeticOperator('*', multiplyLongs)
