// Explains a decision: because of which policies, what a permit lacked, what would change it. Costs nothing unless called; then, the
// policies once, each condition once. See `explanation.ts` for the form and docs/explain.md for examples.

import { readAdvice } from '../annotation/advice.ts'
import type { Remedy } from '../annotation/advice.ts'
import type { TemplateLink } from '../compile/links.ts'
import type { Program } from '../compile/program.ts'
import { decide } from '../decide/decide.ts'
import type { Decision } from '../decide/decision.ts'
import { beginEvaluation } from '../decide/request.ts'
import type { Request } from '../decide/request.ts'
import { formatEntityUid, sameEntity } from '../entity/uid.ts'
import { printPolicy } from '../print/print-policy.ts'
import type { Policy } from '../syntax/tree.ts'
import { isOfRequest, permitsFor } from './candidates.ts'
import { EXPLANATION_VERSION } from './explanation.ts'
import type { Asked, DeterminingPolicy, ErringPolicy, ExplainedPolicy, Explanation, UsedGrant } from './explanation.ts'
import { nearbyOf } from './nearby.ts'
import { byDistance, distanceOf, lacksOfForbid, lacksOfPermit } from './near-miss.ts'
import { placeOf } from './place.ts'
import type { Explaining } from './place.ts'
import { adviceFor, followRemedy } from './remedy.ts'

export interface ExplainOptions {
  /** Texts by file name: policies and conditions are then shown as they were written, with line and column. */
  readonly sources?: ReadonlyMap<string, string>
  /** Near misses, determining policies and errors that are listed of each. Default: 5. */
  readonly limit?: number
  /** What `decide` said of this very request, if it was asked already. */
  readonly decision?: Decision
}

const NO_SOURCES: ReadonlyMap<string, string> = new Map<string, string>()
const NOT_ASKED: Asked = { principalType: '', action: '', resourceType: '' }

/**
 * Why the decision on a request is what it is. Never throws: what cannot be evaluated is explained as that. Values of the request appear
 * only where the schema marks them `@loggable`. Does not check the request against the schema (`checkRequest`, `checkEntity`).
 */
export function explain(program: Program, request: Request, options: ExplainOptions = {}): Explanation {
  const decision = options.decision ?? decide(program, request)
  try {
    return explainOrThrow(program, request, decision, options)
  } catch {
    return {
      version: EXPLANATION_VERSION,
      decision: decision.decision,
      reason: decision.reason,
      asked: NOT_ASKED,
      determining: [],
      errors: decision.errors.map(({ policy: id, code, message, span }) => ({ id, code, message, place: span })),
      nearMisses: [],
      more: { determining: decision.determining.length, errors: 0, nearMisses: 0 },
      remedies: [],
    }
  }
}

function explainOrThrow(
  program: Program,
  request: Request,
  decision: Decision,
  { sources = NO_SOURCES, limit = 5 }: ExplainOptions,
): Explanation {
  const inquiry: Explaining = { program, request, evaluation: beginEvaluation(program, request), sources }
  const { principal, action, resource } = request
  const determining = decision.determining.slice(0, limit).flatMap((id) => determiningPolicy(id, decision, inquiry))
  const permits = decision.decision === 'allow' ? [] : permitsFor(inquiry)
  const misses = permits.map((policy) => {
    const lacks = lacksOfPermit(policy, inquiry)
    return { policy, lacks, distance: distanceOf(lacks) }
  })
  // a permit that applies behind a forbid: nothing is lacking
  const isLacking = misses.every(({ lacks }) => lacks.length > 0)
  const unmet = isLacking ? misses.toSorted((left, right) => byDistance(left.distance, right.distance)) : []
  return {
    version: EXPLANATION_VERSION,
    decision: decision.decision,
    reason: decision.reason,
    asked: { principalType: principal.type, action: formatEntityUid(action), resourceType: resource.type },
    determining,
    errors: decision.errors.slice(0, limit).map((error) => erringPolicy(error, sources)),
    nearMisses: unmet.slice(0, limit).map(({ policy, lacks }) => ({
      policy: explainedPolicy(policy, sources),
      flips: lacks.map(({ describe }) => describe()),
    })),
    more: {
      determining: decision.determining.length - determining.length,
      errors: Math.max(0, decision.errors.length - limit),
      nearMisses: Math.max(0, unmet.length - limit),
    },
    ...(decision.decision === 'deny' && permits.length === 0 ? { nearby: nearbyOf(inquiry) } : {}),
    remedies: decision.decision === 'allow' ? [] : remediesFor(decision, inquiry),
  }
}

function determiningPolicy(id: string, decision: Decision, inquiry: Explaining): DeterminingPolicy[] {
  const { program, sources } = inquiry
  const own = program.policies.find((policy) => policy.id === id && policy.slots.length === 0)
  const link = own === undefined ? linkOf(id, inquiry) : undefined
  const policy = own ?? program.policies.find((template) => template.id === link?.template)
  if (policy === undefined) return []
  const error = decision.reason === 'forbid-error' ? decision.errors.find((one) => one.policy === id) : undefined
  return [
    {
      id,
      policy: explainedPolicy(policy, sources),
      ...(link === undefined ? {} : { grant: usedGrant(link, inquiry) }),
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
      flips: policy.effect === 'forbid' ? lacksOfForbid(policy, inquiry).map(({ describe }) => describe()) : [],
    },
  ]
}

/** The link by that id; of several, one that is of this request. */
function linkOf(id: string, { program, request, evaluation }: Explaining): TemplateLink | undefined {
  const named = [...program.links.all, ...(request.links?.all ?? [])].filter((link) => link.id === id)
  const isOurs = (link: TemplateLink): boolean =>
    program.policies.some((policy) => policy.id === link.template && isOfRequest(policy, link, evaluation))
  return named.find(isOurs) ?? named[0]
}

function usedGrant({ template, principal, resource, untilSeconds }: TemplateLink, { request }: Explaining): UsedGrant {
  return {
    template,
    ...(principal === undefined ? {} : { to: sameEntity(principal, request.principal) ? 'principal' : 'group' }),
    ...(resource === undefined ? {} : { on: sameEntity(resource, request.resource) ? 'resource' : 'ancestor' }),
    ...(untilSeconds === undefined ? {} : { untilSeconds }),
  }
}

function remediesFor(decision: Decision, { program, request }: Explaining): readonly Remedy[] {
  const advised = adviceFor(program, request, decision, readAdvice(program.policies).remedies)
  return advised.filter((remedy) => {
    if (remedy.kind === 'advice') return true
    const followed = followRemedy(program, request, remedy)
    return followed !== undefined && decide(program, followed).decision === 'allow'
  })
}

function explainedPolicy(policy: Policy, sources: ReadonlyMap<string, string>): ExplainedPolicy {
  const { id, effect, span, annotations } = policy
  const doc = annotations.get('doc')
  return {
    id,
    effect,
    text: sources.get(span.file)?.slice(span.start, span.end) ?? printPolicy(policy).trimEnd(),
    place: placeOf(span, sources),
    ...(doc === undefined ? {} : { doc }),
  }
}

function erringPolicy(
  { policy: id, code, message, span }: Decision['errors'][number],
  sources: ReadonlyMap<string, string>,
): ErringPolicy {
  return { id, code, message, place: placeOf(span, sources) }
}
