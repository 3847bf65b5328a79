// `a <= b` for two Longs, two datetimes or two durations.

import { comparisonOperator } from './comparison.ts'
import type { StrictBinary } from './strict.ts'

export const lessEqualOperator: StrictBinary = comparisonOperator('<=', (left, right) => left <= right)
