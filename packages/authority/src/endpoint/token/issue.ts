// The last steps of every token: claims, budget, signature, record. RFC 9068.

import { randomBytes } from 'node:crypto'
import {
  type AuthorizationDetail,
  type BudgetOptions,
  checkBudget,
  ClaimsError,
  type Grant,
  type GrantSet,
  toAuthorizationDetails,
  tokenBytes,
} from '@cardea/claims'
import type { Position } from '@cardea/feed'
import { type EntityUid, entityUid, formatEntityUid } from '@cardea/policy'
import {
  type Actor,
  type Ancestor,
  issueToken,
  type JsonObject,
  type JsonValue,
  type SignatureAlgorithm,
  type SigningKey,
  type TokenClaims,
} from '@cardea/token'
import { AuthorityError } from '../../errors.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord, GrantSetRecord, SessionRecord } from '../../store/records.ts'
import type { Binding } from './binding.ts'

/** RFC 6749 section 5.1. */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: 'Bearer' | 'DPoP'
  readonly expires_in: number
  readonly issued_token_type?: string
  readonly refresh_token?: string
  /** RFC 9396 section 7: the grants of a token that was narrowed. */
  readonly authorization_details?: readonly AuthorizationDetail[]
}

export interface IssueRequest {
  readonly audience: { readonly id: string; readonly tokenSeconds: number; readonly maxTokenBytes: number }
  readonly client: ClientRecord
  /** `undefined` when a client asks for itself. */
  readonly session: SessionRecord | undefined
  readonly subject: EntityUid
  readonly binding: Binding
  readonly packed: Packed
  /** What the token is exchanged for, and who acts. */
  readonly delegation?: Delegation
  readonly correlation: string
}

export interface Delegation {
  readonly act: Actor | undefined
  readonly derivedFrom?: readonly Ancestor[]
  /** The token lives no longer. */
  readonly endsAtSeconds: number
}

/** What the policies of the audience read, and the position that was read before it. */
export interface Packed {
  readonly position: Position
  readonly tenant: string | undefined
  readonly claims: Readonly<Record<string, JsonValue>>
  /** The grants among the claims, when they are fewer than could be: whatever comes of the token stays within them. */
  readonly granted?: readonly Grant[] | undefined
  /** What the claims name, when they do not hold the grants. */
  readonly grantSet?: GrantSet | undefined
  /** The same with the grants by reference, for a token that would be too large; `undefined` where the audience has none such. */
  readonly refer?: (() => Referred) | undefined
}

export interface Referred {
  readonly claims: Packed['claims']
  readonly grantSet: GrantSet
}

/** A token but for its signature: nothing that the store holds is needed any more. */
export interface Assembled {
  readonly request: IssueRequest
  readonly claims: TokenClaims & { readonly jti: string }
  readonly key: SigningKey
  /** To be kept before the token is signed: see `keepGrantSet`. */
  readonly grantSet: GrantSetRecord | undefined
}

/** For claims without a set to keep. Errors: `ERR_AUTHORITY_BUDGET`, `ERR_AUTHORITY_SIGNER`. */
export async function issueAccessToken(request: IssueRequest, parts: Parts): Promise<TokenAnswer> {
  return signAccessToken(assembleAccessToken(request, parts), parts)
}

/** All that can be refused, before anything is written. Errors: `ERR_AUTHORITY_BUDGET`, `ERR_AUTHORITY_SIGNER`. */
export function assembleAccessToken(request: IssueRequest, { settings, keys, now }: Parts): Assembled {
  const { audience, client, session, subject, binding, packed, delegation } = request
  const iat = now()
  const exp = Math.min(
    iat + audience.tokenSeconds,
    session?.endsAtSeconds ?? Number.POSITIVE_INFINITY,
    delegation?.endsAtSeconds ?? Number.POSITIVE_INFINITY,
  )
  const jti = randomBytes(16).toString('base64url')
  const own = {
    iss: settings.issuer,
    sub: subject.id,
    aud: audience.id,
    client_id: client.id,
    iat,
    exp,
    jti,
    epoch: packed.position.epoch,
    seq: packed.position.seq,
    ...present({
      sid: session?.sid,
      tenant: packed.tenant,
      acr: session?.acr,
      amr: session?.amr,
      auth_time: session?.authTime,
      cnf: confirmationOf(binding),
      net: binding.networks,
      act: delegation?.act,
      derived_from: delegation?.derivedFrom,
      narrowed: packed.granted === undefined ? undefined : true,
    }),
  }
  const key = keys.signer('access')
  const budget = { maxTokenBytes: audience.maxTokenBytes, signatureBytes: SIGNATURE_BYTES[key.algorithm] }
  const isTooLarge = tokenBytes({ ...own, ...packed.claims }, budget) > budget.maxTokenBytes
  const { claims: facts, grantSet } = isTooLarge && packed.refer !== undefined ? packed.refer() : packed
  const claims = { ...own, ...facts }
  keepWithinBudget(claims, budget)
  const place = { audience: audience.id, tenant: packed.tenant, endsAtSeconds: exp }
  return { request, claims, key, grantSet: grantSet === undefined ? undefined : { ...grantSet, ...place } }
}

/** Errors: `ERR_AUTHORITY_SIGNER`. */
export async function signAccessToken(assembled: Assembled, parts: Parts): Promise<TokenAnswer> {
  return reportToken(assembled, await signAssembled(assembled), parts)
}

/** Errors: `ERR_AUTHORITY_SIGNER`. */
export async function signAssembled({ claims, key }: Assembled): Promise<string> {
  return issueToken(claims, key)
}

/** The signed token goes out, which is recorded. */
export function reportToken({ request, claims }: Assembled, token: string, parts: Parts): TokenAnswer {
  const { audience, client, session, subject, binding, packed } = request
  const { decisions, log } = parts
  const { jti } = claims
  decisions.report({
    decision: 'allow',
    reason: 'permit',
    checkpoint: 'authenticate',
    action: 'obtainToken',
    principal: formatEntityUid(subject),
    resource: formatEntityUid(entityUid('Audience', audience.id)),
    policies: [],
    tokenId: jti,
    correlation: request.correlation,
    ...(session === undefined ? {} : { sid: session.sid }),
    ...(packed.tenant === undefined ? {} : { tenant: packed.tenant }),
  })
  log.debug({ jti, sid: session?.sid, client: client.id, audience: audience.id }, 'token issued')
  return {
    access_token: token,
    token_type: binding.keyThumbprint === undefined ? 'Bearer' : 'DPoP',
    expires_in: claims.exp - claims.iat,
    ...(packed.granted === undefined ? {} : { authorization_details: toAuthorizationDetails(packed.granted) }),
  }
}

/** RFC 9449 section 6.1, RFC 8705 section 3.1: of two, both must be shown. */
function confirmationOf({ keyThumbprint, certificateThumbprint }: Binding): JsonObject | undefined {
  if (keyThumbprint === undefined && certificateThumbprint === undefined) return undefined
  return present({ jkt: keyThumbprint, 'x5t#S256': certificateThumbprint })
}

function keepWithinBudget(claims: object, budget: BudgetOptions): void {
  try {
    checkBudget(claims, budget)
  } catch (cause) {
    if (cause instanceof ClaimsError) throw new AuthorityError('ERR_AUTHORITY_BUDGET', undefined, { cause })
    throw cause
  }
}

const SIGNATURE_BYTES: { readonly [Algorithm in SignatureAlgorithm]: number } = {
  ES256: 64,
  EdDSA: 64,
  RS256: 256,
  PS256: 256,
}

function present(members: Readonly<Record<string, JsonValue | undefined>>): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
