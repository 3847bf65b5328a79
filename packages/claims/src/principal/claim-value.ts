// A Cedar value as a claim, as short as its type allows: a reference is its id, an extension value its text. The schema says
// both ways what a claim means, so nothing in a token can choose its own type.

import { type EntityUid, entityUid, recordValue, setValue, type TypeDefinition, type Value } from '@cardea/policy'
import { valueFromJson, valueToJson } from '@cardea/policy/json'
import { ClaimsError } from '../errors.ts'
import { CLAIMS_LIMITS } from '../limits.ts'

/** Throws `ERR_CLAIMS_ATTRIBUTE` when the value is not of the type. */
export function claimOfValue(value: Value, type: TypeDefinition): unknown {
  switch (type.type) {
    case 'Entity':
      if (!isKind(value, 'entity') || value.type !== type.name) throw mismatch(type)
      return value.id
    case 'Set':
      if (!isKind(value, 'set')) throw mismatch(type)
      return value.elements.map((element) => claimOfValue(element, type.element))
    case 'Record':
      if (!isKind(value, 'record')) throw mismatch(type)
      return Object.fromEntries(
        [...value.fields].map(([name, field]) => {
          const fieldType = ownField(type.attributes, name)
          if (fieldType === undefined) throw mismatch(type)
          return [name, claimOfValue(field, fieldType)]
        }),
      )
    default: {
      const json = valueToJson(value)
      const text = isObject(json) && isObject(json['__extn']) ? json['__extn']['arg'] : undefined
      // read back, so that a value of another type is found where it is packed and not where it is used
      valueOfClaim(text ?? json, type)
      return text ?? json
    }
  }
}

/** Throws `ERR_CLAIMS_ATTRIBUTE` when the claim is not of the type; the message never holds it. */
export function valueOfClaim(claim: unknown, type: TypeDefinition, depth: number = MAXIMUM_DEPTH): Value {
  if (depth === 0) throw mismatch(type)
  switch (type.type) {
    case 'Entity':
      return referenceOf(claim, type.name)
    case 'Set':
      if (!Array.isArray(claim)) throw mismatch(type)
      return setValue(claim.map((element: unknown) => valueOfClaim(element, type.element, depth - 1)))
    case 'Record':
      return recordValue(recordFields(claim, type, depth))
    default:
      try {
        return valueFromJson(claim, type)
      } catch (cause) {
        throw mismatch(type, cause)
      }
  }
}

/** A usable id: a well-formed text, not empty and not longer than the limit. */
export function isEntityId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= CLAIMS_LIMITS.idLength && value.isWellFormed()
}

export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object's own member; never one of its prototype. */
export function ownField<T>(object: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

const MAXIMUM_DEPTH = 32

function recordFields(
  claim: unknown,
  type: TypeDefinition & { readonly type: 'Record' },
  depth: number,
): readonly (readonly [string, Value])[] {
  if (!isObject(claim)) throw mismatch(type)
  for (const [name, field] of Object.entries(type.attributes)) {
    if (field.optional !== true && !Object.hasOwn(claim, name)) throw mismatch(type)
  }
  return Object.entries(claim).map(([name, field]) => {
    const fieldType = ownField(type.attributes, name)
    if (fieldType === undefined) throw mismatch(type)
    return [name, valueOfClaim(field, fieldType, depth - 1)] as const
  })
}

function referenceOf(claim: unknown, type: string): EntityUid {
  if (!isEntityId(claim)) throw mismatch({ type: 'Entity', name: type })
  return entityUid(type, claim)
}

function isKind<K extends 'entity' | 'set' | 'record'>(value: Value, kind: K): value is Extract<Value, { kind: K }> {
  return typeof value === 'object' && value.kind === kind
}

function mismatch(type: TypeDefinition, cause?: unknown): ClaimsError {
  const name = type.type === 'Entity' ? type.name : type.type
  return new ClaimsError('ERR_CLAIMS_ATTRIBUTE', `an attribute must be of type \`${name}\``, { cause })
}
