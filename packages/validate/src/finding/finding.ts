// What a finding of Cedar's is told with: the policy it is about, the node it points at, and what the schema says.

import {
  childrenOf,
  type Expression,
  nearMiss,
  type Policy,
  type Problem,
  type SchemaDefinition,
  type Span,
} from '@cardea/policy'
import type { ValidateErrorCode } from '../errors.ts'
import { createTypes, type Types } from './types.ts'

export interface Finding {
  readonly policy: Policy
  readonly definition: SchemaDefinition
  readonly types: Types
  /** Where Cedar points; the whole policy when it points nowhere. */
  readonly span: Span
  /** The node that begins and ends there, and the nodes around it, the nearest first. */
  readonly node: Expression | undefined
  readonly around: readonly Expression[]
  /** Source text of the policy's file. */
  readonly textOf: (span: Span) => string
}

/** A problem without what is the same for all of its kind. */
export type Told = Omit<Problem, 'code' | 'severity'> & { readonly code: ValidateErrorCode }

/** `text` is the policy's own, from where its span begins. */
export function createFinding(policy: Policy, definition: SchemaDefinition, span: Span, text: string): Finding {
  const [node, ...around] = pathTo(policy, span)
  const isNode = node?.span.start === span.start && node.span.end === span.end
  return {
    policy,
    definition,
    types: createTypes(policy, definition),
    span,
    node: isNode ? node : undefined,
    around: isNode || node === undefined ? around : [node, ...around],
    textOf: ({ start, end }) => text.slice(start - policy.span.start, end - policy.span.start),
  }
}

/** The nodes that hold the place, from the inside out. */
function pathTo({ conditions }: Policy, place: Span): readonly Expression[] {
  const path: Expression[] = []
  let nodes: readonly Expression[] = conditions.map(({ body }) => body)
  for (;;) {
    const next = nodes.find(({ span }) => span.start <= place.start && place.end <= span.end)
    if (next === undefined) return path
    path.unshift(next)
    nodes = childrenOf(next)
  }
}

/** What to say beside a name that is not there: the one that was meant, or all that are. */
export function instead(
  name: string,
  names: readonly string[],
  place: Span,
  what: string,
): Pick<Problem, 'hint' | 'suggestion'> {
  const near = nearMiss(name, names)
  if (near !== undefined) return meant(near, place)
  if (names.length === 0) return { hint: `there are no ${what}` }
  // in another namespace the whole differs much, and the name not at all
  const own = lastPart(name)
  const same = names.filter((known) => lastPart(known) === own)
  const [only] = same
  if (only !== undefined && same.length === 1) return meant(only, place)
  return { hint: allOf(names, what) }
}

export function meant(name: string, place: Span): Pick<Problem, 'hint' | 'suggestion'> {
  return { hint: `did you mean \`${name}\`?`, suggestion: { span: place, text: name } }
}

/** `the actions are ...`, not too many of them. */
export function allOf(names: readonly string[], what: string): string {
  const shown = names.slice(0, MOST_NAMES).map((known) => `\`${known}\``)
  return `the ${what} are ${shown.join(', ')}${names.length > MOST_NAMES ? ', ...' : ''}`
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('::') + 1)
}

const MOST_NAMES = 8

/** The end of a place, as long as the text. */
export function endOf(span: Span, length: number): Span {
  return { ...span, start: span.end - length }
}

/** An empty place before the given one. */
export function before(span: Span): Span {
  return { ...span, end: span.start }
}
