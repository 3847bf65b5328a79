// The explanation of a decision as plain JSON data: what logs, bodies of answers, tests and user interfaces are made from.
//
// Values of the request appear only where the schema marks them `@loggable`; otherwise there are names, policy text, kinds and
// outcomes of conditions. A time is Unix seconds; an entity or an action is Cedar text, `Role::"admin"`.

import type { Remedy } from '../annotation/advice.ts'
import type { Decision } from '../decide/decision.ts'
import type { Effect, Span } from '../syntax/tree.ts'

/** The form of `Explanation`. A new member does not change it; a member that is gone or means something else does. */
export const EXPLANATION_VERSION = 1

export interface Explanation {
  readonly version: typeof EXPLANATION_VERSION
  readonly decision: 'allow' | 'deny'
  readonly reason: Decision['reason']
  readonly asked: Asked
  /** The policies because of which the decision is what it is, in the order of the policies. */
  readonly determining: readonly DeterminingPolicy[]
  /** Every policy that could not be evaluated, whether that mattered or not. */
  readonly errors: readonly ErringPolicy[]
  /**
   * When no permit applies: the permits that are for this action and these types, the nearest first. Also where a forbid denies, as
   * it would not be enough to satisfy that.
   */
  readonly nearMisses: readonly NearMiss[]
  /** How many more there are than are listed. */
  readonly more: { readonly determining: number; readonly errors: number; readonly nearMisses: number }
  /** When no permit is for this action and these types: what the nearest ones are for. */
  readonly nearby?: Nearby
  /** What the `@advice` of the policies offers: only what would make it an allow, or what only people can tell. */
  readonly remedies: readonly Remedy[]
}

/** What was asked, without ids of people and things. */
export interface Asked {
  readonly principalType: string
  readonly action: string
  readonly resourceType: string
}

/** Where in the policies. Offsets are UTF-16 code units; line and column count from 1 and are there when the text was at hand. */
export interface Place extends Span {
  readonly line?: number
  readonly column?: number
}

export interface ExplainedPolicy {
  /** The policy's id; of a link, its template's. */
  readonly id: string
  readonly effect: Effect
  /** The text as it was written, or printed anew when that was not at hand. */
  readonly text: string
  readonly place: Place
  /** Its `@doc`. */
  readonly doc?: string
}

export interface DeterminingPolicy {
  /** As the decision names it: the policy's id, or the link's. */
  readonly id: string
  readonly policy: ExplainedPolicy
  /** The link by which a template applies. */
  readonly grant?: UsedGrant
  /** Of a forbid that denies because it could not be evaluated. */
  readonly error?: ConditionError
  /** Of a forbid: what would keep it from applying, without an error. Empty: whatever is in its scope is denied. */
  readonly flips: readonly Flip[]
}

export interface UsedGrant {
  readonly template: string
  /** Granted to the principal itself, or to a group that it is in. */
  readonly to?: 'principal' | 'group'
  /** Granted on the resource itself, or on something that it is in. */
  readonly on?: 'resource' | 'ancestor'
  readonly untilSeconds?: number
}

export interface ErringPolicy {
  /** As the decision names it. */
  readonly id: string
  readonly code: string
  readonly message: string
  readonly place: Place
}

export interface NearMiss {
  readonly policy: ExplainedPolicy
  /**
   * What was not met, as an irreducible set: with all of it turned the permit applies, without any one of it, it does not. Of
   * several such sets one that is smallest and easiest to bring about. Scope first, then the grant, then conditions.
   */
  readonly flips: readonly Flip[]
}

/** One part of a policy that came out other than it had to. */
export type Flip = ScopeFlip | GrantFlip | ConditionFlip

/** The scope names an entity that the principal or the resource is not (`equal`), or is not in. */
export interface ScopeFlip {
  readonly kind: 'scope'
  readonly side: 'principal' | 'resource'
  readonly relation: 'equal' | 'in'
  readonly entity: string
  readonly place: Place
  readonly change: Change
}

/** The policy is a template, and no link of it counts. */
export interface GrantFlip {
  readonly kind: 'grant'
  /**
   * `elsewhere`: the principal has the grant, on another resource. `expired`: it had it here. `no-time`: it has it here until a time,
   * and the request says no time. `none`: none of these. The links of others are not told of.
   */
  readonly state: 'none' | 'elsewhere' | 'expired' | 'no-time'
  /** When the last one ended or will end. */
  readonly untilSeconds?: number
  readonly place: Place
  readonly change: Change
}

/** A part of a condition that has no `&&`, `||`, `!` or `if` outside of its operands. */
export interface ConditionFlip {
  readonly kind: 'condition'
  readonly text: string
  readonly place: Place
  /** What it would have to be. */
  readonly wanted: boolean
  readonly outcome: 'true' | 'false' | 'error'
  readonly error?: ConditionError
  /** What it reads of the request. */
  readonly operands: readonly Operand[]
  readonly change?: Change
}

export interface ConditionError {
  /** `ERR_POLICY_EVALUATION_...` */
  readonly code: string
  readonly message: string
}

export interface Operand {
  /** `principal.department`, `context.ip` */
  readonly text: string
  /** Cedar's name of the value's type; `absent` attribute or tag, `unknown-entity` that is not there, or an `error`. */
  readonly kind: ValueKind
  /** The type of an `Entity`. */
  readonly type?: string
  /** The value as Cedar text. Only what the schema marks `@loggable`. */
  readonly value?: string
}

export type ValueKind =
  | 'Bool'
  | 'Long'
  | 'String'
  | 'Entity'
  | 'Set'
  | 'Record'
  | 'decimal'
  | 'ipaddr'
  | 'datetime'
  | 'duration'
  | 'absent'
  | 'unknown-entity'
  | 'error'

/** What would turn a flip. */
export type Change =
  /** A grant of the template, on a resource of the type. */
  | { readonly kind: 'grant'; readonly template: string; readonly resourceType: string }
  | { readonly kind: 'renewed-grant'; readonly template: string; readonly resourceType: string }
  /** To be in one of the groups or roles; `wanted` false: in none of them. Empty: they come from data. */
  | { readonly kind: 'membership'; readonly groups: readonly string[]; readonly wanted: boolean }
  | { readonly kind: 'second-factor' }
  | { readonly kind: 'network' }
  /** Another fact of the request: `now`, `device`, `tenant`, `client`, or what a handler says. */
  | { readonly kind: 'context'; readonly name: string }
  /** To be (or not to be) who the attribute of the resource names. */
  | { readonly kind: 'ownership'; readonly attribute: string; readonly wanted: boolean }
  /** Another value of `resource.classified`. */
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'other'; readonly side: 'principal' | 'resource' }

/** What permits are for, near what was asked: each list with the other two parts kept. */
export interface Nearby {
  /** The action that was perhaps meant by one that does not exist. */
  readonly meant?: string
  readonly actions: readonly string[]
  readonly principalTypes: readonly string[]
  readonly resourceTypes: readonly string[]
}
