// One decision as it is written down. No token, key or signature is ever in a record.

export interface DecisionRecord {
  /** `start.n`: unique, and the same when it is sent again. */
  readonly id: string
  /** Counts up by one from 1 in each start of a service, so that a missing one is seen. */
  readonly n: number
  /** Names the start: random. */
  readonly start: string
  readonly service: string
  /** RFC 3339, with milliseconds. */
  readonly at: string
  readonly decision: 'allow' | 'deny'
  /** A decision's reason or a guard's code. `records_lost`: this record stands for `lost` others. */
  readonly reason: string
  readonly action?: string
  readonly principal?: string
  readonly tenant?: string
  readonly resource?: string
  /** Ids of the policies and grants that determined it. */
  readonly policies: readonly string[]
  /** What the action's own decider said, beside the policies or in their place: `together deny no-permit`, `alone deny forbid-error ERR_OPA_TIMEOUT`. */
  readonly decider?: string
  /** `jti`. */
  readonly tokenId?: string
  readonly sid?: string
  /** The bundle's number. */
  readonly revision?: number
  readonly checkpoint: 'authenticate' | 'route' | 'resource' | 'filter'
  readonly correlation: string
  readonly durationMicroseconds?: number
  readonly remedy?: string
  /** Kinds of the token's binding that did not fit the request (`address`, `key`), where the policy softens what comes of it. */
  readonly mismatches?: readonly string[]
  /** `jti` of the break-glass statement without which it would have been denied as `stale`. */
  readonly breakGlass?: string
  /** With the reason `records_lost`: how many could not be kept. */
  readonly lost?: number
  /** Of a flood of equal denials: how many others, each with a number of its own, this one stands for. */
  readonly repeats?: number
}

/** How many decisions it tells of: itself and those that it stands for. Those of a start add up to its highest number. */
export function decisionsIn({ lost = 0, repeats = 0 }: Pick<DecisionRecord, 'lost' | 'repeats'>): number {
  return 1 + lost + repeats
}

/** What a guard says of a decision; the recorder numbers it. */
export type DecisionReport = Omit<DecisionRecord, 'id' | 'n' | 'start' | 'service' | 'at' | 'lost' | 'repeats'>
