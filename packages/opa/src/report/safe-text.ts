// Texts of a report as they may be kept: nothing that looks like a token or a credential, no control character, no endless text.

import { boundedText } from '@cardea/feed'
import type { JsonValue } from '@cardea/token'

/**
 * A JWS, a JWE or the beginning of one (`{"` in base64url is `eyJ`; with space or a line end behind the bracket it begins with `ey` or `ew`), and what
 * stands behind the name of a scheme. rego/mask.rego has the same. Linear: a match begins at `eyJ`, or where a word does.
 */
const TOKEN = /eyJ[\w-]{8,}(?:\.[\w-]*)*|(?<![\w-])e[wy][\w-]{8,}\.[\w-]+\.[\w-]*(?:\.[\w-]*)*/g
const CREDENTIAL = /\b(?:bearer|dpop|basic)\s+[\w.~+/=-]{16,}/gi

/** The text, or `undefined` for what is none. */
export function safeText(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string') return undefined
  return boundedText(value.replaceAll(CREDENTIAL, '[token]').replaceAll(TOKEN, '[token]'))
}

/** Up to `most` of the texts of a list; what is none is left out. */
export function safeTexts(value: JsonValue | undefined, most: number): readonly string[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, most).flatMap((item: JsonValue) => safeText(item) ?? [])
}
