// A service that was called exchanges its caller's token for one for the next service (RFC 8693, delegation). The authority's own
// policy says whose tokens for what it may exchange for what. The bound is the sign-in and the grants of now, as for the caller, and
// the remaining life of the caller's token, and its grants if it was narrowed; what takes that token away, by its number, key or client, takes this one too.

import { ClaimsError, type GrantLimit, grantsReference, openGrantSet, unpackGrants } from '@cardea/claims'
import { entityUid } from '@cardea/policy'
import type { Ancestor, VerifiedToken } from '@cardea/token'
import { AuthorityError } from '../../errors.ts'
import type { AudienceSettings } from '../../options.ts'
import type { Parts } from '../../parts.ts'
import type { SessionRecord } from '../../store/records.ts'
import type { StoreView } from '../../store/store.ts'
import { loadGrantSet } from '../grant-sets/load-grant-set.ts'
import { actFor, readActor, requireMayAct } from './actor.ts'
import { bind, type Binding, useProofAlone } from './binding.ts'
import { readDetails } from './details.ts'
import { type Assembled, assembleAccessToken, type Delegation, signAccessToken, type TokenAnswer } from './issue.ts'
import { assembleKept } from './keep-grant-set.ts'
import { isOfLivingKey, verifyOwnToken } from './own-token.ts'
import { packPerson } from './pack.ts'
import { providedOf, requireLive } from './session.ts'
import { allowExchange, readTarget } from './target.ts'
import type { TokenRequest } from './token-request.ts'

/** How often what a person got may be passed on. */
const MAX_STEPS = 3

/**
 * Errors: `ERR_AUTHORITY_SUBJECT_TOKEN`, `ERR_AUTHORITY_SUBJECT_REVOKED`, `ERR_AUTHORITY_SESSION_ENDED`, `ERR_AUTHORITY_TARGET`,
 * `ERR_AUTHORITY_ACTOR`, `ERR_AUTHORITY_DELEGATION_DEPTH`, those of `bind`, `packPerson` and `assembleAccessToken`.
 */
export async function passOn(subjectToken: string, request: TokenRequest, parts: Parts): Promise<TokenAnswer> {
  const { settings, store, revocations, ownPolicy } = parts
  const audience = readTarget(request.parameters, settings.audiences)
  const audiences = settings.audiences.map(({ id }) => id)
  const subject = await verifyOwnToken(subjectToken, audiences, 'ERR_AUTHORITY_SUBJECT_TOKEN', parts)
  allowExchange(request.client, String(subject.claims.aud), audience.id, ownPolicy)
  const binding = bindAsStrongly(subject, audience, request)
  const delegation = await delegate(subject, request, parts)
  const requested = readDetails(request.parameters)
  await useProofAlone(request, parts)
  const passing: Passing = { subject, audience, binding, requested, delegation, request }
  const assembled = await assembleKept(store, (view) => derive(passing, view, parts))
  await store.hear(assembled.request.packed.position)
  if (revocations.matchToken(subject) !== undefined) throw new AuthorityError('ERR_AUTHORITY_SUBJECT_REVOKED')
  return signAccessToken(assembled, parts)
}

/**
 * Nobody holds the new token as easily as the old one was not to be held: a key for a key, a certificate for a certificate, a range
 * for a range.
 */
function bindAsStrongly(
  { claims: { cnf, net } }: VerifiedToken,
  audience: AudienceSettings,
  request: TokenRequest,
): Binding {
  const hadCertificate = cnf?.['x5t#S256'] !== undefined
  const hadKey = cnf !== undefined && (cnf.jkt !== undefined || !hadCertificate)
  const binding = bind(request, {
    ...audience,
    dpopRequired: audience.dpopRequired || hadKey,
    certificateRequired: audience.certificateRequired || hadCertificate,
  })
  if (net !== undefined && binding.networks === undefined) {
    throw new AuthorityError('ERR_AUTHORITY_BIND_ADDRESS', 'the token is bound to address ranges: say which are yours')
  }
  return binding
}

async function delegate({ claims, keyId }: VerifiedToken, request: TokenRequest, parts: Parts): Promise<Delegation> {
  const { iss, jti = '', client_id = '', derived_from: before = [] } = claims
  if (before.length >= MAX_STEPS) throw new AuthorityError('ERR_AUTHORITY_DELEGATION_DEPTH')
  const derivedFrom: readonly Ancestor[] = [...before, { iss, jti, kid: keyId, client_id }]
  const actor = await readActor(request, parts)
  if (actor === undefined) return { derivedFrom, act: claims.act, endsAtSeconds: claims.exp }
  if (claims['may_act'] !== undefined) requireMayAct(claims['may_act'], request.client.id, parts.settings.issuer)
  const endsAtSeconds = Math.min(claims.exp, actor.endsAtSeconds)
  return { derivedFrom, act: actFor(request.client.id, claims.act), endsAtSeconds }
}

interface Passing {
  readonly subject: VerifiedToken
  readonly audience: AudienceSettings
  readonly binding: Binding
  /** What is asked to be kept of what the subject's token may give. */
  readonly requested: readonly GrantLimit[] | undefined
  readonly delegation: Delegation
  readonly request: TokenRequest
}

/** In one consistent read. */
async function derive(passing: Passing, view: StoreView, parts: Parts): Promise<Assembled> {
  const { subject, audience, binding, requested, delegation, request } = passing
  const position = await view.position()
  if (!(await isOfLivingKey(subject, view, parts))) throw new AuthorityError('ERR_AUTHORITY_SUBJECT_TOKEN')
  const session = await sessionOf(subject, position.epoch, view, parts)
  const { principal, tenant } = session
  const narrowing = { requested, recorded: await loadLimits(subject, view, parts) }
  const packed = await packPerson(
    { principal, tenant, provided: providedOf(session, parts), audience: audience.id, narrowing, position },
    view,
    parts,
  )
  const { client, correlation } = request
  const uid = entityUid(parts.settings.principalType, principal)
  return assembleAccessToken(
    { audience, client, session, subject: uid, binding, packed, delegation, correlation },
    parts,
  )
}

/**
 * What a narrowed token holds or names is all that may be passed on; `undefined` for one that was not narrowed. A set that is not kept
 * any more bounds nothing, so it refuses. Errors: `ERR_AUTHORITY_SUBJECT_TOKEN`.
 */
async function loadLimits(
  token: VerifiedToken,
  view: StoreView,
  { now }: Parts,
): Promise<readonly GrantLimit[] | undefined> {
  const { claims } = token
  if (claims.narrowed === undefined) return undefined
  try {
    const digest = grantsReference(claims)
    if (digest === undefined) return unpackGrants(claims['grants'], claims.tenant)
    const record = await loadGrantSet(token, view, now())
    if (record === undefined) throw new AuthorityError('ERR_AUTHORITY_SUBJECT_TOKEN')
    return openGrantSet(record.text, digest).grants
  } catch (cause) {
    if (cause instanceof ClaimsError) throw new AuthorityError('ERR_AUTHORITY_SUBJECT_TOKEN', undefined, { cause })
    throw cause
  }
}

/** The sign-in that the token came of. A client's own token came of none. */
async function sessionOf(
  { claims: { sid, sub, tenant, epoch } }: VerifiedToken,
  current: string,
  view: StoreView,
  { now }: Parts,
): Promise<SessionRecord> {
  const session = sid === undefined ? undefined : await view.session(sid)
  if (session === undefined || session.principal !== sub || session.tenant !== tenant || epoch !== current) {
    throw new AuthorityError('ERR_AUTHORITY_SUBJECT_TOKEN')
  }
  requireLive(session, now())
  return session
}
