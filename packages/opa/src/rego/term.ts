// Values of Cedar as terms of Rego, in the forms that `rego/cedar/operators.rego` explains. One value has one form, so that Rego's
// `==`, its sets and its objects mean what Cedar's do.

import type { EntityUid, IpValue, Value } from '@cardea/policy'

/** The term of a value. */
export function valueTerm(value: Value): string {
  if (typeof value === 'string') return textTerm(value)
  if (typeof value !== 'object') return String(value)
  switch (value.kind) {
    case 'entity':
      return entityTerm(value)
    case 'set':
      return setTerm(value.elements.map(valueTerm))
    case 'record':
      return objectTerm([...value.fields].map(([name, field]) => [name, valueTerm(field)]))
    case 'decimal':
      return `["decimal", ${value.scaled}]`
    case 'ipaddr':
      return ipTerm(value)
    case 'datetime':
    case 'duration':
      return `["${value.kind}", ${value.milliseconds}]`
    default:
      return value satisfies never
  }
}

export function entityTerm({ type, id }: EntityUid): string {
  return `[${textTerm(type)}, ${textTerm(id)}]`
}

/** A text in quotes: a Rego string is a JSON string. What is not seen is escaped; a byte order mark would not even be read. */
export function textTerm(text: string): string {
  return JSON.stringify(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeUnits)
}

export function setTerm(elements: readonly string[]): string {
  return elements.length === 0 ? 'set()' : `{${elements.join(', ')}}`
}

export function objectTerm(fields: readonly (readonly [name: string, term: string])[]): string {
  return `{${fields.map(([name, term]) => `${textTerm(name)}: ${term}`).join(', ')}}`
}

/** `.name`, or `["name"]` for what is no plain name or is a word of Rego's own. */
export function fieldTerm(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !KEYWORDS.has(name) ? `.${name}` : `[${textTerm(name)}]`
}

const KEYWORDS = new Set(
  'as contains default else every false if import in not null package set some true with'.split(' '),
)

/** With the first and the last address of its range, so that a look at two texts tells whether one range holds another. */
function ipTerm(ip: IpValue): string {
  const bits = ip.family === 4 ? 32 : 128
  const address = BigInt(ip.address)
  const host = (1n << BigInt(bits - ip.prefix)) - 1n
  const [own, first, last] = [address, address & ~host, address | host].map((each) => hex(each, bits / 4))
  return `["ipaddr", ${ip.family}, "${own}", ${ip.prefix}, "${first}", "${last}"]`
}

function hex(address: bigint, digits: number): string {
  return address.toString(16).padStart(digits, '0')
}

function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
