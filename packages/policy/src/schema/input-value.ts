// Cedar values from what TypeScript code and databases hold: a `Date` for a datetime, an id for an entity, JSON text for a set.
// The type directs every conversion; nothing is guessed, and what does not fit is refused. Messages never hold the value.

import { entityUid } from '../entity/uid.ts'
import { PolicyError } from '../errors.ts'
import { parseDatetime } from '../value/datetime.ts'
import { parseDecimal } from '../value/decimal.ts'
import { parseDuration } from '../value/duration.ts'
import { setValue } from '../value/equality.ts'
import { parseIp } from '../value/ip.ts'
import { longValue } from '../value/long.ts'
import { fieldMap } from '../value/record.ts'
import type { Value } from '../value/value.ts'
import { cedarValue, type ValueKind } from './cedar-value.ts'
import type { AttributeDefinitions, TypeDefinition } from './definition.ts'
import { describeType } from './describe-type.ts'
import { ownField } from './fields.ts'

/**
 * Where an input comes from. `code`: a value of TypeScript, or a Cedar value. `column`: what a database driver gives for a
 * column, which may lack booleans (0 and 1), wide integers (decimal text) and structure (JSON text), and is never a Cedar value.
 */
export type InputSource = 'code' | 'column'

/**
 * The value of that type that the input says: an entity by its id, a `datetime` by `Date`, text or milliseconds since 1970,
 * `decimal`, `ipaddr` and `duration` by text, a set by an array, a record by an object.
 * Error: `ERR_POLICY_VALUE`; its message begins with `where`.
 */
export function inputValue(type: TypeDefinition, input: unknown, source: InputSource, where: string): Value {
  const value = convert(type, input, source, where)
  if (value !== undefined) return value
  throw refusal(`${where} must be of type ${describeType(type)}`, HINTS[type.type])
}

/** Named values of those types: required ones are there, others may be `undefined` or `null`, unknown ones are refused. */
export function inputFields(
  definitions: AttributeDefinitions,
  input: object,
  source: InputSource,
  where: string,
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>()
  for (const [name, field] of Object.entries(input)) {
    const type = ownField(definitions, name)
    if (type === undefined) throw refusal(`${where} has \`${name}\`, which the schema does not`)
    if (field === undefined || field === null) continue
    values.set(name, inputValue(type, field, source, `\`${name}\` of ${where}`))
  }
  for (const [name, { optional }] of Object.entries(definitions)) {
    if (optional !== true && !values.has(name)) throw refusal(`${where} lacks \`${name}\``)
  }
  return fieldMap(values)
}

const HINTS: { readonly [T in TypeDefinition['type']]: string } = {
  Bool: 'a Bool is `true` or `false`; in a column also 1 or 0',
  Long: 'a Long is a whole number of 64 bits; beyond 2^53 a bigint',
  String: 'a String is a text without unpaired surrogates',
  decimal: 'a decimal is text with one to four digits behind the point: `12.50`',
  ipaddr: 'an ipaddr is text: `10.1.2.3`, `10.0.0.0/8`, `2001:db8::1`',
  datetime: 'a datetime is a `Date`, milliseconds since 1970, or text: `2026-03-01T12:00:00Z`',
  duration: 'a duration is text: `1d2h3m4s5ms`',
  Entity: 'an entity is given by its id, which is text',
  Set: 'a set is an array; in a column also JSON text of one',
  Record: 'a record is an object; in a column also JSON text of one',
}

function convert(type: TypeDefinition, input: unknown, source: InputSource, where: string): Value | undefined {
  const given = source === 'code' ? cedarValue(input, KINDS[type.type]) : undefined
  switch (type.type) {
    case 'Bool':
      return typeof input === 'boolean' ? input : source === 'column' ? BITS.get(input) : undefined
    case 'Long':
      return toLong(input, source)
    case 'String':
      return isText(input) ? input : undefined
    case 'decimal':
      return isText(input) ? parseDecimal(input) : given
    case 'ipaddr':
      return isText(input) ? parseIp(input) : given
    case 'duration':
      return isText(input) ? parseDuration(input) : given
    case 'datetime':
      return toDatetime(input) ?? given
    case 'Entity':
      if (isText(input)) return entityUid(type.name, input)
      return given?.kind === 'entity' && given.type === type.name ? given : undefined
    case 'Set': {
      const list = given?.kind === 'set' ? given.elements : structure(input, source)
      if (!Array.isArray(list)) return undefined
      const element = `an element of ${where}`
      return setValue(list.map((item: unknown) => inputValue(type.element, item, source, element)))
    }
    case 'Record': {
      const object = given?.kind === 'record' ? Object.fromEntries(given.fields) : structure(input, source)
      if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined
      return { kind: 'record', fields: inputFields(type.attributes, object, source, where) }
    }
    default:
      return type satisfies never
  }
}

const KINDS: { readonly [T in TypeDefinition['type']]: ValueKind | undefined } = {
  Bool: undefined,
  Long: undefined,
  String: undefined,
  decimal: 'decimal',
  ipaddr: 'ipaddr',
  datetime: 'datetime',
  duration: 'duration',
  Entity: 'entity',
  Set: 'set',
  Record: 'record',
}

const BITS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [0, false],
  [1, true],
  [0n, false],
  [1n, true],
])

const INTEGER = /^(?:0|-?[1-9]\d{0,18})$/

function toLong(input: unknown, source: InputSource): Value | undefined {
  if (typeof input === 'number' || typeof input === 'bigint') return longValue(input)
  const isDecimal = source === 'column' && typeof input === 'string' && INTEGER.test(input)
  return isDecimal ? longValue(BigInt(input)) : undefined
}

function toDatetime(input: unknown): Value | undefined {
  if (isText(input)) return parseDatetime(input)
  const milliseconds = input instanceof Date ? input.getTime() : input
  if (typeof milliseconds !== 'number' || !Number.isSafeInteger(milliseconds)) return undefined
  return { kind: 'datetime', milliseconds: BigInt(milliseconds) }
}

/** Databases without a JSON type hold JSON as text. */
function structure(input: unknown, source: InputSource): unknown {
  if (source === 'code' || typeof input !== 'string') return input
  try {
    return JSON.parse(input)
  } catch {
    return undefined
  }
}

function isText(input: unknown): input is string {
  return typeof input === 'string' && input.isWellFormed()
}

function refusal(message: string, hint?: string): PolicyError {
  return new PolicyError('ERR_POLICY_VALUE', message, hint === undefined ? {} : { hint })
}
