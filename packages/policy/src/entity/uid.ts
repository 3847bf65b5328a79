// Entity references and their text, `Type::"id"` with the type's namespaces before it.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-grammar.html (Entity)

import { quoteText, unquoteText } from '../value/text.ts'
import type { EntityUid } from '../value/value.ts'

const TYPE = /^[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*$/

/** `Type` or `Namespace::Type`. Does not ask whether a word in it is reserved. */
export function isTypeName(text: string): boolean {
  return TYPE.test(text)
}

export function entityUid(type: string, id: string): EntityUid {
  return { kind: 'entity', type, id }
}

/** `User::"ann"`, with the id escaped as in a policy. The text of two references is equal exactly when they are. */
export function formatEntityUid(uid: EntityUid): string {
  return `${uid.type}::${quoteText(uid.id)}`
}

/** The reference that the text says, or `undefined`. Only the exact form: no spaces, no comments. */
export function parseEntityUid(text: string): EntityUid | undefined {
  const quote = text.indexOf('::"')
  if (quote === -1) return undefined
  const type = text.slice(0, quote)
  const id = unquoteText(text.slice(quote + 2))
  return id === undefined || !TYPE.test(type) ? undefined : entityUid(type, id)
}

/** True when both name the same entity. */
export function sameEntity(left: EntityUid, right: EntityUid): boolean {
  return left.id === right.id && left.type === right.type
}
