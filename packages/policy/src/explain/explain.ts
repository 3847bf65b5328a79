// Why a request was denied, in one line, and what would change it. Costs nothing unless called. The line names policies and
// shows their text; values of the request never appear.

import type { Program } from '../compile/program.ts'
import type { Decision } from '../decide/decision.ts'
import { beginEvaluation } from '../decide/request.ts'
import type { Request } from '../decide/request.ts'
import { formatEntityUid } from '../entity/uid.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import { isFault } from '../operator/fault.ts'
import type { Policy, Span } from '../syntax/tree.ts'
import { changeOf } from './change.ts'
import { nearestPermit } from './nearest.ts'
import type { NearMiss, Unmet } from './nearest.ts'
import { decisivePiece, evaluateNode } from './part.ts'
import type { Part } from './part.ts'
import { codeText, partText, policyText } from './text.ts'
import type { ExplainOptions } from './text.ts'

export interface Denial {
  /** Lower case, no full stop, policy text in backticks. */
  readonly line: string
  /** The `forbid` that denied, or the `permit` that came nearest. */
  readonly policy?: { readonly id: string; readonly span: Span }
  /** What would change the answer (as far as this policy goes), as a noun phrase. */
  readonly change?: string
}

/** Explains a deny of `decide`. Misuse: an allow is a `TypeError`. */
export function explainDenial(
  program: Program,
  request: Request,
  decision: Decision,
  options: ExplainOptions = {},
): Denial {
  if (decision.decision !== 'deny') throw new TypeError('only a deny can be explained')
  const [id] = decision.determining
  const policy = id === undefined ? undefined : findPolicy(program, request, id)
  if (decision.reason === 'no-permit') return explainNoPermit(program, request, options)
  if (policy === undefined) return { line: 'the request could not be evaluated' }
  const shown = { id: policy.id, span: policy.span }
  if (decision.reason === 'forbid-error') {
    const fault = decision.errors.find((error) => error.policy === id)
    return {
      line: `forbid ${policyText(policy, options)} errs: ${fault?.message ?? 'it cannot be evaluated'}`,
      policy: shown,
    }
  }
  return { ...explainForbid(policy, beginEvaluation(program, request), options), policy: shown }
}

/** A forbid with an `unless` is blamed on that: it is what would have saved the request. */
function explainForbid(policy: Policy, evaluation: Evaluation, options: ExplainOptions): Denial {
  const head = `forbid ${policyText(policy, options)}`
  const { conditions } = policy
  const blamed = conditions.findLast(({ kind }) => kind === 'unless') ?? conditions.at(-1)
  if (blamed === undefined) return { line: `${head} denies whatever is in its scope` }
  const value = blamed.kind === 'when'
  const piece = decisivePiece(blamed.body, value, evaluation)
  const change = changeOf(piece.node, piece.wanted, options)
  const line = `${head} because ${partText(piece.node, options)} is ${!piece.wanted}`
  return { line, ...(change === undefined ? {} : { change }) }
}

function explainNoPermit(program: Program, request: Request, options: ExplainOptions): Denial {
  const evaluation = beginEvaluation(program, request)
  const nearest = nearestPermit(program, request, evaluation)
  const [first] = nearest?.unmet ?? []
  if (nearest === undefined || first === undefined) {
    return { line: 'no permit is for this action on this type of resource' }
  }
  const { reason, change } = explainUnmet(first, nearest, evaluation, options)
  const { id, span } = nearest.policy
  const line = `no permit applies; the nearest is ${policyText(nearest.policy, options)}, but ${reason}`
  return { line, policy: { id, span }, ...(change === undefined ? {} : { change }) }
}

interface Reason {
  readonly reason: string
  readonly change?: string | undefined
}

function explainUnmet(unmet: Unmet, { policy }: NearMiss, evaluation: Evaluation, options: ExplainOptions): Reason {
  switch (unmet.kind) {
    case 'scope': {
      const { side, relation, entity } = unmet
      const name = codeText(formatEntityUid(entity), options)
      const isGroup = side === 'principal' && relation === 'in'
      return {
        reason: `the ${side} is not ${relation === 'in' ? 'in ' : ''}${name}`,
        change: isGroup ? `membership in ${name}` : `another ${side}`,
      }
    }
    case 'grant': {
      const name = codeText(policy.id, options)
      return unmet.isExpired
        ? { reason: 'the grant has expired', change: `a renewed grant of ${name}` }
        : { reason: 'there is no grant of it here', change: `a grant of ${name} on the resource` }
    }
    case 'condition':
      return explainPart(unmet.part, evaluation, options)
    default:
      return unmet satisfies never
  }
}

function explainPart(part: Part, evaluation: Evaluation, options: ExplainOptions): Reason {
  const result = evaluateNode(part.node, evaluation)
  const change = changeOf(part.node, part.wanted, options)
  if (isFault(result)) return { reason: `${partText(part.node, options)} errs: ${result.message}`, change }
  const piece = decisivePiece(part.node, !part.wanted, evaluation)
  return {
    reason: `${partText(piece.node, options)} is ${!piece.wanted}`,
    change: changeOf(piece.node, piece.wanted, options),
  }
}

function findPolicy(program: Program, request: Request, id: string): Policy | undefined {
  const { ruleOf } = program.index
  const links = [...program.links.all, ...(request.links?.all ?? [])]
  const template = links.find((link) => link.id === id)?.template
  return (ruleOf.get(id) ?? (template === undefined ? undefined : ruleOf.get(template)))?.policy
}
