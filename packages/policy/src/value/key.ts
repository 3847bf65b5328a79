// A canonical text for any value: two values have the same key exactly when they are equal. For indexes, never for display.

import type { Value } from './value.ts'

/** The key of a value. Costs a walk over it; the keys of sets and records do not depend on order. */
export function valueKey(value: Value): string {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'boolean') return value ? 'T' : 'F'
  if (typeof value !== 'object') return `${value};`
  switch (value.kind) {
    case 'entity':
      return `e${text(value.type)}${text(value.id)}`
    case 'set':
      return `[${value.elements.map(valueKey).sort().join('')}]`
    case 'record':
      return `{${[...value.fields]
        .map(([name, field]) => text(name) + valueKey(field))
        .sort()
        .join('')}}`
    case 'decimal':
      return `d${value.scaled};`
    case 'ipaddr':
      return `i${value.family}/${value.address}/${value.prefix};`
    case 'datetime':
      return `t${value.milliseconds};`
    case 'duration':
      return `u${value.milliseconds};`
    default:
      return value satisfies never
  }
}

/** Prefixed with its length, so that no text can run into what follows it. */
function text(value: string): string {
  return `s${value.length}:${value}`
}
