// What a guard is made with. Everything that weakens it would be an option with an ugly name; there is none so far.

import type { ClaimMapping } from '@cardea/claims'
import type { Revocations } from '@cardea/feed'
import type { ActionName, Decider, Evaluator, GeneratedSchema } from '@cardea/policy'
import type { JsonWebKeySet, KeySource, NonceSource, ReplayStore, SignatureAlgorithm, TokenType } from '@cardea/token'
import type { GuardRequest } from './authenticate/request.ts'
import type { Schedule } from './clock.ts'
import type { GuardLog } from './log.ts'
import type { DecisionEvent } from './record.ts'
import type { PolicySource } from './source/policy-folder.ts'

export type GuardOptions<S extends GeneratedSchema = GeneratedSchema> = StandaloneOptions<S> | AuthorityOptions<S>

/** Without a server: policies from a folder, tokens from an identity provider. */
export interface StandaloneOptions<S extends GeneratedSchema = GeneratedSchema> extends CommonOptions<S> {
  /** A folder of `*.cedar` files with the `*.cedarschema` beside them, the file that `cardea bundle` built, or the sources themselves. */
  readonly policies: string | readonly PolicySource[]
  /** Exactly the `iss` of the tokens. */
  readonly issuer: string
  /** The issuer's keys: as a set, by address, or found through the issuer's metadata when left out. */
  readonly keys?: JsonWebKeySet | { readonly jwksUri: string } | KeySource
  /** How the claims of a provider's own tokens name the principal. Without it, tokens are in Cardea's own form. */
  readonly claims?: ClaimMapping<S>
  /** What was revoked, for who keeps that himself. */
  readonly revocations?: Revocations
  /** What an erroring `forbid` does. Default `deny`; of a built bundle, what it was built with. */
  readonly forbidErrors?: 'deny' | 'skip'
  readonly authority?: never
  /** Records go nowhere but to `onDecision`: there is nothing that could be full. */
  readonly audit?: never
  /** There are no news that could be too old. */
  readonly breakGlassFile?: never
}

/** With an authority: policies, keys and revocations are pushed, decisions are recorded there. */
export interface AuthorityOptions<S extends GeneratedSchema = GeneratedSchema> extends CommonOptions<S> {
  /** The authority's address, which is also the issuer of the tokens. */
  readonly authority: string
  /** This guard's identity at the authority. */
  readonly client: { readonly id: string; readonly secret: string }
  /**
   * The pinned keys that sign the authority's bundles: `authority.bundleKeys()`. Not those of tokens. Only in development they
   * may be left out: then whoever answers at the authority's address is believed.
   */
  readonly bundleKeys?: JsonWebKeySet | KeySource
  /**
   * A file in which this guard keeps what it follows, so that it can start while its authority is down: with the news as old as their
   * last proof. For this service's user alone, one process a file, on a disk that stays. Default: nothing is kept.
   */
  readonly stateFile?: string
  /**
   * A file that an operator may put a statement of `cardea break-glass` into: while it counts, actions take older news than they accept,
   * and records name it. Looked at every second; that nobody but this user and root can write. Default: there is none.
   */
  readonly breakGlassFile?: string
  /**
   * Grants remembered of tokens that name theirs by reference, over all such tokens. Default 200 000; at least the 10 000 that one
   * token may name.
   */
  readonly grantCacheSize?: number
  /** What happens when decision records cannot be sent for long. Default: 10 000 wait in memory, and the rest is counted. */
  readonly audit?: AuditOptions<S>
  readonly policies?: never
  readonly issuer?: never
}

export interface CommonOptions<S extends GeneratedSchema> {
  /** What `cardea generate` wrote. */
  readonly schema: S
  /** Exactly one of the `aud` of the tokens: this service. An `https` address is also its RFC 9728 resource identifier. */
  readonly audience: string
  /** Default `['ES256']`. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** The exact `typ` of tokens. Default `at+jwt`. */
  readonly tokenType?: TokenType
  readonly maxTokenBytes?: number
  /** The most that a token may live. */
  readonly maxLifetimeSeconds?: number
  /** How long after `exp` a token still counts. Default 0. */
  readonly clockToleranceSeconds?: number
  /** Verified tokens remembered. Default 10 000. */
  readonly cacheSize?: number
  /** Entity type of people (default `User`) and of clients that act for themselves (default `Client`). */
  readonly principalType?: string
  readonly clientType?: string
  /** `https://api.example.com`: what callers see. DPoP proofs are for addresses under it. Default: scheme and `Host` of the request. */
  readonly origin?: string
  /** Addresses or CIDR ranges of proxies whose `X-Forwarded-For` counts. Default none. */
  readonly trustedProxies?: readonly string[]
  /**
   * The header in which those proxies pass on the certificate that a client has shown them, as `Client-Cert` of RFC 9440 or as
   * URL-escaped PEM. They must take away what callers send under that name. Default: none is read.
   */
  readonly clientCertificateHeader?: string
  readonly dpop?: DpopOptions
  /** The tenant that the address of a request names, in its host or path. It must be the token's. */
  readonly tenantOf?: (request: GuardRequest) => string | undefined
  /** Explanations in answers, warnings instead of refusals at start. Default: NODE_ENV is `development`. */
  readonly development?: boolean
  /**
   * How conditions are run. Default: closures, which run wherever JavaScript does. `codegen` of `@cardea/guard/codegen` makes code of
   * them, means the same on every input and is several times faster. Where code may not be made (an edge runtime, a content security
   * policy without `unsafe-eval`, `--disallow-code-generation-from-strings`) the guard does not start: `ERR_GUARD_OPTIONS`.
   */
  readonly evaluator?: Evaluator
  /**
   * Who decides of an action beside the policies (`together`: denied if either denies) or in their place (`alone`), such as an OPA. All else of
   * the guard stays as it is: token, binding, freshness, claims, the check of the entity, the gate, records. What such an action allows is never
   * a filter. One that answers with a promise is asked by `await auth.ask(...)`. Default: the policies alone.
   */
  readonly deciders?: { readonly [Action in ActionName<S>]?: ActionDecider }
  /** The name of this service in decision records. Default: the audience. */
  readonly service?: string
  /** Called with every decision. Must not throw; must not wait. */
  readonly onDecision?: (event: DecisionEvent) => void
  readonly log?: GuardLog
  readonly fetch?: typeof globalThis.fetch
  /** Unix seconds. */
  readonly now?: () => number
  readonly schedule?: Schedule
  /** Ids of requests and records. Default: random UUIDs. */
  readonly createId?: () => string
}

export type DeciderMode = 'alone' | 'together'

/** The decider of one action. One decider may serve several. */
export interface ActionDecider {
  readonly decider: Decider
  readonly mode: DeciderMode
}

/**
 * What becomes of a decision whose record has no room. `count`: it stands, its record is dropped, and a later record says how many were.
 * `spill`: its record waits in the file; beyond the file's bound as `count`. `block`: a record is kept before an allow is given, in the file
 * if there is one, and in memory if not; where there is no room the answer is 503 with the reason `unrecordable`.
 */
export type FullAudit = 'count' | 'spill' | 'block'

export interface AuditOptions<S extends GeneratedSchema = GeneratedSchema> {
  /** For actions that are not named. Default `count`. */
  readonly full?: FullAudit
  readonly actions?: { readonly [Action in ActionName<S>]?: FullAudit }
  /**
   * Where records wait that a restart must not lose: made if it is not there, readable by its owner only, and used by one process alone. Its
   * folder must be there. What a former start left in it is sent first.
   */
  readonly file?: string
  /** The most that it grows to; a quarter of it is for `block`. Default 64 MiB, at least 64 KiB. */
  readonly maxFileBytes?: number
}

export interface DpopOptions {
  /** Refuse tokens that are not bound to a key. Default false: what is bound must come with a proof, nothing else. */
  readonly required?: boolean
  /** Default: in this process. */
  readonly replay?: ReplayStore
  /** If given, proofs must carry a nonce of it. */
  readonly nonces?: NonceSource
  /** Default 60. */
  readonly maxAgeSeconds?: number
}
