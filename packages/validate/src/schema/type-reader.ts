// Types of Cedar's JSON schema format. A named type is read once and then shared; what it expands to is counted all the same,
// because a definition is written out as text, and thirty small types can stand for a thousand million.

import type { Annotations, AttributeDefinition, PrimitiveTypeName, TypeDefinition } from '@cardea/policy'
import { ValidateError } from '../errors.ts'

/** Reads a type. Errors: `ERR_VALIDATE_SCHEMA_LIMIT` when all types together expand to too much, `ERR_VALIDATE_SCHEMA` for a form that is unknown. */
export type ReadType = (json: unknown) => TypeDefinition

interface Sized {
  readonly type: TypeDefinition
  /** Types in it, itself included. */
  readonly size: number
}

/** `common` are the named types, by full name; `limit` counts what they expand to. */
export function createTypeReader(common: ReadonlyMap<string, unknown>, limit: number): ReadType {
  const known = new Map<string, Sized>()
  const open = new Set<string>()
  let total = 0
  return (json) => {
    const { type, size } = read(json)
    total += size
    checkSize(total)
    return type
  }

  function read(json: unknown): Sized {
    if (!isObject(json)) throw unknownForm()
    const name = json['type']
    if (typeof name !== 'string') throw unknownForm()
    // a common type hides a type of the language with its name
    if (common.has(name)) return readCommon(name)
    switch (name) {
      case 'Set': {
        const { type: element, size } = read(json['element'])
        return sized({ type: 'Set', element }, size)
      }
      case 'Record':
        return readRecord(json['attributes'])
      case 'Entity':
        if (typeof json['name'] !== 'string') throw unknownForm()
        return sized({ type: 'Entity', name: json['name'] }, 0)
      case 'Extension':
        return readPrimitive(json['name'])
      default:
        return readPrimitive(name)
    }
  }

  function readCommon(name: string): Sized {
    const before = known.get(name)
    if (before !== undefined) return before
    // types that contain themselves were refused by Cedar; this must end even so
    if (open.has(name)) throw unknownForm()
    open.add(name)
    const type = read(common.get(name))
    open.delete(name)
    known.set(name, type)
    return type
  }

  function readRecord(json: unknown): Sized {
    if (!isObject(json)) throw unknownForm()
    let size = 0
    const attributes = Object.entries(json).map(([name, attribute]): [string, AttributeDefinition] => {
      const read = readAttribute(attribute)
      size += read.size
      return [name, read.type]
    })
    return sized({ type: 'Record', attributes: Object.fromEntries(attributes) }, size)
  }

  function readAttribute(json: unknown): { readonly type: AttributeDefinition; readonly size: number } {
    const { type, size } = read(json)
    if (!isObject(json)) return { type, size }
    const { required, annotations } = json
    return {
      type: {
        ...type,
        ...(required === false ? { optional: true as const } : {}),
        ...(isAnnotations(annotations) ? { annotations } : {}),
      },
      size,
    }
  }

  function readPrimitive(name: unknown): Sized {
    const primitive = typeof name === 'string' ? PRIMITIVES.get(name.replace(/^__cedar::/, '')) : undefined
    if (primitive === undefined) throw unknownForm()
    return sized({ type: primitive }, 0)
  }

  function sized(type: TypeDefinition, inner: number): Sized {
    checkSize(inner)
    return { type, size: inner + 1 }
  }

  function checkSize(types: number): void {
    if (types <= limit) return
    throw new ValidateError('ERR_VALIDATE_SCHEMA_LIMIT', `the schema expands to more than ${limit} types`, {
      hint: 'named types that hold each other several times multiply; use entities, or fewer levels',
    })
  }
}

function unknownForm(): ValidateError {
  return new ValidateError('ERR_VALIDATE_SCHEMA', 'the schema has a type in a form that is not known')
}

const PRIMITIVES: ReadonlyMap<string, PrimitiveTypeName> = new Map([
  ['Bool', 'Bool'],
  ['Boolean', 'Bool'],
  ['Long', 'Long'],
  ['String', 'String'],
  ['decimal', 'decimal'],
  ['ipaddr', 'ipaddr'],
  ['datetime', 'datetime'],
  ['duration', 'duration'],
])

function isObject(json: unknown): json is { readonly [name: string]: unknown } {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function isAnnotations(json: unknown): json is Annotations {
  return isObject(json) && Object.keys(json).length > 0 && Object.values(json).every((text) => typeof text === 'string')
}
