// What follows from literals that all hold in one request: which terms are equal, between which bounds they lie, which types and
// actions are left; whether the literals exclude each other; and whether they make another one true.
// Sound and not complete: a conflict is one, an implication holds, and what is not found may still be so.

import {
  childrenOf,
  type EntityUid,
  type Expression,
  foldConstants,
  isInRange,
  type IpValue,
  type PatternPart,
} from '@cardea/policy'
import { canonical } from './canonical.ts'
import type { Cube, Literal } from './cubes.ts'
import { actionNames, type Domain, isEmpty, narrow, typesPart } from './domain.ts'
import { createEqualities, type Equalities } from './equalities.ts'
import { keyOf } from './key.ts'
import { addOrder, createOrder, impliesOrder } from './order.ts'
import { createTyping, type Typing } from './typing.ts'

export interface Facts {
  /** True when no request has all of the literals. */
  readonly areImpossible: boolean
  /** True when every request in which the facts are so has the literal, too. */
  readonly implies: (literal: Literal) => boolean
}

/** The facts of a cube, over requests of the typing's domain. Cost: about linear in its literals. */
export function factsOf(cube: Cube, base: Typing): Facts {
  const literals = [...cube.values()]
  const domain = literals.reduce((left, literal) => narrowBy(literal, left, base), base.domain)
  const equalities = createEqualities()
  if (isEmpty(domain) || !literals.every((literal) => equalities.add(literal))) return IMPOSSIBLE
  const typing = domain === base.domain ? base : createTyping(base.schema, domain)
  const isPlain = typing === base && equalities.isEmpty
  /** The node by all that is known of its terms. */
  const seen = ({ node, holds }: Literal): Literal =>
    isPlain ? literalOf(node, holds) : literalOf(canonical(foldConstants(replace(node, equalities)), typing), holds)
  const known = new Map<string, Literal>()
  const order = createOrder()
  const reads = new Set<string>()
  for (const each of literals) {
    const literal = seen(each)
    const { key, node, holds } = literal
    if (node.kind === 'literal' && node.value === holds) continue
    const isOpposite = known.has(key) && known.get(key)?.holds !== holds
    if (node.kind === 'literal' || node.kind === 'fault' || isOpposite || !addOrder(order, literal)) return IMPOSSIBLE
    known.set(key, literal)
    addReads(node, reads)
  }
  const all = [...known.values()]
  const isAbsent = all.some(
    ({ node, holds }) => node.kind === 'has' && !holds && reads.has(attributeKey(node.of, node.path[0])),
  )
  if (isAbsent || rangesExclude(all) || patternsExclude(all)) return IMPOSSIBLE
  return {
    areImpossible: false,
    implies(literal) {
      const given = cube.get(literal.key)
      if (given !== undefined) return given.holds === literal.holds
      const { key, node, holds } = isPlain ? literalOf(canonical(literal.node, typing), literal.holds) : seen(literal)
      if (node.kind === 'literal') return node.value === holds
      const found = known.get(key)
      if (found !== undefined) return found.holds === holds
      if (impliesOrder(order, node, holds) || impliesRange(all, node, holds)) return true
      if (!holds) return false
      // what is read is there, and everything is in itself
      if (node.kind === 'has') return reads.has(attributeKey(node.of, node.path[0]))
      return node.kind === 'in' && keyOf(node.left) === keyOf(node.right) && equalities.knows(node.left)
    },
  }
}

const IMPOSSIBLE: Facts = { areImpossible: true, implies: () => true }

/** Without the `!` that a rewriting may bring to the front. */
function literalOf(node: Expression, holds: boolean): Literal {
  return node.kind === 'not' ? literalOf(node.operand, !holds) : { key: keyOf(node), node, holds }
}

/** The requests that the literal leaves. */
function narrowBy({ node, holds }: Literal, domain: Domain, typing: Typing): Domain {
  const { schema, canBeIn } = typing
  if (node.kind === 'contains' && node.right.kind === 'variable' && node.right.name === 'action') {
    const names = actionNames(entitiesIn(node.left), false, schema)
    return narrow(domain, { actions: holds ? names : domain.actions.difference(names) }, schema)
  }
  if (node.kind === 'is' && node.of.kind === 'variable') {
    const name = node.of.name
    if (name !== 'principal' && name !== 'resource') return domain
    const types = name === 'principal' ? domain.principals : domain.resources
    const named = new Set([node.type])
    return narrow(domain, typesPart(name, holds ? named : types.difference(named)), schema)
  }
  if (!holds || (node.kind !== 'equal' && node.kind !== 'in')) return domain
  let left = domain
  for (const [one, other] of [
    [node.left, node.right],
    [node.right, node.left],
  ] as const) {
    if (one.kind !== 'variable' || (one.name !== 'principal' && one.name !== 'resource')) continue
    const typed = left === typing.domain ? typing : createTyping(schema, left)
    const types = typed.entityTypesOf(other)
    if (types === undefined || (node.kind === 'in' && one !== node.left)) continue
    const own = one.name === 'principal' ? left.principals : left.resources
    const fits = (type: string): boolean =>
      types.has(type) || (node.kind === 'in' && [...types].some((holder) => canBeIn(type, holder)))
    left = narrow(left, typesPart(one.name, new Set([...own].filter(fits))), schema)
  }
  return left
}

function entitiesIn(node: Expression): EntityUid[] {
  if (node.kind !== 'literal' || typeof node.value !== 'object' || node.value.kind !== 'set') return []
  return node.value.elements.flatMap((each) => (typeof each === 'object' && each.kind === 'entity' ? [each] : []))
}

/** Equal terms become one term, or the constant that they are. */
function replace(node: Expression, equalities: Equalities): Expression {
  const known = equalities.representative(node)
  if (known !== undefined && known !== node) return known
  const inner = (part: Expression): Expression => replace(part, equalities)
  switch (node.kind) {
    case 'literal':
    case 'variable':
    case 'fault':
      return node
    case 'not':
    case 'negate':
    case 'isEmpty':
      return { ...node, operand: inner(node.operand) }
    case 'if':
      return { ...node, test: inner(node.test), then: inner(node.then), else: inner(node.else) }
    case 'attribute':
    case 'has':
    case 'like':
      return { ...node, of: inner(node.of) }
    case 'is':
      return { ...node, of: inner(node.of), ...(node.in === undefined ? {} : { in: inner(node.in) }) }
    case 'set':
      return { ...node, elements: node.elements.map(inner) }
    case 'record':
      return { ...node, fields: new Map([...node.fields].map(([name, field]) => [name, inner(field)])) }
    case 'call':
      return { ...node, arguments: node.arguments.map(inner) }
    default:
      return { ...node, left: inner(node.left), right: inner(node.right) }
  }
}

/** Addresses are in two ranges at once only if one holds the other. */
function rangesExclude(literals: readonly Literal[]): boolean {
  return somePair(rangesIn(literals), (one, other) => {
    if (one.term !== other.term) return false
    if (one.holds && other.holds) return areDisjoint(one.range, other.range)
    return (
      one.holds !== other.holds && (one.holds ? isInRange(one.range, other.range) : isInRange(other.range, one.range))
    )
  })
}

function impliesRange(literals: readonly Literal[], node: Expression, holds: boolean): boolean {
  const [asked] = rangesIn([{ key: '', node, holds }])
  if (asked === undefined) return false
  return rangesIn(literals).some((known) => {
    if (known.term !== asked.term) return false
    if (known.holds) return holds ? isInRange(known.range, asked.range) : areDisjoint(known.range, asked.range)
    return !holds && isInRange(asked.range, known.range)
  })
}

interface Range {
  readonly term: string
  readonly range: IpValue
  readonly holds: boolean
}

function rangesIn(literals: readonly Literal[]): readonly Range[] {
  return literals.flatMap(({ node, holds }) => {
    if (node.kind !== 'call' || node.function !== 'isInRange') return []
    const [address, range] = node.arguments
    if (address === undefined || range?.kind !== 'literal') return []
    const { value } = range
    return typeof value === 'object' && value.kind === 'ipaddr' ? [{ term: keyOf(address), range: value, holds }] : []
  })
}

function areDisjoint(one: IpValue, other: IpValue): boolean {
  return !isInRange(one, other) && !isInRange(other, one)
}

/** A text begins in one way and ends in one way. */
function patternsExclude(literals: readonly Literal[]): boolean {
  const patterns = literals.flatMap(({ node, holds }) => (node.kind === 'like' && holds ? [node] : []))
  return somePair(patterns, (one, other) => {
    if (keyOf(one.of) !== keyOf(other.of)) return false
    const [start, otherStart] = [textAt(one.pattern, 0), textAt(other.pattern, 0)]
    const [end, otherEnd] = [textAt(one.pattern, -1), textAt(other.pattern, -1)]
    return (
      (!start.startsWith(otherStart) && !otherStart.startsWith(start)) ||
      (!end.endsWith(otherEnd) && !otherEnd.endsWith(end))
    )
  })
}

function textAt(pattern: readonly PatternPart[], index: 0 | -1): string {
  const part = pattern.at(index)
  return part?.kind === 'text' ? part.text : ''
}

function somePair<T>(all: readonly T[], exclude: (one: T, other: T) => boolean): boolean {
  return all.some((one, index) => all.slice(index + 1).some((other) => exclude(one, other)))
}

/** Attributes that are read in every evaluation of the node: not behind an operator that may leave a side out. */
function addReads(node: Expression, reads: Set<string>): void {
  if (node.kind === 'attribute') reads.add(keyOf(node))
  if (node.kind === 'and' || node.kind === 'or') return addReads(node.left, reads)
  if (node.kind === 'if') return addReads(node.test, reads)
  if (node.kind === 'is') return addReads(node.of, reads)
  for (const child of childrenOf(node)) addReads(child, reads)
}

function attributeKey(of: Expression, name = ''): string {
  return keyOf({ kind: 'attribute', of, name, span: of.span })
}
