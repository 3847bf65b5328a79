// Values of another type than is wanted, and comparisons of types that have nothing in common.

import type { Expression, Label, Problem, Span } from '@cardea/policy'
import type { Finding, Told } from './finding.ts'

/** `unexpected type: expected ... but saw ...`. */
export function tellType(finding: Finding, expected: string, seen: string): Told {
  const { span, node, around } = finding
  const [parent] = around
  const both = parent === undefined ? undefined : ofBoth(finding, parent, seen)
  if (both !== undefined) return both
  const subject = subjectOf(node)
  const actual = describe(seen)
  const wanted = [...new Set(expected.split(/, or /).map(describe))].join(' or ')
  return {
    code: 'ERR_VALIDATE_TYPE',
    message: `${wanted} is expected, and this is ${actual}`,
    span: subject?.span ?? span,
    label: `this is ${actual}`,
    ...mendType(finding, subject, expected, seen),
  }
}

/** What is wrong with an operator for both of its sides, which Cedar says of each. */
function ofBoth({ types, textOf }: Finding, parent: Expression, seen: string): Told | undefined {
  if (parent.kind === 'add' && seen === 'String') {
    const hint = 'join them where the attribute or the context is made'
    return { code: 'ERR_VALIDATE_TYPE', message: 'Cedar does not join texts', span: parent.span, hint }
  }
  const method = COMPARISONS.get(parent.kind)
  if (method !== undefined && seen === 'decimal' && 'left' in parent) {
    const text = `${textOf(parent.left.span)}.${method}(${textOf(parent.right.span)})`
    const isBare = parent.left.kind === 'attribute' || parent.left.kind === 'call'
    return {
      code: 'ERR_VALIDATE_TYPE',
      message: `decimals are compared with \`.${method}(...)\``,
      span: parent.span,
      hint: `write \`${text}\``,
      ...(isBare ? { suggestion: { span: parent.span, text } } : {}),
    }
  }
  if (parent.kind !== 'in') return undefined
  const [right] = types.of(parent.right)
  if (types.of(parent.left)[0]?.type !== 'String' || right?.type !== 'Set') return undefined
  return tellElement(
    parent.span,
    types.describe(parent.left) ?? 'this',
    `${textOf(parent.right.span)}.contains(${textOf(parent.left.span)})`,
  )
}

function tellElement(span: Span, what: string, text: string): Told {
  return {
    code: 'ERR_VALIDATE_TYPE',
    message: `\`in\` asks whether an entity is in another, and this is ${what === 'this' ? what : withArticle(what)}`,
    span,
    hint: `an element of a set is found with \`${text}\``,
    suggestion: { span, text },
  }
}

/** Cedar points at the whole call where it means what the method is called on. */
function subjectOf(node: Expression | undefined): Expression | undefined {
  switch (node?.kind) {
    case 'contains':
    case 'containsAll':
    case 'containsAny':
      return node.left
    case 'isEmpty':
      return node.operand
    case 'has':
      return node.of
    case 'call':
      return [...CONSTRUCTORS.values()].includes(node.function) ? node : node.arguments[0]
    default:
      return node
  }
}

function mendType(
  { node, around: [parent], textOf }: Finding,
  subject: Expression | undefined,
  expected: string,
  seen: string,
): Pick<Problem, 'hint' | 'suggestion'> {
  const constructor = CONSTRUCTORS.get(expected)
  if (constructor !== undefined && subject?.kind === 'literal') {
    const text = `${constructor}(${textOf(subject.span)})`
    if (seen === 'String') return { hint: `write \`${text}\``, suggestion: { span: subject.span, text } }
  }
  if (seen === 'String' && node?.kind === 'contains') {
    const part =
      node.right.kind === 'literal' && typeof node.right.value === 'string'
        ? textOf(node.right.span).slice(1, -1)
        : '...'
    const text = `${textOf(node.left.span)} like "*${part}*"`
    const hint = `a part of a text is found with \`like\`: \`${text}\``
    return part === '...' ? { hint } : { hint, suggestion: { span: node.span, text } }
  }
  if (seen === 'String' && node?.kind === 'isEmpty') {
    const text = `${textOf(node.operand.span)} == ""`
    return { hint: `an empty text is \`""\`: \`${text}\`` }
  }
  if (parent !== undefined && COMPARISONS.has(parent.kind) && seen === 'String') {
    return { hint: 'texts have no order; they are compared with `==` and `like`' }
  }
  if (node?.kind === 'call' && seen === 'Long' && expected === 'decimal')
    return { hint: 'numbers are compared with `<`, `<=`, `>` and `>=`' }
  if (expected === 'Bool') return { hint: 'a condition is a comparison, a membership or a `Bool`' }
  if (constructor !== undefined && seen === 'String') {
    return { hint: `declare it as \`${expected}\` in the schema: a text in the data is not read as one` }
  }
  return {}
}

const CONSTRUCTORS: ReadonlyMap<string, string> = new Map([
  ['ipaddr', 'ip'],
  ['decimal', 'decimal'],
  ['datetime', 'datetime'],
  ['duration', 'duration'],
])

const COMPARISONS: ReadonlyMap<Expression['kind'], string> = new Map([
  ['less', 'lessThan'],
  ['lessEqual', 'lessThanOrEqual'],
  ['greater', 'greaterThan'],
  ['greaterEqual', 'greaterThanOrEqual'],
])

/** `the types ... and ... are not compatible`. `one` and `other` in Cedar's order, which says nothing about sides. */
export function tellIncompatible(finding: Finding, one: string, other: string): Told {
  const { node, span, types } = finding
  const base = { code: 'ERR_VALIDATE_INCOMPATIBLE', span } as const
  const [first = one, second = other] =
    node !== undefined && 'left' in node ? [node.left, node.right].map(types.describe) : []
  const [a, b] =
    first === one || second === other ? [describe(one), describe(other)] : [withArticle(first), withArticle(second)]
  switch (node?.kind) {
    case 'equal':
    case 'notEqual': {
      const message = a === b ? 'the records do not have the same attributes' : `${a} and ${b} are never equal`
      return { ...base, message, ...labels(finding, [node.left, node.right]), ...mendEqual(finding) }
    }
    case 'contains':
      return { ...base, message: `${a} never contains ${b}`, ...labels(finding, [node.left, node.right]) }
    case 'containsAll':
    case 'containsAny':
      return {
        ...base,
        message: `${a} and ${b} have no element in common`,
        ...labels(finding, [node.left, node.right]),
      }
    case 'set':
      return {
        ...base,
        message: `the elements of a set are of one type, and here are ${a} and ${b}`,
        ...labels(finding, node.elements),
      }
    case 'if':
      return {
        ...base,
        message: `both branches of an \`if\` are of one type, and here are ${a} and ${b}`,
        ...labels(finding, [node.then, node.else]),
      }
    default:
      return { ...base, message: `${a} and ${b} are of different types` }
  }
}

function labels({ types }: Finding, nodes: readonly Expression[]): { readonly labels: readonly Label[] } {
  return {
    labels: nodes.flatMap((node) => {
      const type = types.describe(node)
      return type === undefined ? [] : [{ span: node.span, message: `this is ${withArticle(type)}` }]
    }),
  }
}

/** What was meant by comparing a text with something else. */
function mendEqual({ node, types, textOf }: Finding): Pick<Problem, 'hint' | 'suggestion'> {
  if (node?.kind !== 'equal' && node?.kind !== 'notEqual') return {}
  for (const [side, opposite] of [
    [node.left, node.right],
    [node.right, node.left],
  ] as const) {
    const [type] = types.of(opposite)
    if (type?.type === 'Set' && types.of(side)[0]?.type !== 'Set') {
      const text = `${node.kind === 'notEqual' ? '!' : ''}${textOf(opposite.span)}.contains(${textOf(side.span)})`
      return { hint: `an element of a set is found with \`${text}\``, suggestion: { span: node.span, text } }
    }
    if (side.kind !== 'literal' || typeof side.value !== 'string' || type === undefined) continue
    const quotedText = textOf(side.span)
    const constructor = CONSTRUCTORS.get(type.type)
    const text =
      type.type === 'Entity'
        ? `${type.name}::${quotedText}`
        : constructor !== undefined
          ? `${constructor}(${quotedText})`
          : type.type === 'Long' && /^\d{1,15}$/.test(side.value)
            ? side.value
            : undefined
    if (text !== undefined) return { hint: `write \`${text}\``, suggestion: { span: side.span, text } }
  }
  return {}
}

/** A type in Cedar's words as ours. */
function describe(type: string): string {
  if (type.includes('AnyEntity')) return 'an entity'
  if (/^Set<.*Any>$/.test(type)) return 'a set'
  if (type.startsWith('{') || type.includes('OpenRecord')) return 'a record'
  const element = /^Set<(.*)>$/.exec(type)?.[1]
  if (element !== undefined) return `a set of ${describe(element).replace(/^an? /, '')}`
  return withArticle(`\`${type.replace(/^__cedar::(?:internal::)?/, '').replace(/^(?:True|False)$/, 'Bool')}\``)
}

function withArticle(type: string): string {
  return /^`[aeiouAEIO]/.test(type) ? `an ${type}` : `a ${type}`
}
