// What an event of a decision log says was decided. INVARIANT: anything that is not exactly an allow is a deny.

import { membersOf, type Slice, valueAt } from './json-slices.ts'
import { safeText } from './safe-text.ts'

export interface Verdict {
  readonly decision: 'allow' | 'deny'
  /**
   * What the policy itself says, where it does; else `rego_allow` or `rego_deny`. `undefined`: the rule had no value. `rego_error`: it could not be
   * evaluated. `erased`: a mask took the result away. `query`: an ad-hoc query. `not_a_decision`: any other value.
   */
  readonly reason: string
}

export interface Outcome {
  readonly result: Slice | undefined
  readonly error: Slice | undefined
  readonly query: Slice | undefined
  readonly path: Slice | undefined
  /** Paths that a mask took away. */
  readonly erased: readonly string[]
}

/** Members of a result that can say what was decided: of Cedar-made Rego, of most other Rego, of Rego for Envoy. */
const VERDICTS = { decision: 'allow', allow: true, allowed: true } as const
const NAMES = ['decision', 'allow', 'allowed', 'reason'] as const

export function verdictOf(bytes: Uint8Array, { result, error, query, path, erased }: Outcome): Verdict {
  if (query !== undefined && path === undefined) return { decision: 'deny', reason: 'query' }
  if (result === undefined) return { decision: 'deny', reason: whyNothing(bytes, error, erased) }
  const members = membersOf(bytes, result, NAMES)
  if (members === undefined) return plainVerdict(valueAt(bytes, result))
  const said = (['decision', 'allow', 'allowed'] as const).filter((name) => members[name] !== undefined)
  if (said.length === 0) return { decision: 'deny', reason: 'not_a_decision' }
  const inner = wholeDecision(bytes, members.decision)
  const { decision: word, reason } = inner === undefined ? members : (membersOf(bytes, inner, NAMES) ?? {})
  const places = { ...members, decision: word }
  const isAllow = said.every((name) => valueAt(bytes, places[name]) === VERDICTS[name])
  const given = members.decision === undefined ? undefined : safeText(valueAt(bytes, reason))
  return isAllow
    ? { decision: 'allow', reason: given ?? 'rego_allow' }
    : { decision: 'deny', reason: given ?? 'rego_deny' }
}

/** Who asks for a whole package of Cedar-made Rego gets its decision as a member. `undefined` where it is a word. */
export function wholeDecision(bytes: Uint8Array, decision: Slice | undefined): Slice | undefined {
  return decision !== undefined && membersOf(bytes, decision, []) !== undefined ? decision : undefined
}

function plainVerdict(value: unknown): Verdict {
  if (value === true) return { decision: 'allow', reason: 'rego_allow' }
  return { decision: 'deny', reason: value === false ? 'rego_deny' : 'not_a_decision' }
}

/** The older API says that a rule has no value as an error. */
function whyNothing(bytes: Uint8Array, error: Slice | undefined, erased: readonly string[]): string {
  if (error !== undefined) {
    const members = membersOf(bytes, error, ['code'])
    return valueAt(bytes, members?.code) === 'undefined_document' ? 'undefined' : 'rego_error'
  }
  return erased.includes('/result') ? 'erased' : 'undefined'
}
