// What the store keeps, one interface a record. Times are unix seconds; an id is text and never reused.

import type { AuditHead, RevocationKey } from '@cardea/feed'
import type { GrantLimit } from '@cardea/claims'
import type { EntityUid } from '@cardea/policy'
import type { JsonWebKeySet, SignatureAlgorithm } from '@cardea/token'

/** A service, a guard or an administrator's tool that has an identity here. */
export interface ClientRecord {
  readonly id: string
  /** SHA-256 of the secret, base64url; `undefined` for one without. */
  readonly secretHash: string | undefined
  /** Authenticates with keys of its own, and with nothing else. Never so for an enrolled one. */
  readonly hasKeys: boolean
  /** Authenticates with its certificate, and with nothing else. Never so for an enrolled one. */
  readonly certificate: CertificateIdentity | undefined
  /** Each of its tokens is bound to the certificate that it shows. Never so for an enrolled one. */
  readonly certificateBound: boolean
  readonly roles: readonly ClientRole[]
  /** The audiences it may exchange for and whose feed it may read. */
  readonly audiences: readonly string[]
  /** The audiences whose tokens it may exchange for one of another. */
  readonly exchanges: readonly { readonly from: string; readonly to: string }[]
  /** The tenants that a guard serves and that a granter may grant in; of a guard, none are all. The templates that a granter may grant. */
  readonly tenants: readonly string[]
  readonly templates: readonly string[]
  /** `undefined` for a client that gets no refresh tokens, as every enrolled one. */
  readonly refresh: RefreshSettings | undefined
}

/** How a client is known by its certificate, under the name of the method in metadata. */
export type CertificateIdentity =
  | { readonly method: 'self_signed_tls_client_auth'; readonly thumbprints: readonly string[] }
  | { readonly method: 'tls_client_auth'; readonly name: SubjectName }

/** RFC 8705 section 2.1.2: a certificate holds many names, and one of them is the client's. */
export interface SubjectName {
  readonly kind: 'dn' | 'dns' | 'uri' | 'ip' | 'email'
  readonly value: string
}

export interface RefreshSettings {
  readonly idleSeconds: number
}

type ClientRole = 'admin' | 'guard' | 'granter' | 'auditor'

/** (issuer, tenant, subject), mapped once to a stable id. */
export interface PrincipalRecord {
  readonly id: string
  readonly issuer: string
  readonly tenant: string
  readonly subject: string
}

/** One sign-in at a provider, as one client presented it: the bound of every token that comes of it. */
export interface SessionRecord {
  readonly sid: string
  /** Digest of what identifies the subject token, so that the same one finds its session again. */
  readonly origin: string
  readonly clientId: string
  readonly tenant: string
  readonly principal: string
  readonly acr: string | undefined
  readonly amr: readonly string[] | undefined
  readonly authTime: number | undefined
  /** RFC 7638 thumbprint of the key that the sign-in is bound to. */
  readonly keyThumbprint: string | undefined
  /** `x5t#S256` of the certificate that the sign-in is bound to. */
  readonly certificateThumbprint: string | undefined
  readonly endsAtSeconds: number
  readonly endedAtSeconds: number | undefined
  /** `undefined` for a sign-in from before this was kept: nothing more can be derived from it. */
  readonly provided: ProvidedFacts | undefined
}

/** What the provider said of the person at the sign-in, as it was mapped: later tokens of the session say the same. */
export interface ProvidedFacts {
  readonly issuer: string
  readonly attributes: ReadonlyMap<string, unknown>
  readonly parents: readonly EntityUid[]
}

/** A refresh token, as far as it is kept: its digest, never its text. All those of one session are a family. */
export interface RefreshTokenRecord {
  /** SHA-256, base64url. */
  readonly hash: string
  readonly sid: string
  /** What it gets access tokens for, and where those may be used. */
  readonly audience: string
  readonly networks: readonly string[] | undefined
  /** The grants that its access tokens stay within; `undefined` when all that there are. */
  readonly details: readonly GrantLimit[] | undefined
  /** The hash of the token that was spent for this one. */
  readonly predecessor: string | undefined
  /** When it was made or last used. */
  readonly usedAtSeconds: number
  readonly spentAtSeconds: number | undefined
  /** With the token's text it makes the successor (endpoint/token/refresh-token.ts); forgotten when that is used. */
  readonly salt: string | undefined
}

export interface GrantRecord {
  readonly id: string
  readonly tenant: string
  readonly granteeType: string
  readonly granteeId: string
  readonly template: string
  readonly resourceType: string
  readonly resourceId: string
  /** Exclusive. */
  readonly untilSeconds: number | undefined
  readonly createdBy: string
  readonly createdAtSeconds: number
}

/** Grants that tokens name instead of holding them, under the digest of their text. The same for every token that names it. */
export interface GrantSetRecord {
  /** SHA-256 of the text, base64url. */
  readonly digest: string
  readonly audience: string
  readonly tenant: string | undefined
  readonly text: string
  /** When the last token that names it has expired. Exclusive. */
  readonly endsAtSeconds: number
}

export type KeyPurpose = 'access' | 'bundle' | 'audit'
export type KeyState = 'pending' | 'active' | 'retiring' | 'retired' | 'killed'

export interface KeyRecord {
  readonly kid: string
  readonly purpose: KeyPurpose
  readonly algorithm: SignatureAlgorithm
  readonly state: KeyState
  readonly publicJwk: JsonWebKeySet['keys'][number]
  /** The private JWK, encrypted (key/seal.ts). */
  readonly sealed: string
  readonly createdAtSeconds: number
  /** When a retiring key stops to be distributed. */
  readonly retiresAtSeconds: number | undefined
}

export interface SourceText {
  readonly file: string
  readonly text: string
}

/** One revision of the policy. Revisions count up by one and never go back. */
export interface PublicationRecord {
  readonly revision: number
  readonly schema: SourceText
  readonly policies: readonly SourceText[]
  /** `SchemaDefinition` as JSON. */
  readonly definition: string
  readonly digest: string
  readonly forbidErrors: 'deny' | 'skip'
  readonly createdBy: string
  readonly createdAtSeconds: number
}

/** A publication that waits until the tokens without its plan have expired. */
export interface StagedRecord {
  readonly publication: Omit<PublicationRecord, 'revision'>
  /** The revision that was current when it was staged, plus the one that carries the union plan. */
  readonly baseRevision: number
  readonly activatesAtSeconds: number
}

/** The signed bundle of one revision for one audience. */
export interface BundleRecord {
  readonly digest: string
  readonly revision: number
  readonly audience: string
  readonly jws: string
  /** `ClaimsPlan` as JSON: the plan that tokens for this audience are packed with. */
  readonly plan: string
  readonly createdAtSeconds: number
}

/** A change that guards must hear of. `seq` is its number in the log. */
export type Change =
  | {
      readonly kind: 'revocation'
      readonly key: RevocationKey
      /** The only tenant whose tokens it can touch; without it, any. */
      readonly tenant?: string
      readonly revokedAtSeconds: number
      readonly expiresAtSeconds: number
    }
  | { readonly kind: 'bundle'; readonly revision: number }
  | { readonly kind: 'keys' }
  | ({ readonly kind: 'checkpoint' } & AuditHead)

/** The only tenant whose guards must hear of the change; `undefined`: everybody must, as of tokens without a tenant, which all take. */
export function tenantConcerned(change: Change): string | undefined {
  if (change.kind !== 'revocation') return undefined
  const tenant = 'tenant' in change.key ? change.key.tenant : change.tenant
  return tenant === '' ? undefined : tenant
}

export interface NumberedChange {
  readonly seq: number
  readonly change: Change
}

/** A decision record as it came, with the sender that the authority knows it from. */
export interface DecisionRow {
  readonly sender: string
  readonly start: string
  readonly n: number
  readonly at: string
  readonly decision: string
  readonly reason: string
  readonly action: string | undefined
  readonly principal: string | undefined
  readonly tenant: string | undefined
  readonly policies: readonly string[]
  /** How many equal decisions it stands for besides its own. */
  readonly repeats: number | undefined
  /** The whole record as JSON. */
  readonly record: string
}

/** A signed checkpoint of the records. */
export interface CheckpointRecord extends AuditHead {
  readonly atSeconds: number
  /** A JWS. */
  readonly signed: string
}

/** Where the chain of records ends, and the last of those that were pruned. */
export interface AuditState {
  readonly head: AuditHead
  readonly pruned: AuditHead
}

export interface DecisionQuery {
  readonly denied: boolean
  /** ISO 8601, inclusive. */
  readonly since: string | undefined
  readonly limit: number
}

/** Denials that have one cause: who was refused what, why, how often. */
export interface DenialGroup {
  readonly reason: string
  readonly action: string | undefined
  readonly policies: readonly string[]
  readonly count: number
  readonly principals: number
  readonly lastAt: string
}
