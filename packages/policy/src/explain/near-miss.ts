// What one policy lacked: the parts of scope, grants and conditions that came out other than they had to, and which of two policies
// was nearer.

import { childrenOf } from '../check/children.ts'
import { formatEntityUid } from '../entity/uid.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import { isFault } from '../operator/fault.ts'
import { compileExpression } from '../operator/table.ts'
import { printExpression } from '../syntax/print-policy.ts'
import type { Expression, Policy, Span } from '../syntax/tree.ts'
import { unmetGrant, unmetScopes } from './candidates.ts'
import type { UnmetScope } from './candidates.ts'
import { changeOf, effortOf } from './change.ts'
import type { Change, ConditionError, ConditionFlip, Flip, GrantFlip, ScopeFlip } from './explanation.ts'
import { smallestFlips } from './flips.ts'
import type { Part } from './flips.ts'
import { operandsOf } from './operands.ts'
import { placeOf } from './place.ts'
import type { Explaining } from './place.ts'

/** What a permit for this action and these types lacks; empty when it applies. */
export function flipsOfPermit(policy: Policy, inquiry: Explaining): readonly Flip[] {
  const scopes = unmetScopes(policy, inquiry.evaluation).map((unmet) => scopeFlip(unmet, inquiry))
  return [...scopes, ...grantFlips(policy, inquiry), ...conditionFlips(policy, true, inquiry)]
}

/** What would keep a forbid from applying that does, or that errs. */
export function flipsOfForbid(policy: Policy, inquiry: Explaining): readonly Flip[] {
  return conditionFlips(policy, false, inquiry)
}

interface Miss {
  readonly flips: readonly Flip[]
}

/** Fewer changes are nearer; of as many, those that are easier to bring about. */
export function byNearness(left: Miss, right: Miss): number {
  return changesOf(left).size - changesOf(right).size || totalEffort(left) - totalEffort(right)
}

/** What would have to change, each once: four conditions may ask for one second factor. */
function changesOf({ flips }: Miss): ReadonlyMap<string, Change | undefined> {
  return new Map(flips.map((flip) => [JSON.stringify(flip.change ?? flip), flip.change]))
}

function totalEffort(miss: Miss): number {
  return [...changesOf(miss).values()].reduce((total, change) => total + effortOf(change), 0)
}

function scopeFlip({ side, relation, entity, scope }: UnmetScope, { sources }: Explaining): ScopeFlip {
  const name = formatEntityUid(entity)
  const isGroup = side === 'principal' && relation === 'in'
  return {
    kind: 'scope',
    side,
    relation,
    entity: name,
    place: placeOf(scope.span, sources),
    change: isGroup ? { kind: 'membership', groups: [name], wanted: true } : { kind: 'other', side },
  }
}

function grantFlips(policy: Policy, inquiry: Explaining): GrantFlip[] {
  const unmet = policy.slots.length === 0 ? undefined : unmetGrant(policy, inquiry)
  if (unmet === undefined) return []
  const { span } = policy.slots.includes('resource') ? policy.resource : policy.principal
  const kind = unmet.state === 'expired' ? 'renewed-grant' : 'grant'
  const change: Change = { kind, template: policy.id, resourceType: inquiry.request.resource.type }
  return [{ kind: 'grant', ...unmet, place: placeOf(span, inquiry.sources), change }]
}

function conditionFlips(policy: Policy, wanted: boolean, inquiry: Explaining): ConditionFlip[] {
  const { evaluation } = inquiry
  const root = conditionOf(policy)
  if (root === undefined) return []
  const costOf = (node: Expression, turned: boolean): number => 100 + effortOf(changeFor(node, turned, evaluation))
  return smallestFlips(root, wanted, evaluation, costOf).map((part) => conditionFlip(part, inquiry))
}

function conditionFlip({ node, wanted, result }: Part, { program, evaluation, sources }: Explaining): ConditionFlip {
  const error = errorOf(result)
  const change = changeFor(node, wanted, evaluation)
  return {
    kind: 'condition',
    text: sources.get(node.span.file)?.slice(node.span.start, node.span.end) ?? printExpression(node),
    place: placeOf(node.span, sources),
    wanted,
    outcome: error === undefined ? (wanted ? 'false' : 'true') : 'error',
    ...(error === undefined ? {} : { error }),
    operands: operandsOf(node, evaluation, program.schema),
    ...(change === undefined ? {} : { change }),
  }
}

/** Of an atom that errs, what would mend the part that does. */
function changeFor(node: Expression, wanted: boolean, evaluation: Evaluation): Change | undefined {
  if (!isFault(compileExpression(node)(evaluation))) return changeOf(node, wanted)
  const cause = childrenOf(node).find((child) => isFault(compileExpression(child)(evaluation)))
  return cause === undefined ? changeOf(node, wanted) : changeFor(cause, wanted, evaluation)
}

function errorOf(result: Part['result']): ConditionError | undefined {
  if (isFault(result)) return { code: result.code, message: result.message }
  if (typeof result === 'boolean') return undefined
  return { code: 'ERR_POLICY_EVALUATION_TYPE', message: 'a condition is not a Bool' }
}

/** `when a unless b` as `a && !b`, with the parts where they stand; `undefined` without conditions. */
function conditionOf({ conditions }: Policy): Expression | undefined {
  const [first, ...rest] = conditions.map(
    ({ kind, body, span }): Expression => (kind === 'when' ? body : { kind: 'not', operand: body, span }),
  )
  if (first === undefined) return undefined
  const span: Span = { ...first.span, end: conditions.at(-1)?.span.end ?? first.span.end }
  return rest.reduce((left, right): Expression => ({ kind: 'and', left, right, span }), first)
}
