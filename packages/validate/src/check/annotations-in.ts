// The annotations of a text, policies or a schema, with their places: neither Cedar's schema nor a parsed policy says where one stands.

import { parseExpression, type Span } from '@cardea/policy'
import type { AnnotationPlace } from '@cardea/policy/annotation'
import type { Source } from './source.ts'

export interface FoundAnnotation {
  readonly name: string
  readonly value: string
  readonly on: AnnotationPlace
  /** From the `@` to the end of the value. */
  readonly span: Span
}

/** All annotations in order, of a text that Cedar accepts; of another, those that can be made out. Cost: linear. */
export function annotationsIn({ file, text }: Source): readonly FoundAnnotation[] {
  const tokens = [...text.matchAll(TOKEN)]
    .filter(({ 0: token }) => !/^(?:\s|\/\/)/.test(token))
    .map(({ 0: token, index }) => ({ token, start: index, end: index + token.length }))
  const tokenAt = (at: number): string => tokens[at]?.token ?? ''
  const found: FoundAnnotation[] = []
  let waiting: Omit<FoundAnnotation, 'on'>[] = []
  for (let at = 0; at < tokens.length; at++) {
    const start = tokens[at]?.start ?? 0
    if (tokenAt(at) === '@' && IDENTIFIER.test(tokenAt(at + 1))) {
      const hasValue = tokenAt(at + 2) === '(' && tokenAt(at + 3).startsWith('"')
      const last = at + (hasValue ? 4 : 1)
      const span = { file, start, end: tokens[last]?.end ?? text.length }
      waiting.push({ name: tokenAt(at + 1), value: hasValue ? textOf(tokenAt(at + 3)) : '', span })
      at = last
    } else if (waiting.length > 0) {
      const on = placeOf(tokenAt(at), tokenAt(at + 1))
      if (on !== undefined) found.push(...waiting.map((annotation) => ({ ...annotation, on })))
      waiting = []
    }
  }
  return found
}

/** Comments and strings are tokens of their own, so that nothing in them counts. */
const TOKEN = /\/\/[^\n]*|\s+|"(?:[^"\\]|\\[\s\S])*"|[A-Za-z_]\w*|\S/g
const IDENTIFIER = /^[A-Za-z_]\w*$/

const PLACES: ReadonlyMap<string, AnnotationPlace> = new Map([
  ['permit', 'policy'],
  ['forbid', 'policy'],
  ['action', 'action'],
  ['entity', 'entity type'],
  ['type', 'common type'],
  ['namespace', 'namespace'],
])

/** An attribute may be named `action`: what follows tells. */
function placeOf(token: string, next: string): AnnotationPlace | undefined {
  return next === ':' || next === '?' ? 'attribute' : PLACES.get(token)
}

/** What a string literal means. */
function textOf(literal: string): string {
  const { expression } = parseExpression(literal)
  return expression?.kind === 'literal' && typeof expression.value === 'string' ? expression.value : ''
}
