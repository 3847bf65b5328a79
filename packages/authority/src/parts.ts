// What the endpoints work with. Made once at start (authority.ts) and never changed.

import type { Revocations } from '@cardea/feed'
import type { NonceSource, ReplayStore } from '@cardea/token'
import type { Logger } from 'pino'
import type { Heads } from './endpoint/feed/heads.ts'
import type { Fleet } from './endpoint/guards/fleet.ts'
import type { DecisionKeeper } from './endpoint/log/decision-keeper.ts'
import type { OpaFleet } from './endpoint/opa/status-fleet.ts'
import type { Turns } from './endpoint/opa/logs-turns.ts'
import type { Connections } from './http/connections.ts'
import type { OwnDecisions } from './http/own-decisions.ts'
import type { ClientAssertions } from './identity/client-assertions.ts'
import type { Clients } from './identity/clients.ts'
import type { Directory } from './identity/directory.ts'
import type { Providers } from './identity/providers.ts'
import type { KeyRing } from './key/key-ring.ts'
import type { Settings } from './options.ts'
import type { OwnPolicy } from './own-policy/own-policy.ts'
import type { Publisher } from './publication/publisher.ts'
import type { Store } from './store/store.ts'

export interface Parts {
  readonly settings: Settings
  readonly store: Store
  readonly keys: KeyRing
  readonly clients: Clients
  readonly clientAssertions: ClientAssertions
  /** Who is at the other end of a connection. */
  readonly connections: Connections
  readonly directory: Directory
  readonly providers: Providers
  readonly publisher: Publisher
  readonly ownPolicy: OwnPolicy
  /** Tenants that a provider or the directory speaks for. */
  readonly knownTenants: ReadonlySet<string>
  /** Every revocation that a living token or a sign-in that can still be exchanged could match. */
  readonly revocations: Revocations
  /** The DPoP proofs that were used, at any authority on the database. */
  readonly proofs: ReplayStore
  /** Given out and required at the token endpoint, if at all. */
  readonly nonces: NonceSource | undefined
  /** How far the log has come, for guards who ask. */
  readonly heads: Heads
  /** The guards that were heard of lately. */
  readonly fleet: Fleet
  /** The OPAs that were heard of lately. */
  readonly opaFleet: OpaFleet
  /** Decision logs of OPAs are unpacked one at a time. */
  readonly logTurns: Turns
  /** Where the decisions of guards are recorded. */
  readonly decisionKeeper: DecisionKeeper
  /** Where the authority's own decisions are recorded. */
  readonly decisions: OwnDecisions
  /** The longest life of an access token. */
  readonly longestSeconds: number
  readonly now: () => number
  /** The greatest time that `now` ever told: an entry that must outlive every token counts from it. */
  readonly latest: () => number
  readonly log: Logger
}
