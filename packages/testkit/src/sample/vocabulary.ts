// What policies speak of: every constant of their scopes and conditions, by the name of the attribute that it is compared with and by
// its kind. A sample that never says `mfa` cannot notice that a rule about it is gone.

import {
  childrenOf,
  type EntityUid,
  type Expression,
  type Policy,
  parseDatetime,
  parseDecimal,
  parseDuration,
  parseIp,
  type Scope,
  type TypeDefinition,
  type Value,
  valueEquals,
} from '@cardea/policy'

export interface Vocabulary {
  /** Constants that stand in one comparison with an attribute, context field or tag of this name. */
  named(name: string, type: TypeDefinition): readonly Value[]
  /** All constants of the type. */
  ofType(type: TypeDefinition): readonly Value[]
  ids(type: string): readonly string[]
  readonly tagNames: readonly string[]
}

/** Constants kept of one kind: more would only make each of them rarer. */
const MAXIMUM = 400

export function vocabularyOf(policies: readonly Policy[]): Vocabulary {
  const byKind = new Map<string, Value[]>()
  const byName = new Map<string, Value[]>()
  const ids = new Map<string, Set<string>>()
  const tagNames = new Set<string>()

  const addId = ({ type, id }: EntityUid): void => {
    const known = ids.get(type)
    if (known === undefined) ids.set(type, new Set([id]))
    else known.add(id)
  }
  const add = (value: Value, names: readonly string[]): void => {
    if (typeof value === 'object' && value.kind === 'entity') addId(value)
    append(byKind, kindOf(value), value)
    for (const name of names) append(byName, `${name} ${kindOf(value)}`, value)
  }
  const scope = (side: Scope): void => {
    if (side.kind === 'all') return
    const entity = side.kind === 'is' ? side.in : side.entity
    if (entity?.kind === 'entity') addId(entity)
  }
  const walk = (expression: Expression, names: readonly string[]): void => {
    const constant = constantOf(expression)
    if (constant !== undefined) add(constant, names)
    if (expression.kind === 'hasTag' || expression.kind === 'getTag') {
      const name = constantOf(expression.right)
      if (typeof name === 'string') tagNames.add(name)
    }
    const inner = childrenOf(expression)
    // names go from one operand to the constants of another: `context.acr == "mfa"`, `["a", "b"].contains(resource.state)`
    const around = isConnective(expression) ? [] : [...names, ...inner.flatMap(namesIn)]
    for (const part of inner) walk(part, around)
  }
  for (const { principal, resource, conditions } of policies) {
    scope(principal)
    scope(resource)
    for (const { body } of conditions) walk(body, [])
  }
  const lists = new Map([...ids].map(([type, set]) => [type, [...set]]))
  return {
    named: (name, type) => byName.get(`${name} ${kindOfType(type)}`) ?? [],
    ofType: (type) => byKind.get(kindOfType(type)) ?? [],
    ids: (type) => lists.get(type) ?? [],
    tagNames: [...tagNames],
  }
}

/** The value of a literal or of a constructor called with one; `undefined` for all else. */
export function constantOf(expression: Expression): Value | undefined {
  if (expression.kind === 'literal') return expression.value
  if (expression.kind === 'like') return patternText(expression.pattern, '')
  if (expression.kind !== 'call') return undefined
  const [argument] = expression.arguments
  if (argument?.kind !== 'literal' || typeof argument.value !== 'string') return undefined
  switch (expression.function) {
    case 'ip':
      return parseIp(argument.value)
    case 'decimal':
      return parseDecimal(argument.value)
    case 'datetime':
      return parseDatetime(argument.value)
    case 'duration':
      return parseDuration(argument.value)
    default:
      return undefined
  }
}

/** A text that the pattern matches. */
export function patternText(
  pattern: Extract<Expression, { readonly kind: 'like' }>['pattern'],
  wildcard: string,
): string {
  return pattern.map((part) => (part.kind === 'text' ? part.text : wildcard)).join('')
}

function isConnective({ kind }: Expression): boolean {
  return kind === 'and' || kind === 'or' || kind === 'not' || kind === 'if'
}

function namesIn(expression: Expression): readonly string[] {
  if (expression.kind === 'attribute') return [expression.name]
  if (expression.kind === 'getTag') {
    const name = constantOf(expression.right)
    return typeof name === 'string' ? [name] : []
  }
  return isConnective(expression) ? [] : childrenOf(expression).flatMap(namesIn)
}

function append(table: Map<string, Value[]>, key: string, value: Value): void {
  const list = table.get(key)
  if (list === undefined) table.set(key, [value])
  else if (list.length < MAXIMUM && !list.some((other) => valueEquals(other, value))) list.push(value)
}

function kindOf(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return 'Bool'
    case 'string':
      return 'String'
    case 'object':
      return value.kind === 'entity' ? value.type : value.kind
    default:
      return 'Long'
  }
}

function kindOfType(type: TypeDefinition): string {
  return type.type === 'Entity' ? type.name : type.type
}
