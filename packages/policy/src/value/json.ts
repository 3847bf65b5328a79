// Values from and to JSON, by the rules of Cedar's entity and context files: `{ "__entity": { type, id } }` and
// `{ "__extn": { fn, arg } }`, or plain forms where the schema says the type. A Long beyond 2^53 is a `bigint` or
// `{ "__long": "..." }`, because JSON numbers lose its digits.
// Cedar reference: docs.cedarpolicy.com/auth/entities-syntax.html

import { entityUid } from '../entity/uid.ts'
import { PolicyError } from '../errors.ts'
import type { TypeDefinition } from '../schema/definition.ts'
import { setValue } from './equality.ts'
import { constructExtension, constructorOf, extensionText, isConstructor } from './extension-text.ts'
import type { ExtensionValue } from './extension-text.ts'
import { fitsLong, longValue } from './long.ts'
import { recordValue } from './record.ts'
import type { DatetimeValue, EntityUid, Long, RecordValue, Value } from './value.ts'

type JsonObject = { readonly [name: string]: unknown }

/** Nesting of arrays and objects that a value may have. */
const MAXIMUM_DEPTH = 64

/**
 * Reads a value. With a type, a text may be an extension value and `{ type, id }` an entity, and another kind of value is
 * refused; without one, only the explicit forms are. Attributes that a record type does not name are read without a type.
 * Errors: `ERR_POLICY_VALUE`, `ERR_POLICY_VALUE_LONG`, `ERR_POLICY_VALUE_DEPTH`. Messages never hold the value.
 */
export function valueFromJson(json: unknown, type?: TypeDefinition): Value {
  return read(json, type, MAXIMUM_DEPTH)
}

/** Writes a value with explicit `__entity` and `__extn` forms; a Long beyond 2^53 as `{ "__long": "..." }`. */
export function valueToJson(value: Value): unknown {
  if (typeof value === 'bigint') return { __long: value.toString() }
  if (typeof value !== 'object') return value
  switch (value.kind) {
    case 'entity':
      return { __entity: { type: value.type, id: value.id } }
    case 'set':
      return value.elements.map(valueToJson)
    case 'record':
      // `fromEntries` defines its properties, so that a field `__proto__` stays data
      return Object.fromEntries([...value.fields].map(([name, field]) => [name, valueToJson(field)]))
    case 'datetime':
      return datetimeToJson(value)
    case 'decimal':
    case 'ipaddr':
    case 'duration':
      return { __extn: { fn: constructorOf(value), arg: extensionText(value) } }
    default:
      return value satisfies never
  }
}

/** Reads `{ type, id }` or `{ "__entity": { type, id } }`. Error: `ERR_POLICY_VALUE`. */
export function entityUidFromJson(json: unknown): EntityUid {
  const object = isObject(json) && Object.keys(json).length === 1 && '__entity' in json ? json['__entity'] : json
  if (!isObject(object) || typeof object['type'] !== 'string' || typeof object['id'] !== 'string') {
    throw refuse('an entity reference must be an object with the texts `type` and `id`')
  }
  return entityUid(object['type'], wellFormed(object['id']))
}

export function isObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function read(json: unknown, type: TypeDefinition | undefined, depth: number): Value {
  if (depth === 0) throw new PolicyError('ERR_POLICY_VALUE_DEPTH', `a value is nested deeper than ${MAXIMUM_DEPTH}`)
  if (type === undefined) return readUntyped(json, depth)
  switch (type.type) {
    case 'Bool':
      if (typeof json !== 'boolean') throw mismatch(type)
      return json
    case 'Long':
      return readLong(json, type)
    case 'String':
      if (typeof json !== 'string') throw mismatch(type)
      return wellFormed(json)
    case 'decimal':
    case 'ipaddr':
    case 'datetime':
    case 'duration':
      return readExtension(json, type.type)
    case 'Entity':
      return readEntity(json, type.name)
    case 'Set':
      if (!Array.isArray(json)) throw mismatch(type)
      return setValue(json.map((element: unknown) => read(element, type.element, depth - 1)))
    case 'Record':
      if (!isObject(json)) throw mismatch(type)
      return recordValue(
        Object.entries(json).map(([name, field]) => [name, read(field, ownField(type.attributes, name), depth - 1)]),
      )
    default:
      return type satisfies never
  }
}

function readUntyped(json: unknown, depth: number): Value {
  if (typeof json === 'boolean') return json
  if (typeof json === 'string') return wellFormed(json)
  if (typeof json === 'number' || typeof json === 'bigint') return readLong(json)
  if (Array.isArray(json)) return setValue(json.map((element: unknown) => read(element, undefined, depth - 1)))
  if (!isObject(json)) throw refuse('`null`, functions and the like are no Cedar values')
  const names = Object.keys(json)
  if (names.length === 1) {
    if (names[0] === '__entity') return entityUidFromJson(json)
    if (names[0] === '__extn') return readCall(json['__extn'])
    if (names[0] === '__long') return readLong(json)
  }
  return readRecord(json, depth)
}

function readRecord(json: JsonObject, depth: number): RecordValue {
  return recordValue(Object.entries(json).map(([name, field]) => [name, read(field, undefined, depth - 1)]))
}

function readLong(json: unknown, type: TypeDefinition = { type: 'Long' }): Long {
  const text = isObject(json) ? json['__long'] : undefined
  const integer = typeof text === 'string' && /^-?\d{1,19}$/.test(text) ? BigInt(text) : json
  if (typeof integer !== 'number' && typeof integer !== 'bigint') throw mismatch(type)
  const long = longValue(integer)
  if (long === undefined) throw new PolicyError('ERR_POLICY_VALUE_LONG', 'a number is no exact 64-bit integer')
  return long
}

function readEntity(json: unknown, name: string): EntityUid {
  const uid = entityUidFromJson(json)
  if (uid.type !== name) throw refuse(`a reference must be to an entity of type \`${name}\``)
  return uid
}

function readExtension<Kind extends ExtensionValue['kind']>(
  json: unknown,
  kind: Kind,
): Extract<ExtensionValue, { kind: Kind }> {
  const escaped = isObject(json) && '__extn' in json ? json['__extn'] : json
  const name = kind === 'ipaddr' ? 'ip' : kind
  const value =
    typeof escaped === 'string' && isConstructor(name) ? constructExtension(name, escaped) : readCall(escaped)
  if (!isOfKind(value, kind)) throw mismatch({ type: kind })
  return value
}

/** `{ fn, arg }`, or `{ fn, args }` as is written for an instant that no literal can say. */
function readCall(json: unknown): ExtensionValue {
  if (!isObject(json) || typeof json['fn'] !== 'string') throw refuse('`__extn` must be an object with `fn` and `arg`')
  const { fn, args } = json
  const list: readonly unknown[] = Array.isArray(args) ? args : [json['arg']]
  if (isConstructor(fn) && list.length === 1 && typeof list[0] === 'string') {
    const value = constructExtension(fn, list[0])
    if (value === undefined) throw refuse(`a text is no \`${fn}\``)
    return value
  }
  if (fn === 'offset' && list.length === 2) return offset(list[0], list[1])
  throw refuse('`__extn` must call `ip`, `decimal`, `datetime`, `duration` with a text, or `offset` with both parts')
}

function offset(start: unknown, by: unknown): DatetimeValue {
  const milliseconds = readExtension(start, 'datetime').milliseconds + readExtension(by, 'duration').milliseconds
  if (!fitsLong(milliseconds)) throw refuse('a datetime does not fit 64 bits')
  return { kind: 'datetime', milliseconds }
}

function isOfKind<Kind extends ExtensionValue['kind']>(
  value: ExtensionValue | undefined,
  kind: Kind,
): value is Extract<ExtensionValue, { kind: Kind }> {
  return value?.kind === kind
}

function datetimeToJson(value: DatetimeValue): unknown {
  const text = extensionText(value)
  if (text !== undefined) return { __extn: { fn: 'datetime', arg: text } }
  const by = extensionText({ kind: 'duration', milliseconds: value.milliseconds })
  const epoch = { __extn: { fn: 'datetime', arg: '1970-01-01' } }
  return { __extn: { fn: 'offset', args: [epoch, { __extn: { fn: 'duration', arg: by } }] } }
}

function ownField<T>(fields: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw refuse('a text has an unpaired surrogate')
  return text
}

function mismatch(type: TypeDefinition): PolicyError {
  return refuse(`a value must be of type \`${type.type === 'Entity' ? type.name : type.type}\``)
}

function refuse(message: string): PolicyError {
  return new PolicyError('ERR_POLICY_VALUE', message)
}
