// What the loops of a feed client share.

import type { SteadyClock } from '../steady-clock.ts'
import type { Applied } from '../wire/applied.ts'
import type { Authority } from '../wire/authority.ts'
import type { Replica } from './replica.ts'

export interface Setting {
  readonly authority: Authority
  readonly audience: string
  readonly replica: Replica
  /** What the authority is told of this guard with each question. */
  readonly applied: () => Applied
  readonly clock: SteadyClock
  /** Fires when the client closes. */
  readonly signal: AbortSignal
  readonly report: (message: string, cause: unknown) => void
  readonly backoff: { readonly maxMilliseconds: number; readonly random: () => number }
}
