// What a guard reads of a schema's contexts beyond Cedar's own meaning: names that only a guard fills in.

import { type Problem, RESERVED_CONTEXT, RESERVED_CONTEXT_TYPES, type SchemaDefinition } from '@cardea/policy'
import { problemOf } from '../errors.ts'
import { type Declaration, outlineOf } from '../schema/outline.ts'
import type { Source } from './source.ts'

/** Reserved context of another type than a guard sets. */
export function checkGuarded({ actions }: SchemaDefinition, { file, text }: Source): readonly Problem[] {
  let outline: readonly Declaration[] | undefined
  const find = (action: string): Declaration | undefined =>
    (outline ??= outlineOf(text)).find(({ kind, name }) => kind === 'action' && name === action)
  return Object.entries(actions).flatMap(([action, { context }]) => {
    const found: Problem[] = []
    for (const name of RESERVED_CONTEXT) {
      const type = Object.hasOwn(context, name) ? context[name]?.type : undefined
      const expected = RESERVED_CONTEXT_TYPES[name]
      if (type === undefined || type === expected) continue
      const message = `the context \`${name}\` of the action \`${action}\` must be of type \`${expected}\``
      const details = { span: { file, ...placeOf(find(action), name) }, label: `not \`${expected}\``, hint: OWN_NAME }
      found.push(problemOf('ERR_VALIDATE_SCHEMA_CONTEXT', message, details))
    }
    return found
  })
}

const OWN_NAME = 'a guard sets it; use another name for your own'

/** The word in the declaration, or the name of the action where a named type holds it. */
function placeOf(declaration: Declaration | undefined, word: string): { readonly start: number; readonly end: number } {
  const token = declaration?.tokens.findLast(({ text }) => text === word || text === `"${word}"`)
  const { start, end } = token ?? declaration ?? { start: 0, end: 0 }
  return { start, end }
}
