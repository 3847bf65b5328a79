// A policy whose conditions no request can meet: two of them exclude each other, or the schema excludes one.

import { childrenOf, type Expression, type Policy, type Span } from '@cardea/policy'
import { printExpression } from '@cardea/policy/print'
import type { Part, PolicyForm } from '../form/policy-form.ts'
import { areImpossible, type Check, type Finding } from './check.ts'

export const neverApplies: Check = {
  name: 'never-applies',
  code: 'ERR_VALIDATE_NEVER_APPLIES',
  find: ({ forms, waysOf }) => forms.filter((form) => waysOf(form)?.length === 0).map(findingOf),
}

const EFFECTS = {
  permit: 'it permits nothing: mend it, or remove it',
  forbid: 'it forbids nothing: mend it, or remove it',
} as const

function findingOf(form: PolicyForm): Finding {
  const { policy } = form
  const core = irreducible(form.parts.flatMap(conjuncts), form)
  const last = core.at(-1)
  return {
    policy,
    message: `no request meets \`${policy.id}\`: ${reason(core, policy)}`,
    hint: EFFECTS[policy.effect],
    span: last?.span ?? policy.span,
    labels: core.slice(0, -1).map(({ span }) => ({ span, message: 'this excludes it' })),
  }
}

/** The conditions that cannot all be true, none of which could be left away. */
function irreducible(parts: readonly Part[], form: PolicyForm): readonly Part[] {
  return parts.reduce((left, part) => {
    const without = left.filter((each) => each !== part)
    return areImpossible(without, form) ? without : left
  }, parts)
}

/** `a && b` as two conditions, `!(a || b)` as well. */
function conjuncts({ node, typing }: Part): readonly Part[] {
  const parts = (nodes: readonly Expression[]): readonly Part[] =>
    nodes.flatMap((each) => conjuncts({ node: each, span: each.span, typing }))
  if (node.kind === 'and') return parts([node.left, node.right])
  if (node.kind === 'not' && node.operand.kind === 'or') {
    return parts([node.operand.left, node.operand.right].map((operand) => negated(operand)))
  }
  return [{ node, span: node.span, typing }]
}

function negated(operand: Expression): Expression {
  return operand.kind === 'not' ? operand.operand : { kind: 'not', operand, span: operand.span }
}

function reason(core: readonly Part[], policy: Policy): string {
  const texts = core.map(({ node, span }) => {
    // what the schema makes of it is `false`: said as it stands in the text
    const text = node.kind === 'literal' ? originalAt(span, policy) : printed(node)
    return text === undefined ? 'its scope' : `\`${text}\``
  })
  if (texts.length < 2) return `${texts.join()} is never true`
  const list = `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`
  return `${list} ${texts.length === 2 ? 'exclude each other' : 'are never true together'}`
}

function originalAt({ start, end }: Span, { conditions }: Policy): string | undefined {
  const open: Expression[] = conditions.map(({ body }) => body)
  for (let node = open.shift(); node !== undefined; node = open.shift()) {
    if (node.span.start === start && node.span.end === end) return printExpression(node)
    open.push(...childrenOf(node))
  }
  return undefined
}

/** As somebody would write it: the constant last, `!=` and `>=` for what is not. */
function printed(node: Expression): string {
  const isNegated = node.kind === 'not'
  const inner = isNegated ? node.operand : node
  if (inner.kind === 'equal' || inner.kind === 'less') {
    const isReversed = inner.left.kind === 'literal' || inner.left.kind === 'call'
    const [left, right] = isReversed ? [inner.right, inner.left] : [inner.left, inner.right]
    return printExpression({ kind: SIGNS[inner.kind][`${isReversed}`][`${isNegated}`], left, right, span: inner.span })
  }
  if (inner.kind === 'contains' && inner.right.kind === 'variable') {
    const text = printExpression({ kind: 'in', left: inner.right, right: inner.left, span: inner.span })
    return isNegated ? `!(${text})` : text
  }
  return printExpression(node)
}

/** The operator when the sides are exchanged or not, and the whole is negated or not. */
const SIGNS = {
  equal: { true: { true: 'notEqual', false: 'equal' }, false: { true: 'notEqual', false: 'equal' } },
  less: { true: { true: 'lessEqual', false: 'greater' }, false: { true: 'greaterEqual', false: 'less' } },
} as const
