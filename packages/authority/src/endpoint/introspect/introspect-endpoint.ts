// POST /introspect. RFC 7662: what an access token of ours says now, for a service of its audience that cannot verify it itself. Anything that is
// not to be told is `{"active": false}`, and nothing more: a caller learns nothing of tokens that are not for it.

import { type Grant, grantsReference, openGrantSet, toAuthorizationDetails, unpackGrants } from '@cardea/claims'
import type { TokenClaims, VerifiedToken } from '@cardea/token'
import { AuthorityError } from '../../errors.ts'
import { readForm } from '../../http/body.ts'
import type { AppContext } from '../../http/context.ts'
import { isPublic } from '../../identity/clients.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord } from '../../store/records.ts'
import { servesTenant } from '../feed/scope.ts'
import { loadGrantSet } from '../grant-sets/load-grant-set.ts'
import { authenticateClient } from '../token/client-authentication.ts'
import { isOfLivingKey, verifyOwnToken } from '../token/own-token.ts'

/** Errors: `ERR_AUTHORITY_CLIENT`, also for a public client, who could try tokens out; `ERR_AUTHORITY_REQUEST`. */
export async function introspectEndpoint(context: AppContext, parts: Parts): Promise<Response> {
  const parameters = await readForm(context, parts.settings.limits.bodyBytes)
  const authorization = context.req.header('authorization')
  const certificate = parts.connections.certificateOf(context)
  const client = await authenticateClient({ authorization, parameters, certificate }, parts)
  if (isPublic(client)) throw new AuthorityError('ERR_AUTHORITY_CLIENT')
  const text = parameters.get('token')
  if (text === undefined) throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`token` is missing')
  const active = await activeToken(text, client, parts)
  const answer = active === undefined ? { active: false } : { active: true, ...describe(active, parts) }
  return context.json(answer, 200, { 'cache-control': 'no-store' })
}

interface ActiveToken {
  readonly token: VerifiedToken
  /** What it holds, or names. */
  readonly grants: readonly Grant[]
}

/** `undefined` for whatever the caller may not be told of. */
async function activeToken(text: string, client: ClientRecord, parts: Parts): Promise<ActiveToken | undefined> {
  const { settings, store, revocations, ownPolicy, now } = parts
  const token = await verified(text, parts)
  if (token === undefined) return undefined
  if (!servesTenant(token.claims.tenant, client)) return undefined
  const audience = settings.audiences.find(({ id }) => id === token.claims.aud)
  if (audience === undefined || ownPolicy.introspectsToken(client, audience.id).decision !== 'allow') return undefined
  const { position, record, isOfKey } = await store.read(async (view) => ({
    position: await view.position(),
    record: await loadGrantSet(token, view, now()),
    isOfKey: await isOfLivingKey(token, view, parts),
  }))
  await store.hear(position)
  const isLive = isOfKey && token.claims.epoch === position.epoch && revocations.matchToken(token) === undefined
  if (!isLive) return undefined
  const digest = grantsReference(token.claims)
  if (digest === undefined) return { token, grants: unpackGrants(token.claims['grants'] ?? [], token.claims.tenant) }
  // without them it would say that there are none
  return record === undefined ? undefined : { token, grants: openGrantSet(record.text, digest).grants }
}

async function verified(text: string, parts: Parts): Promise<VerifiedToken | undefined> {
  const audiences = parts.settings.audiences.map(({ id }) => id)
  try {
    return await verifyOwnToken(text, audiences, 'ERR_AUTHORITY_SUBJECT_TOKEN', parts)
  } catch (error) {
    if (error instanceof AuthorityError) return undefined
    throw error
  }
}

/** RFC 7662 section 2.2, with RFC 8705 section 3.2, RFC 9449 section 6.2, RFC 9470 section 6.2 and RFC 9396 section 9.2. */
function describe(active: ActiveToken, parts: Parts): Readonly<Record<string, unknown>> {
  const { claims } = active.token
  return {
    token_type: claims.cnf?.jkt === undefined ? 'Bearer' : 'DPoP',
    ...Object.fromEntries(SHOWN.flatMap((name) => (claims[name] === undefined ? [] : [[name, claims[name]]]))),
    authorization_details: toAuthorizationDetails(livingGrants(active, parts)),
  }
}

const SHOWN: readonly (keyof TokenClaims)[] = [
  'iss',
  'sub',
  'aud',
  'client_id',
  'iat',
  'exp',
  'jti',
  'sid',
  'tenant',
  'acr',
  'amr',
  'auth_time',
  'act',
  'cnf',
  'net',
]

/** One that ended or was taken back is not among them, though the token still names it. */
function livingGrants({ token, grants }: ActiveToken, { revocations, now }: Parts): readonly Grant[] {
  return grants.filter(
    (grant) =>
      (grant.untilSeconds === undefined || now() < grant.untilSeconds) &&
      revocations.matchGrant(token, grant) === undefined,
  )
}
