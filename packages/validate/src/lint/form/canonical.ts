// One form for the many ways to write a condition: `a != b` is `!(a == b)`, `a >= b` is `!(a < b)`, operands of commutative operators
// and elements of sets are sorted, `in [A, B]` is `in A || in B`, and what the schema decides is `true` or `false`.
// INVARIANT: the canonical expression has the value of the given one, or errs as it does, for every checked request in the domain.

import type { Binary, Call, EntityUid, Expression, ExtensionFunction, Literal, SetLiteral, Value } from '@cardea/policy'
import { setValue } from '@cardea/policy'
import { actionNames } from './domain.ts'
import { keyOf } from './key.ts'
import { attributesOf, isHeld, type Typing } from './typing.ts'

/** A list beyond this is kept as a list. */
const EXPANDED_ELEMENTS = 16

/** The canonical form of an expression whose constants are folded. */
export function canonical(node: Expression, typing: Typing): Expression {
  const inner = (part: Expression): Expression => canonical(part, typing)
  switch (node.kind) {
    case 'literal':
    case 'variable':
    case 'fault':
      return node
    case 'not':
      return not(inner(node.operand), node)
    case 'negate':
    case 'isEmpty':
      return { ...node, operand: inner(node.operand) }
    case 'and':
    case 'or':
      return logic({ ...node, left: inner(node.left), right: inner(node.right) }, typing)
    case 'equal':
      return equality({ ...node, left: inner(node.left), right: inner(node.right) }, typing)
    case 'notEqual':
      return not(equality({ ...node, kind: 'equal', left: inner(node.left), right: inner(node.right) }, typing), node)
    case 'less':
      return { ...node, left: inner(node.left), right: inner(node.right) }
    case 'greater':
      return { ...node, kind: 'less', left: inner(node.right), right: inner(node.left) }
    case 'lessEqual':
      return not({ ...node, kind: 'less', left: inner(node.right), right: inner(node.left) }, node)
    case 'greaterEqual':
      return not({ ...node, kind: 'less', left: inner(node.left), right: inner(node.right) }, node)
    case 'add':
    case 'multiply':
    case 'containsAny':
      return sorted({ ...node, left: inner(node.left), right: inner(node.right) })
    case 'subtract':
    case 'containsAll':
    case 'getTag':
    case 'hasTag':
      return { ...node, left: inner(node.left), right: inner(node.right) }
    case 'contains':
      return contains({ ...node, left: inner(node.left), right: inner(node.right) }, typing)
    case 'in':
      return membership({ ...node, left: inner(node.left), right: inner(node.right) }, typing)
    case 'if': {
      const test = inner(node.test)
      if (test.kind === 'literal') return inner(test.value === true ? node.then : node.else)
      return { ...node, test, then: inner(node.then), else: inner(node.else) }
    }
    case 'attribute':
      return { ...node, of: inner(node.of) }
    case 'has':
      return has(inner(node.of), node.path, node, typing)
    case 'like': {
      const of = inner(node.of)
      const isAny = node.pattern.length > 0 && node.pattern.every(({ kind }) => kind === 'wildcard')
      if (isAny && typing.isSafe(of)) return literal(true, node)
      if (node.pattern.some(({ kind }) => kind === 'wildcard')) return { ...node, of }
      const text = node.pattern.map((part) => (part.kind === 'text' ? part.text : '')).join('')
      return equality({ kind: 'equal', left: of, right: literal(text, node), span: node.span }, typing)
    }
    case 'is': {
      const of = inner(node.of)
      const { type, span } = node
      const test = isOfType({ kind: 'is', of, type, span }, typing)
      if (node.in === undefined) return test
      return logic(
        {
          kind: 'and',
          left: test,
          right: membership({ kind: 'in', left: of, right: inner(node.in), span }, typing),
          span,
        },
        typing,
      )
    }
    case 'set':
      return elementsSorted({ ...node, elements: node.elements.map(inner) })
    case 'record': {
      const fields = [...node.fields].map(([name, field]) => [name, inner(field)] as const)
      return { ...node, fields: new Map(fields.toSorted(([left], [right]) => compare(left, right))) }
    }
    case 'call':
      return decimalOrder({ ...node, arguments: node.arguments.map(inner) })
    default:
      return node satisfies never
  }
}

/** Operands are Bools: the policy passed strict validation. */
function not(operand: Expression, { span }: Expression): Expression {
  if (operand.kind === 'not') return operand.operand
  if (operand.kind === 'literal') return { kind: 'literal', value: operand.value !== true, span }
  return { kind: 'not', operand, span }
}

function logic(node: Binary, typing: Typing): Expression {
  const { left, right } = node
  const decisive = node.kind === 'or'
  if (left.kind === 'literal') return left.value === decisive ? left : right
  if (right.kind !== 'literal') return node
  // `x && false` errs where `x` does
  if (right.value !== decisive) return left
  return typing.isSafe(left) ? right : node
}

function equality(node: Binary, typing: Typing): Expression {
  const { left, right } = node
  const constant = left.kind === 'literal' ? left : right.kind === 'literal' ? right : undefined
  const other = constant === left ? right : left
  if (left.kind === 'literal' && right.kind === 'literal') return literal(keyOf(left) === keyOf(right), node)
  if (constant?.value === true) return other
  if (constant?.value === false) return not(other, node)
  if (keyOf(left) === keyOf(right) && typing.isSafe(left)) return literal(true, node)
  if (other.kind === 'variable' && other.name === 'action' && constant !== undefined) {
    const uid = entityOf(constant.value)
    if (uid !== undefined) return oneOfActions([uid], false, node, typing)
  }
  return differ(left, right, typing) ? literal(false, node) : sorted(node)
}

/** Entities of types that have nothing in common are never equal. */
function differ(left: Expression, right: Expression, typing: Typing): boolean {
  if (!typing.isSafe(left) || !typing.isSafe(right)) return false
  const [one, other] = [typing.entityTypesOf(left), typing.entityTypesOf(right)]
  return one !== undefined && other !== undefined && one.isDisjointFrom(other)
}

function isOfType(node: Extract<Expression, { kind: 'is' }>, typing: Typing): Expression {
  const types = typing.entityTypesOf(node.of)
  if (types === undefined || !typing.isSafe(node.of)) return node
  if (!types.has(node.type)) return literal(false, node)
  return types.size === 1 ? literal(true, node) : node
}

function has(of: Expression, path: readonly string[], { span }: Expression, typing: Typing): Expression {
  const [name = '', ...rest] = path
  const test: Expression = { kind: 'has', of, path: [name], span }
  const known = isHeld(of, typing) ? attributesOf(of, name, typing) : undefined
  const first =
    known === undefined
      ? test
      : known.every((type) => type === undefined)
        ? literal(false, test)
        : known.every((type) => type !== undefined && type.optional !== true)
          ? literal(true, test)
          : test
  if (rest.length === 0) return first
  const below = has({ kind: 'attribute', of, name, span }, rest, test, typing)
  return logic({ kind: 'and', left: first, right: below, span }, typing)
}

function contains(node: Binary, typing: Typing): Expression {
  const { left, right, span } = node
  const elements = constantsOf(left)
  if (elements === undefined || elements.length === 0) return node
  if (right.kind === 'variable' && right.name === 'action') {
    const uids = elements.flatMap((element) => entityOf(element.value) ?? [])
    return uids.length === elements.length ? oneOfActions(uids, false, node, typing) : node
  }
  if (elements.length > EXPANDED_ELEMENTS) return node
  return anyOf(
    elements.map((element) => equality({ kind: 'equal', left: right, right: element, span }, typing)),
    typing,
  )
}

function membership(node: Binary, typing: Typing): Expression {
  const { left, right, span } = node
  const elements = constantsOf(right) ?? (right.kind === 'literal' ? [right] : [])
  const uids = elements.flatMap(({ value }) => entityOf(value) ?? [])
  if (elements.length === 0 || uids.length < elements.length) return node
  if (left.kind === 'variable' && left.name === 'action') return oneOfActions(uids, true, node, typing)
  if (elements.length > EXPANDED_ELEMENTS) return node
  return anyOf(
    elements.map((element) => within({ kind: 'in', left, right: element, span }, typing)),
    typing,
  )
}

/** An entity whose types have no such ancestor is in nothing but itself. */
function within(node: Binary & { readonly right: Literal }, typing: Typing): Expression {
  const types = typing.entityTypesOf(node.left)
  const holder = entityOf(node.right.value)
  if (keyOf(node.left) === keyOf(node.right)) return literal(true, node)
  if (types === undefined || holder === undefined) return node
  return [...types].some((type) => typing.canBeIn(type, holder.type))
    ? node
    : equality({ ...node, kind: 'equal' }, typing)
}

function anyOf(alternatives: readonly Expression[], typing: Typing): Expression {
  const unique = [...new Map(alternatives.map((each) => [keyOf(each), each])).values()]
  return unique
    .toSorted((left, right) => compare(keyOf(left), keyOf(right)))
    .reduce((left, right) => logic({ kind: 'or', left, right, span: left.span }, typing))
}

/** Every question about a constant action becomes: is it one of these? */
function oneOfActions(uids: readonly EntityUid[], groups: boolean, { span }: Expression, typing: Typing): Expression {
  const { schema, domain } = typing
  const names = actionNames(uids, groups, schema).intersection(domain.actions)
  if (names.size === 0) return { kind: 'literal', value: false, span }
  if (names.size === domain.actions.size) return { kind: 'literal', value: true, span }
  const named = [...names].sort(compare).flatMap((name): EntityUid[] => {
    const uid = schema.action(name)?.uid
    return uid === undefined ? [] : [{ kind: 'entity', ...uid }]
  })
  const left: Literal = { kind: 'literal', value: setValue(named), span }
  return { kind: 'contains', left, right: { kind: 'variable', name: 'action', span }, span }
}

/** The constants of a set of constants. */
function constantsOf(node: Expression): readonly Literal[] | undefined {
  if (node.kind === 'literal') {
    const { value, span } = node
    if (typeof value !== 'object' || value.kind !== 'set') return undefined
    return value.elements.map((element) => ({ kind: 'literal', value: element, span }))
  }
  if (node.kind !== 'set') return undefined
  const constants = node.elements.filter((element): element is Literal => element.kind === 'literal')
  return constants.length === node.elements.length ? constants : undefined
}

function elementsSorted(node: SetLiteral): Expression {
  const unique = new Map(node.elements.map((element) => [keyOf(element), element]))
  return { ...node, elements: [...unique].toSorted(([left], [right]) => compare(left, right)).map(([, each]) => each) }
}

function sorted(node: Binary): Binary {
  const { left, right } = node
  return compare(keyOf(left), keyOf(right)) <= 0 ? node : { ...node, left: right, right: left }
}

const REVERSED: { readonly [name in ExtensionFunction]?: true } = { greaterThan: true, lessThanOrEqual: true }
const NEGATED: { readonly [name in ExtensionFunction]?: true } = { greaterThanOrEqual: true, lessThanOrEqual: true }

/** The four comparisons of decimals as `lessThan`. */
function decimalOrder(node: Call): Expression {
  const isReversed = REVERSED[node.function] === true
  const isNegated = NEGATED[node.function] === true
  if (!isReversed && !isNegated) return node
  const less: Call = {
    ...node,
    function: 'lessThan',
    arguments: isReversed ? node.arguments.toReversed() : node.arguments,
  }
  return isNegated ? not(less, node) : less
}

function entityOf(value: Value): EntityUid | undefined {
  return typeof value === 'object' && value.kind === 'entity' ? value : undefined
}

function literal(value: boolean | string, { span }: Expression): Literal {
  return { kind: 'literal', value, span }
}

/** By code units, so that the order is the same everywhere. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
