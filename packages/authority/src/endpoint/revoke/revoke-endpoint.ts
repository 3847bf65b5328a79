// POST /revoke. RFC 7009: a token that is unknown, expired or not ours is as good as revoked, so the answer is 200.

import type { AppContext } from '../../http/context.ts'
import { createLocalKeys, parseStrictJson, SIGNATURE_ALGORITHMS, TokenError, verifyJws } from '@cardea/token'
import { z } from 'zod'
import { AuthorityError } from '../../errors.ts'
import { writeHeaders } from '../../http/answer.ts'
import { readForm } from '../../http/body.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord } from '../../store/records.ts'
import { revokeWithin } from '../revocations/revoke.ts'
import { authenticateClient } from '../token/client-authentication.ts'
import { hashRefreshToken, isRefreshToken } from '../token/refresh-token.ts'

const claimsRead = z.object({
  iss: z.string(),
  jti: z.string(),
  client_id: z.string(),
  exp: z.number(),
  tenant: z.string().optional(),
})

export async function revokeEndpoint(context: AppContext, parts: Parts): Promise<Response> {
  const parameters = await readForm(context, parts.settings.limits.bodyBytes)
  const authorization = context.req.header('authorization')
  const certificate = parts.connections.certificateOf(context)
  const client = await authenticateClient({ authorization, parameters, certificate }, parts)
  const token = parameters.get('token')
  if (token === undefined) throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`token` is missing')
  if (isRefreshToken(token)) return revokeFamily(token, client, context, parts)
  const claims = await ownClaims(token, parts)
  if (claims === undefined) return context.body(null, 200)
  if (claims.clientId !== client.id) throw foreignToken()
  const key = { kind: 'token', iss: parts.settings.issuer, jti: claims.jti } as const
  const position = await parts.store.write((transaction) => revokeWithin(transaction, key, parts, claims.tenant))
  return context.body(null, 200, writeHeaders(position))
}

/** RFC 7009 section 2.1: the sign-in ends, and with it every refresh and access token that came of it. */
async function revokeFamily(token: string, client: ClientRecord, context: AppContext, parts: Parts): Promise<Response> {
  const position = await parts.store.write(async (transaction) => {
    const sid = (await transaction.refreshToken(hashRefreshToken(token)))?.sid
    const session = sid === undefined ? undefined : await transaction.session(sid)
    if (session === undefined) return undefined
    if (session.clientId !== client.id) throw foreignToken()
    if (session.endedAtSeconds !== undefined) return undefined
    return revokeWithin(transaction, { kind: 'session', sid: session.sid }, parts)
  })
  return context.body(null, 200, position === undefined ? {} : writeHeaders(position))
}

function foreignToken(): AuthorityError {
  return new AuthorityError('ERR_AUTHORITY_REQUEST', 'the token was not issued to this client')
}

/** What a living access token of ours says, whatever its audience; `undefined` for anything else. */
async function ownClaims(
  token: string,
  { keys, settings, now }: Parts,
): Promise<{ readonly jti: string; readonly clientId: string; readonly tenant: string | undefined } | undefined> {
  try {
    const { payload } = await verifyJws(token, {
      keys: createLocalKeys(keys.publicKeys('access')),
      algorithms: SIGNATURE_ALGORITHMS,
      type: 'at+jwt',
    })
    const { data } = claimsRead.safeParse(parseStrictJson(payload))
    const isLive = data !== undefined && data.iss === settings.issuer && now() < data.exp
    return isLive ? { jti: data.jti, clientId: data.client_id, tenant: data.tenant } : undefined
  } catch (error) {
    if (error instanceof TokenError) return undefined
    throw error
  }
}
