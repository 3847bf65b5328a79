// Durations as Longs, whole units towards zero.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-operators.html#duration-functions

import { longValue } from '../../value/long.ts'
import { method } from './extension.ts'
import type { Extension } from './extension.ts'

export const toMilliseconds: Extension = inUnits(1n)
export const toSeconds: Extension = inUnits(1000n)
export const toMinutes: Extension = inUnits(60_000n)
export const toHours: Extension = inUnits(3_600_000n)
export const toDays: Extension = inUnits(86_400_000n)

function inUnits(milliseconds: bigint): Extension {
  return method('duration', 'Long', (duration) => longValue(duration.milliseconds / milliseconds))
}
