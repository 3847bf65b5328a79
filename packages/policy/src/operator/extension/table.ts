// Every extension function by name. The compiler proves the table total.

import type { ExtensionFunction } from '../../syntax/tree.ts'
import { constructor } from './constructor.ts'
import { durationSince, offset, toDate, toTime } from './datetime.ts'
import { greaterThan, greaterThanOrEqual, lessThan, lessThanOrEqual } from './decimal.ts'
import { toDays, toHours, toMilliseconds, toMinutes, toSeconds } from './duration.ts'
import type { Extension } from './extension.ts'
import { isInRangeMethod, isIpv4, isIpv6, isLoopbackMethod, isMulticastMethod } from './ip.ts'

export const extensions: { readonly [Name in ExtensionFunction]: Extension } = {
  ip: constructor('ip'),
  decimal: constructor('decimal'),
  datetime: constructor('datetime'),
  duration: constructor('duration'),
  isIpv4,
  isIpv6,
  isLoopback: isLoopbackMethod,
  isMulticast: isMulticastMethod,
  isInRange: isInRangeMethod,
  lessThan,
  lessThanOrEqual,
  greaterThan,
  greaterThanOrEqual,
  offset,
  durationSince,
  toDate,
  toTime,
  toMilliseconds,
  toSeconds,
  toMinutes,
  toHours,
  toDays,
}
