// What a guard has of the feed: the whole state as of a moment, and what it is told when that changes.

import type { JsonWebKeySet } from '@cardea/token'
import type { OpenBundle } from '../bundle/bundle.ts'
import type { Position } from '../position.ts'
import type { Revocation } from '../revocation/revocation.ts'
import type { Revocations } from '../revocation/revocations.ts'

export interface FeedState {
  readonly position: Position
  /** Whose tokens it speaks of; `undefined`: of all. Those of other tenants must not be taken. */
  readonly tenants: readonly string[] | undefined
  readonly bundle: OpenBundle
  /** The keys of access tokens, as the authority publishes them. */
  readonly keys: JsonWebKeySet
  readonly revocations: Revocations
  /** Unix seconds: the state was the authority's at this moment, whatever came since. */
  readonly freshAsOfSeconds: number
}

export type FeedChange =
  /** Keys and revocations may all be new; so may the epoch. */
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'revocation'; readonly revocation: Revocation }
  | { readonly kind: 'keys' }
  /** A newer bundle was announced: stale from now until `bundle`. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'bundle'; readonly bundle: OpenBundle }
