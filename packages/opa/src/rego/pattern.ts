// `like` patterns as regular expressions of RE2, which Rego has: linear in the text, whatever the pattern.

import type { PatternPart } from '@cardea/policy'
import { textTerm } from './term.ts'

/** The term of an expression that matches the whole of exactly those texts that the pattern matches. */
export function patternTerm(pattern: readonly PatternPart[]): string {
  const source = pattern.map((part) => (part.kind === 'wildcard' ? '.*' : quote(part.text))).join('')
  const expression = `^(?s:${source})$`
  return /^[ -_a-~]*$/.test(expression) ? `\`${expression}\`` : textTerm(expression)
}

function quote(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&').replace(/\p{Cc}/gu, (control) => `\\x{${hex(control)}}`)
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16)
}
