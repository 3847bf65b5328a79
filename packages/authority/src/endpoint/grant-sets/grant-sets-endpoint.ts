// POST /v1/grant-sets: the grants that a token names by reference, for a guard of the token's audience that presents the token. It is a
// POST so that the token stands in the body, where no log of addresses or headers has it, and no cache keeps the answer.
//
// INVARIANT: the digest is the token's own; nothing that a caller could guess is asked for. Whatever is wrong (no guard, another
// audience, a token that is forged, expired or revoked, grants that are not kept) has the one answer of a missing resource.

import type { VerifiedToken } from '@cardea/token'
import { z } from 'zod'
import { AuthorityError } from '../../errors.ts'
import type { OwnAuth } from '../../http/access.ts'
import { readJson } from '../../http/body.ts'
import type { AppContext } from '../../http/context.ts'
import { AudienceEntity } from '../../own-policy/own-entities.ts'
import { servesTenant } from '../feed/scope.ts'
import type { Parts } from '../../parts.ts'
import type { GrantSetRecord } from '../../store/records.ts'
import { isOfLivingKey, verifyOwnToken } from '../token/own-token.ts'
import { loadGrantSet } from './load-grant-set.ts'

const presented = z.strictObject({ token: z.string().min(1) })
/** What stands around a token of the largest size. */
const FRAME_BYTES = 256

/** Errors: `ERR_AUTHORITY_NOT_FOUND`, those of `readJson`. */
export async function postGrantSet(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  const { settings } = parts
  const { token: text } = await readJson(context, presented, settings.limits.bodyBytes + FRAME_BYTES)
  const audiences = settings.audiences.map(({ id }) => id)
  const token = await verifyOwnToken(text, audiences, 'ERR_AUTHORITY_NOT_FOUND', parts)
  const audience = String(token.claims.aud)
  if (auth.decide('readGrantSet', AudienceEntity({ id: audience })).decision !== 'allow') throw notFound()
  const client = await parts.clients.find(auth.principal.id)
  if (client === undefined || !servesTenant(token.claims.tenant, client)) throw notFound()
  const { text: body } = await findSet(token, parts)
  return context.body(body, 200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
}

async function findSet(token: VerifiedToken, parts: Parts): Promise<GrantSetRecord> {
  const { store, revocations, now } = parts
  const { position, record, isOfKey } = await store.read(async (view) => ({
    position: await view.position(),
    record: await loadGrantSet(token, view, now()),
    isOfKey: await isOfLivingKey(token, view, parts),
  }))
  // what was acknowledged anywhere before this was asked is known here by now
  await store.hear(position)
  const isLive = isOfKey && token.claims.epoch === position.epoch && revocations.matchToken(token) === undefined
  if (record === undefined || !isLive) throw notFound()
  return record
}

function notFound(): AuthorityError {
  return new AuthorityError('ERR_AUTHORITY_NOT_FOUND')
}
