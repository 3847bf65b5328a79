// `a - b` for Longs, checked.

import { subtractLongs } from '../value/long.ts'
import { arithmeticOperator } from './arithmetic.ts'
import type { StrictBinary } from './strict.ts'

export const subtractOperator: StrictBinary = arithmeticOperator('-', subtractLongs)
