// What one policy lacked: the parts of scope, grants and conditions that came out other than they had to, and which of two policies
// was nearer.

import { childrenOf } from '../check/children.ts'
import { formatEntityUid } from '../entity/uid.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import { isFault } from '../operator/fault.ts'
import { compileExpression } from '../operator/table.ts'
import { printExpression } from '../print/print-policy.ts'
import type { Expression, Policy, Span } from '../syntax/tree.ts'
import { unmetGrant, unmetScopes } from './candidates.ts'
import type { UnmetScope } from './candidates.ts'
import { changeOf, effortOf } from './change.ts'
import type { Change, ConditionError, ConditionFlip, Flip } from './explanation.ts'
import { smallestFlips } from './flips.ts'
import type { Part } from './flips.ts'
import { operandsOf } from './operands.ts'
import { placeOf } from './place.ts'
import type { Explaining } from './place.ts'

/** One thing that a policy lacked. Of the many that are compared few are shown: only those are described. */
export interface Lack {
  readonly change: Change | undefined
  readonly describe: () => Flip
}

/** What a permit for this action and these types lacks; empty when it applies. */
export function lacksOfPermit(policy: Policy, inquiry: Explaining): readonly Lack[] {
  const scopes = unmetScopes(policy, inquiry.evaluation).map((unmet) => scopeLack(unmet, inquiry))
  return [...scopes, ...grantLacks(policy, inquiry), ...conditionLacks(policy, true, inquiry)]
}

/** What would keep a forbid from applying that does, or that errs. */
export function lacksOfForbid(policy: Policy, inquiry: Explaining): readonly Lack[] {
  return conditionLacks(policy, false, inquiry)
}

/** How far a permit is from applying. */
export interface Distance {
  /** What would have to change, each once: four conditions may ask for one second factor. */
  readonly changes: number
  readonly effort: number
}

export function distanceOf(lacks: readonly Lack[]): Distance {
  const changes = new Map(lacks.map(({ change }, at) => [change === undefined ? at : JSON.stringify(change), change]))
  return { changes: changes.size, effort: [...changes.values()].reduce((sum, change) => sum + effortOf(change), 0) }
}

/** Fewer changes are nearer; of as many, those that are easier to bring about. */
export function byDistance(left: Distance, right: Distance): number {
  return left.changes - right.changes || left.effort - right.effort
}

function scopeLack({ side, relation, entity, scope }: UnmetScope, { sources }: Explaining): Lack {
  const name = formatEntityUid(entity)
  const isGroup = side === 'principal' && relation === 'in'
  const change: Change = isGroup ? { kind: 'membership', groups: [name], wanted: true } : { kind: 'other', side }
  return {
    change,
    describe: () => ({ kind: 'scope', side, relation, entity: name, place: placeOf(scope.span, sources), change }),
  }
}

function grantLacks(policy: Policy, inquiry: Explaining): Lack[] {
  const unmet = policy.slots.length === 0 ? undefined : unmetGrant(policy, inquiry)
  if (unmet === undefined) return []
  const { span } = policy.slots.includes('resource') ? policy.resource : policy.principal
  const kind = unmet.state === 'expired' ? 'renewed-grant' : 'grant'
  const change: Change = { kind, template: policy.id, resourceType: inquiry.request.resource.type }
  return [{ change, describe: () => ({ kind: 'grant', ...unmet, place: placeOf(span, inquiry.sources), change }) }]
}

function conditionLacks(policy: Policy, wanted: boolean, inquiry: Explaining): Lack[] {
  const { evaluation } = inquiry
  const root = conditionOf(policy)
  if (root === undefined) return []
  const costOf = (node: Expression, turned: boolean): number => 100 + effortOf(changeFor(node, turned, evaluation))
  return smallestFlips(root, wanted, evaluation, costOf).map((part) => {
    const change = changeFor(part.node, part.wanted, evaluation)
    return { change, describe: () => conditionFlip(part, change, inquiry) }
  })
}

function conditionFlip(
  { node, wanted, result }: Part,
  change: Change | undefined,
  { program, evaluation, sources }: Explaining,
): ConditionFlip {
  const error = errorOf(result)
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
