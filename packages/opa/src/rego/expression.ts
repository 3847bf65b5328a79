// Expressions as Rego terms: undefined where Cedar errs, else the value. Strict operators are calls, which Rego leaves undefined with
// any of their arguments; operands that Cedar may skip are lists, [value] or [], which are never undefined.

import type { Binary, Expression, ExpressionKind, Has, NodeOf, Variable } from '@cardea/policy'
import { callTerm } from './call.ts'
import { patternTerm } from './pattern.ts'
import { entityTerm, fieldTerm, objectTerm, setTerm, textTerm, valueTerm } from './term.ts'

/** Where terms that would be nested too deeply are kept as rules of their own. */
export interface Parts {
  /** Adds a rule with this value, and answers its name. */
  add(term: string): string
}

/** The term of the expression. Throws `ERR_OPA_CONSTRUCT`, with the place. */
export function expressionTerm(node: Expression, parts: Parts, level: number = 0, indent: string = ''): string {
  if (level === DEEPEST && !isFlat(node)) return parts.add(expressionTerm(node, parts))
  const writer: Writer = {
    indent,
    term: (child) => expressionTerm(child, parts, level + 1, indent),
    lazy: (child) => `[value | value := ${expressionTerm(child, parts, level + 1, `${indent}\t`)}]`,
    name: (child) => parts.add(expressionTerm(child, parts)),
  }
  return write(node.kind, node, writer)
}

/** Levels of terms in one rule: OPA's compiler takes more than linear time for what is nested more deeply. */
const DEEPEST = 8

interface Writer {
  readonly indent: string
  readonly term: (node: Expression) => string
  /** An operand that may not be evaluated. */
  readonly lazy: (node: Expression) => string
  /** The name of a rule with the value. */
  readonly name: (node: Expression) => string
}

type Write<Kind extends ExpressionKind> = (node: NodeOf<Kind>, writer: Writer) => string

const WRITERS: { readonly [Kind in ExpressionKind]: Write<Kind> } = {
  literal: ({ value }) => valueTerm(value),
  variable: ({ name }) => `input.${name}`,
  not: ({ operand, span }, { term }) =>
    operand.kind === 'equal' || operand.kind === 'notEqual'
      ? term({ ...operand, kind: operand.kind === 'equal' ? 'notEqual' : 'equal', span })
      : `cedar.negation(${term(operand)})`,
  negate: ({ operand }, { term }) => `cedar.negated(${term(operand)})`,
  isEmpty: ({ operand }, { term }) => `cedar.is_empty(${term(operand)})`,
  and: (node, writer) => chain('conjunction', node, writer),
  or: (node, writer) => chain('disjunction', node, writer),
  equal: (node, { term }) => compared(node, '==', term) ?? `cedar.same(${term(node.left)}, ${term(node.right)})`,
  notEqual: (node, { term }) =>
    compared(node, '!=', term) ?? `cedar.negation(cedar.same(${term(node.left)}, ${term(node.right)}))`,
  less: binary('less'),
  lessEqual: binary('less_or_equal'),
  greater: mirrored('less'),
  greaterEqual: mirrored('less_or_equal'),
  add: binary('added'),
  subtract: binary('subtracted'),
  multiply: binary('multiplied'),
  in: (node, { term }) => lineageTerm(node) ?? `cedar.within(${term(node.left)}, ${term(node.right)})`,
  contains: binary('holds'),
  containsAll: binary('holds_all'),
  containsAny: binary('holds_any'),
  getTag: ({ left, right }, { term }) =>
    isOwn(left) ? `cedar.own_tag(${left.name}.tags, ${term(right)})` : `cedar.tag(${term(left)}, ${term(right)})`,
  hasTag: ({ left, right }, { term }) =>
    isOwn(left)
      ? `cedar.has_own_tag(${left.name}.tags, ${term(right)})`
      : `cedar.has_tag(${term(left)}, ${term(right)})`,
  if: ({ test, then, else: otherwise }, { term, lazy }) =>
    `cedar.choice(${term(test)}, ${lazy(then)}, ${lazy(otherwise)})`,
  attribute({ of, name }, { term }) {
    if (isOwn(of)) return `${of.name}.attributes${fieldTerm(name)}`
    const isContext = of.kind === 'variable' && of.name === 'context'
    return isContext ? `input.context${fieldTerm(name)}` : `cedar.attribute(${term(of)}, ${textTerm(name)})`
  },
  has: (node, writer) => hasTerm(node, writer),
  like: ({ of, pattern }, { term }) => `cedar.like(${term(of)}, ${patternTerm(pattern)})`,
  is: ({ of, type, in: holder }, { term, lazy }) =>
    holder === undefined
      ? `cedar.is_of_type(${term(of)}, ${textTerm(type)})`
      : `cedar.is_of_type_within(${term(of)}, ${textTerm(type)}, ${lazy(holder)})`,
  set: ({ elements }, { term }) => setTerm(elements.map(term)),
  record: ({ fields }, { term }) => objectTerm([...fields].map(([name, field]) => [name, term(field)])),
  call: (node, { term }) => callTerm(node, node.arguments.map(term)),
  fault: () => 'cedar.error',
}

function write<Kind extends ExpressionKind>(kind: Kind, node: NodeOf<Kind>, writer: Writer): string {
  const writeKind: Write<Kind> = WRITERS[kind]
  return writeKind(node, writer)
}

function binary(name: string): (node: Binary, writer: Writer) => string {
  return ({ left, right }, { term }) => `cedar.${name}(${term(left)}, ${term(right)})`
}

/** Both sides are always evaluated, so `a > b` is `b < a`. */
function mirrored(name: string): (node: Binary, writer: Writer) => string {
  return ({ left, right }, { term }) => `cedar.${name}(${term(right)}, ${term(left)})`
}

/** Rego refuses to compare what it knows to be of different types; of a part of the request it knows nothing. */
function compared({ left, right }: Binary, sign: '==' | '!=', term: (node: Expression) => string): string | undefined {
  return isReference(left) || isReference(right) ? `${term(left)} ${sign} ${term(right)}` : undefined
}

/** Of the principal and of the resource it is known before what they are in. */
function lineageTerm({ left, right }: Binary): string | undefined {
  if (!isOwn(left) || right.kind !== 'literal') return undefined
  const { value } = right
  return typeof value === 'object' && value.kind === 'entity'
    ? `${entityTerm(value)} in input.lineage.${left.name}`
    : undefined
}

function isReference(node: Expression): boolean {
  return (
    node.kind === 'variable' || (node.kind === 'attribute' && node.of.kind === 'variable' && node.of.name !== 'action')
  )
}

function chain(name: 'conjunction' | 'disjunction', node: Binary, { indent, lazy }: Writer): string {
  return chained(name, chainOf(node).map(lazy), indent)
}

function chained(name: 'conjunction' | 'disjunction', operands: readonly string[], indent: string): string {
  return `cedar.${name}([\n${operands.map((operand) => `${indent}\t${operand},\n`).join('')}${indent}])`
}

/** The operands of a left-leaning chain, in order. */
function chainOf(node: Binary): readonly Expression[] {
  const parts = [node.right]
  let { left } = node
  while (left.kind === node.kind && 'left' in left) {
    parts.push(left.right)
    left = left.left
  }
  return [...parts, left].toReversed()
}

/** `x has a.b.c` is `x has a && x.a has b && ...`; what stands before the path is written once. */
function hasTerm({ of, path }: Has, { indent, term, name }: Writer): string {
  const [first = '', ...rest] = path
  if (isOwn(of)) return hasPath(`${of.name}.attributes`, `${of.name}.attributes${fieldTerm(first)}`, path, indent)
  const holder = rest.length === 0 || isFlat(of) ? term(of) : name(of)
  return hasPath(holder, `cedar.attribute(${holder}, ${textTerm(first)})`, path, indent)
}

/** `next`: what the first name of the path leads to. */
function hasPath(holder: string, next: string, path: readonly string[], indent: string): string {
  const [first = '', ...rest] = path
  const steps = [`cedar.has(${holder}, ${textTerm(first)})`]
  let reached = next
  for (const name of rest) {
    steps.push(`cedar.has(${reached}, ${textTerm(name)})`)
    reached = `cedar.attribute(${reached}, ${textTerm(name)})`
  }
  const operands = steps.map((step) => `[value | value := ${step}]`)
  return operands.length === 1 ? steps.join('') : chained('conjunction', operands, indent)
}

/** The two whose entities the request itself holds, also where they have one uid. */
function isOwn(node: Expression): node is Variable & { readonly name: 'principal' | 'resource' } {
  return node.kind === 'variable' && (node.name === 'principal' || node.name === 'resource')
}

/** Without an operand that would have to be nested. */
function isFlat(node: Expression): boolean {
  return node.kind === 'literal' || node.kind === 'variable' || node.kind === 'fault' || isReference(node)
}
