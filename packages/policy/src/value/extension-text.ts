// The four extension types and their texts, in one table: what `ip("...")` and its siblings mean.

import type { ExtensionConstructor } from '../syntax/tree.ts'
import { formatDatetime, parseDatetime } from './datetime.ts'
import { formatDecimal, parseDecimal } from './decimal.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { formatIp, parseIp } from './ip.ts'
import type { DatetimeValue, DecimalValue, DurationValue, IpValue } from './value.ts'

export type ExtensionValue = DecimalValue | IpValue | DatetimeValue | DurationValue

const PARSERS: { readonly [C in ExtensionConstructor]: (text: string) => ExtensionValue | undefined } = {
  ip: parseIp,
  decimal: parseDecimal,
  datetime: parseDatetime,
  duration: parseDuration,
}

export function isConstructor(name: unknown): name is ExtensionConstructor {
  return typeof name === 'string' && Object.hasOwn(PARSERS, name)
}

/** The value that the constructor makes of the text, `undefined` when it is malformed. */
export function constructExtension(name: ExtensionConstructor, text: string): ExtensionValue | undefined {
  return PARSERS[name](text)
}

export function constructorOf(value: ExtensionValue): ExtensionConstructor {
  return value.kind === 'ipaddr' ? 'ip' : value.kind
}

/** The text that the value's constructor takes; `undefined` for an instant outside the years 0000 to 9999. */
export function extensionText(value: ExtensionValue): string | undefined {
  switch (value.kind) {
    case 'ipaddr':
      return formatIp(value)
    case 'decimal':
      return formatDecimal(value)
    case 'datetime':
      return formatDatetime(value)
    case 'duration':
      return formatDuration(value)
    default:
      return value satisfies never
  }
}
