// Methods of datetimes. All results are checked: what does not fit 64 bits is an error.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-operators.html#datetime-functions

import type { Call, Fault } from '../../syntax/tree.ts'
import { startOfDay, timeOfDay } from '../../value/datetime.ts'
import { fitsLong } from '../../value/long.ts'
import type { DatetimeValue, DurationValue } from '../../value/value.ts'
import { makeFault } from '../fault.ts'
import { binaryMethod, method } from './extension.ts'
import type { Extension } from './extension.ts'

export const offset: Extension = binaryMethod(
  ['datetime', 'duration'],
  'datetime',
  (start, by) => datetime(start.milliseconds + by.milliseconds),
  overflow,
)
export const durationSince: Extension = binaryMethod(
  ['datetime', 'datetime'],
  'duration',
  (end, start) => duration(end.milliseconds - start.milliseconds),
  overflow,
)
export const toDate: Extension = method(
  'datetime',
  'datetime',
  ({ milliseconds }) => datetime(startOfDay(milliseconds)),
  overflow,
)
export const toTime: Extension = method('datetime', 'duration', ({ milliseconds }) => duration(timeOfDay(milliseconds)))

function datetime(milliseconds: bigint): DatetimeValue | undefined {
  return fitsLong(milliseconds) ? { kind: 'datetime', milliseconds } : undefined
}

function duration(milliseconds: bigint): DurationValue | undefined {
  return fitsLong(milliseconds) ? { kind: 'duration', milliseconds } : undefined
}

function overflow(node: Call): Fault {
  return makeFault('ERR_POLICY_EVALUATION_OVERFLOW', `the result of \`${node.function}\` does not fit 64 bits`, node)
}
