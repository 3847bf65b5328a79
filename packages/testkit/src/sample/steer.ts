// Turns a draft so that an expression becomes true or false, with as little as possible changed and on the edge where there is one: the
// last moment, the first address outside. What cannot be turned stays as chance made it.

import {
  type Binary,
  type Expression,
  setValue,
  type SetValue,
  type Unary,
  type Value,
  valueEquals,
} from '@cardea/policy'
import { assign, peek } from './assign.ts'
import type { Draft } from './draft.ts'
import { addressBeside, addressIn, PLAIN_4, PLAIN_6, positionIn, shifted } from './near.ts'
import type { Random } from './random.ts'
import { patternText } from './vocabulary.ts'

export function steer(expression: Expression, wanted: boolean, draft: Draft, random: Random): void {
  const go = (inner: Expression, value: boolean): void => steer(inner, value, draft, random)
  switch (expression.kind) {
    case 'not':
      return go(expression.operand, !wanted)
    case 'and':
    case 'or': {
      const { left, right } = expression
      const needsBoth = (expression.kind === 'and') === wanted
      if (needsBoth) {
        go(left, wanted)
        return go(right, wanted)
      }
      // one of them decides; the other stands in its way no more than it must
      const [one, other] = random.chance(0.5) ? [left, right] : [right, left]
      if (random.chance(0.7)) go(other, !wanted)
      return go(one, wanted)
    }
    case 'if': {
      const isFirst = random.chance(0.5)
      go(expression.test, isFirst)
      return go(isFirst ? expression.then : expression.else, wanted)
    }
    case 'attribute':
    case 'getTag':
      assign(expression, wanted, draft)
      return undefined
    case 'has':
      return steerHas(expression, wanted, draft)
    case 'hasTag':
      return steerHasTag(expression, wanted, draft)
    case 'equal':
    case 'notEqual':
      return steerEqual(expression.left, expression.right, (expression.kind === 'equal') === wanted, draft, random)
    case 'less':
    case 'lessEqual':
    case 'greater':
    case 'greaterEqual':
      return steerOrder(expression.kind, expression.left, expression.right, wanted, draft, random)
    case 'in':
      return steerIn(expression.left, expression.right, wanted, draft, random)
    case 'is':
      return expression.in === undefined ? undefined : steerIn(expression.of, expression.in, wanted, draft, random)
    case 'contains':
    case 'containsAll':
    case 'containsAny':
    case 'isEmpty':
      return steerSet(expression, wanted, draft, random)
    case 'like': {
      const text = patternText(expression.pattern, random.pick(['', 'x']))
      const others = [`x${text.slice(1)}`, text.slice(1), text.slice(0, -1), `${text.slice(0, -1)}x`]
      assign(expression.of, wanted ? text : random.pick(others), draft)
      return undefined
    }
    case 'call':
      return steerCall(expression, wanted, draft, random)
    default:
      return undefined
  }
}

type Of<Kind extends Expression['kind']> = Extract<Expression, { readonly kind: Kind }>

function steerHas({ of, path }: Of<'has'>, wanted: boolean, draft: Draft): void {
  const owner = peek(of, draft)
  const [name = '', ...deeper] = path
  if (typeof owner !== 'object') return
  const isContext = of.kind === 'variable' && of.name === 'context'
  const types = isContext ? draft.contextTypes() : owner.kind === 'entity' ? draft.attributeTypes(owner) : {}
  const type = Object.hasOwn(types, name) ? types[name] : undefined
  if (wanted) {
    const self: Expression = { kind: 'attribute', of, name, span: of.span }
    if (type !== undefined && peek(self, draft) === undefined) assign(self, draft.value(type, name), draft)
    if (deeper.length > 0) steerHas({ kind: 'has', of: self, path: deeper, span: of.span }, true, draft)
  } else if (type?.optional === true) {
    if (isContext) draft.context.delete(name)
    else if (owner.kind === 'entity') draft.get(owner)?.attributes.delete(name)
  }
}

function steerHasTag({ left, right }: Binary, wanted: boolean, draft: Draft): void {
  const [of, name] = [peek(left, draft), peek(right, draft)]
  if (typeof of !== 'object' || of.kind !== 'entity' || typeof name !== 'string') return
  const [tags, type] = [draft.ensure(of)?.tags, draft.tagType(of)]
  if (!wanted) tags?.delete(name)
  else if (type !== undefined && tags?.has(name) === false) tags.set(name, draft.value(type, name))
}

/** Either side takes the other's value; to be unequal, one of them takes another. */
function steerEqual(left: Expression, right: Expression, wanted: boolean, draft: Draft, random: Random): void {
  const [target, source] = random.chance(0.5) ? [left, right] : [right, left]
  const [to, from] = [peek(source, draft), peek(target, draft)]
  if (wanted) {
    if (to === undefined || !assign(target, to, draft)) if (from !== undefined) assign(source, from, draft)
    return
  }
  if (to === undefined || (from !== undefined && !valueEquals(to, from))) return
  const otherwise = different(to, draft, random)
  if (otherwise !== undefined && !assign(target, otherwise, draft)) assign(source, otherwise, draft)
}

function different(value: Value, draft: Draft, random: Random): Value | undefined {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'string') return `${value}x`
  if (typeof value === 'object') {
    if (value.kind === 'entity') {
      const others = Array.from({ length: 4 }, () => draft.someUid(value.type)).filter(({ id }) => id !== value.id)
      return random.maybe(others)
    }
    if (value.kind === 'ipaddr') return addressBeside(value, random)
    if (value.kind === 'set') return setValue(value.elements.slice(1))
  }
  return shifted(value, random.chance(0.5) ? 1n : -1n)
}

type Order = 'less' | 'lessEqual' | 'greater' | 'greaterEqual'

const OPPOSITE = { less: 'greaterEqual', lessEqual: 'greater', greater: 'lessEqual', greaterEqual: 'less' } as const
const MIRRORED = { less: 'greater', lessEqual: 'greaterEqual', greater: 'less', greaterEqual: 'lessEqual' } as const
/** How far from the other side the edge is. */
const EDGE = { less: -1n, lessEqual: 0n, greater: 1n, greaterEqual: 0n } as const

function steerOrder(
  order: Order,
  left: Expression,
  right: Expression,
  wanted: boolean,
  draft: Draft,
  random: Random,
): void {
  const holds = wanted ? order : OPPOSITE[order]
  const place = (target: Expression, source: Expression, relation: Order): boolean => {
    const value = peek(source, draft)
    if (value === undefined || positionIn(value) === undefined) return false
    // mostly the very edge; sometimes far on, where a changed bound would be
    const further = random.chance(0.8) ? 0n : BigInt(1 + random.below(10_000_000))
    const away = EDGE[relation] + (relation.startsWith('less') ? -further : further)
    const wantedValue = shifted(value, away)
    return wantedValue !== undefined && assign(target, wantedValue, draft)
  }
  if (!place(left, right, holds)) place(right, left, MIRRORED[holds])
}

function steerIn(left: Expression, right: Expression, wanted: boolean, draft: Draft, random: Random): void {
  const [uid, among] = [peek(left, draft), peek(right, draft)]
  if (typeof uid !== 'object' || uid.kind !== 'entity' || typeof among !== 'object') return
  const groups = among.kind === 'set' ? among.elements : [among]
  const entities = groups.flatMap((value) => (typeof value === 'object' && value.kind === 'entity' ? [value] : []))
  if (!wanted) {
    for (const group of entities) draft.removeAncestor(uid, group)
    return
  }
  const group = random.maybe(entities)
  if (group === undefined || draft.addAncestor(uid, group)) return
  // what is named on the right can be what the left is in already
  const above = random.maybe(draft.ancestors(uid))
  if (!assign(left, group, draft) && above !== undefined) assign(right, above, draft)
}

function steerSet(expression: Binary | Unary, wanted: boolean, draft: Draft, random: Random): void {
  const target = 'operand' in expression ? expression.operand : expression.left
  const before = peek(target, draft)
  const set: SetValue = typeof before === 'object' && before.kind === 'set' ? before : setValue([])
  if ('operand' in expression) {
    if (wanted) assign(target, setValue([]), draft)
    return
  }
  const operand = peek(expression.right, draft)
  if (operand === undefined) return
  const others = typeof operand === 'object' && operand.kind === 'set' ? operand.elements : []
  const asked = expression.kind === 'contains' ? [operand] : others
  const one = random.maybe(asked)
  const without = (values: readonly Value[]): Value[] =>
    set.elements.filter((element) => !values.some((value) => valueEquals(element, value)))
  const needed = expression.kind === 'containsAny' && one !== undefined ? [one] : asked
  const gone = expression.kind === 'containsAll' && one !== undefined ? [one] : asked
  const next = setValue(wanted ? [...set.elements, ...needed] : without(gone))
  if (assign(target, next, draft)) return
  // a constant set: what is looked for in it changes
  const member = random.maybe(set.elements)
  if (expression.kind !== 'contains') {
    if (wanted && member !== undefined) assign(expression.right, setValue([member]), draft)
  } else if (member !== undefined) {
    const value = wanted ? member : different(member, draft, random)
    if (value !== undefined) assign(expression.right, value, draft)
  }
}

const DECIMAL_ORDER: Readonly<Record<string, Order>> = {
  lessThan: 'less',
  lessThanOrEqual: 'lessEqual',
  greaterThan: 'greater',
  greaterThanOrEqual: 'greaterEqual',
}

function steerCall(
  { function: called, arguments: operands }: Of<'call'>,
  wanted: boolean,
  draft: Draft,
  random: Random,
): void {
  const [left, right] = operands
  if (left === undefined) return
  const order = DECIMAL_ORDER[called]
  if (order !== undefined && right !== undefined) return steerOrder(order, left, right, wanted, draft, random)
  if (called === 'isIpv4' || called === 'isIpv6') {
    assign(left, (called === 'isIpv4') === wanted ? PLAIN_4 : PLAIN_6, draft)
    return
  }
  if (called !== 'isInRange' || right === undefined) return
  const [inner, range] = [peek(left, draft), peek(right, draft)]
  if (typeof range !== 'object' || range.kind !== 'ipaddr') return
  const address = wanted ? addressIn(range, random) : addressBeside(range, random)
  if (!assign(left, address, draft) && wanted && inner !== undefined) assign(right, inner, draft)
}
