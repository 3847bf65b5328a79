// Values as Cedar text: a literal where the language has one, else a call that makes the value.

import { formatEntityUid } from '../entity/uid.ts'
import { formatDatetime } from './datetime.ts'
import { formatDecimal } from './decimal.ts'
import { formatDuration } from './duration.ts'
import { formatIp } from './ip.ts'
import { quoteText } from './text.ts'
import type { DatetimeValue, Value } from './value.ts'

/** Cedar text that evaluates to the value. */
export function formatValue(value: Value): string {
  if (typeof value === 'string') return quoteText(value)
  if (typeof value !== 'object') return value.toString()
  switch (value.kind) {
    case 'entity':
      return formatEntityUid(value)
    case 'set':
      return `[${value.elements.map(formatValue).join(', ')}]`
    case 'record':
      return `{${[...value.fields].map(([name, field]) => `${quoteText(name)}: ${formatValue(field)}`).join(', ')}}`
    case 'decimal':
      return `decimal("${formatDecimal(value)}")`
    case 'ipaddr':
      return `ip("${formatIp(value)}")`
    case 'datetime':
      return formatInstant(value)
    case 'duration':
      return `duration("${formatDuration(value)}")`
    default:
      return value satisfies never
  }
}

/** An instant outside the years that a literal can say is an offset from 1970. */
function formatInstant(value: DatetimeValue): string {
  const text = formatDatetime(value)
  if (text !== undefined) return `datetime("${text}")`
  const offset = formatDuration({ kind: 'duration', milliseconds: value.milliseconds })
  return `datetime("1970-01-01").offset(duration("${offset}"))`
}
