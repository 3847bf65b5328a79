// `a >= b` for two Longs, two datetimes or two durations.

import type { Binary } from '../syntax/tree.ts'
import { comparisonOperator } from './comparison.ts'
import type { Operator } from './operator.ts'

export const greaterEqualOperator: Operator<Binary> = comparisonOperator('>=', (left, right) => left >= right)
