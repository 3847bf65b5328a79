// Pieces of Cedar text: string literals and names, written in any of the ways that mean the same, and schemas.

import type { AttributeDefinitions, SchemaDefinition, TypeDefinition } from '@cardea/policy'
import type { Random } from './random.ts'

const NAMED: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\0', '\\0'],
])
const RESERVED = new Set(['if', 'then', 'else', 'true', 'false', 'in', 'is', 'like', 'has', '__cedar'])

export function isName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && !RESERVED.has(text)
}

/** A string literal. With a source of choices, some characters that need no escape have one. */
export function quoted(text: string, random?: Random): string {
  let literal = ''
  for (const character of text) literal += quotedCharacter(character, random)
  return `"${literal}"`
}

export function quotedCharacter(character: string, random?: Random): string {
  const named = NAMED.get(character)
  const code = character.codePointAt(0) ?? 0
  if (named !== undefined) return named
  if (code < 0x20 || code === 0x7f || random?.chance(0.04) === true) {
    return random?.chance(0.5) === true && code < 0x80
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u{${code.toString(16)}}`
  }
  return character
}

/** `{ type, id }` as it stands in a policy. */
export function reference({ type, id }: { readonly type: string; readonly id: string }, random?: Random): string {
  return `${type}::${quoted(id, random)}`
}

/** The schema as text. */
export function schemaText({ entities, actions }: SchemaDefinition): string {
  const byNamespace = new Map<string, string[]>()
  const add = (name: string, write: (base: string) => string): void => {
    const [namespace, base] = splitName(name)
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), write(base)])
  }
  for (const [name, type] of Object.entries(entities)) {
    add(name, (base) => {
      if (type.enum !== undefined) return `entity ${base} enum [${type.enum.map((id) => quoted(id)).join(', ')}];`
      const parents = type.parents.length === 0 ? '' : ` in [${type.parents.join(', ')}]`
      const tags = type.tags === undefined ? '' : ` tags ${typeText(type.tags)}`
      return `entity ${base}${parents} ${fieldsText(type.attributes)}${tags};`
    })
  }
  for (const { uid, memberOf, principals, resources, context } of Object.values(actions)) {
    add(uid.type, () => {
      const groups = memberOf.length === 0 ? '' : ` in [${memberOf.map((group) => reference(group)).join(', ')}]`
      const applies =
        principals.length === 0
          ? ''
          : ` appliesTo { principal: [${principals.join(', ')}], resource: [${resources.join(', ')}], context: ${fieldsText(context)} }`
      return `action ${quoted(uid.id)}${groups}${applies};`
    })
  }
  return [...byNamespace]
    .map(([name, lines]) => (name === '' ? lines.join('\n') : `namespace ${name} {\n${lines.join('\n')}\n}`))
    .join('\n')
}

function splitName(name: string): [namespace: string, base: string] {
  const at = name.lastIndexOf('::')
  return at === -1 ? ['', name] : [name.slice(0, at), name.slice(at + 2)]
}

function typeText(type: TypeDefinition): string {
  switch (type.type) {
    case 'Entity':
      return type.name
    case 'Set':
      return `Set<${typeText(type.element)}>`
    case 'Record':
      return fieldsText(type.attributes)
    default:
      return `__cedar::${type.type}`
  }
}

function fieldsText(attributes: AttributeDefinitions): string {
  const fields = Object.entries(attributes).map(
    ([name, type]) => `${quoted(name)}${type.optional === true ? '?' : ''}: ${typeText(type)}`,
  )
  return `{ ${fields.join(', ')} }`
}
