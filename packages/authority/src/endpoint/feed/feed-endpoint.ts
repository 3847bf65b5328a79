// GET /v1/feed/snapshot, /v1/feed/head, /v1/feed/events and /v1/bundles/{digest}: what a guard needs to decide alone.

import { readApplied } from '@cardea/feed'
import { type AppContext, socketAddress } from '../../http/context.ts'
import { AuthorityError } from '../../errors.ts'
import { type OwnAuth, requireAllowed } from '../../http/access.ts'
import { readQuery } from '../../http/body.ts'
import { AudienceEntity } from '../../own-policy/own-entities.ts'
import type { Parts } from '../../parts.ts'
import type { FollowerName } from '../guards/fleet.ts'
import type { Streams } from './streams.ts'
import { takeSnapshot } from './view.ts'

export async function snapshot(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  const audience = readAudience(context, auth, parts)
  return context.json(await parts.store.read((view) => takeSnapshot(view, audience, parts)), 200, NEVER_CACHED)
}

/** The proof of freshness: the read begins after the request arrived, so what it says was true at some moment since. */
export async function head(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  const audience = readAudience(context, auth, parts)
  const position = await parts.store.read((view) => view.position())
  const applied = readApplied(readQuery(context))
  if (applied !== undefined) parts.fleet.report(followerOf(context, auth, audience), applied, position)
  return context.json({ position, now: parts.now() }, 200, NEVER_CACHED)
}

/** Errors: `ERR_AUTHORITY_FEED_GONE` when the stream could not begin where the guard stands. */
export async function events(context: AppContext, auth: OwnAuth, parts: Parts, streams: Streams): Promise<Response> {
  const audience = readAudience(context, auth, parts)
  const query = readQuery(context)
  const after = query.get('after') ?? ''
  if (!/^(0|[1-9][0-9]{0,14})$/.test(after))
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`after` must be a position')
  const disconnect = parts.fleet.connect(followerOf(context, auth, audience), readApplied(query))
  const body = await streams
    .open({ audience, epoch: query.get('epoch') ?? '', after: Number(after), signal: auth.signal, onEnd: disconnect })
    .catch((error: unknown) => {
      disconnect()
      throw error
    })
  return context.body(body, 200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no', ...NEVER_CACHED })
}

export async function bundle(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  const digest = context.req.param('digest') ?? ''
  const found = await parts.store.read((view) => view.bundleByDigest(digest))
  if (found === undefined || !auth.can('followFeed', AudienceEntity({ id: found.audience }))) {
    throw new AuthorityError('ERR_AUTHORITY_NOT_FOUND')
  }
  return context.body(found.jws, 200, {
    'content-type': 'application/jose',
    'cache-control': 'private, max-age=31536000, immutable',
  })
}

/** Who asks: from the token and the connection, whatever the request says. */
function followerOf(context: AppContext, auth: OwnAuth, audience: string): FollowerName {
  return { client: auth.principal.id, audience, address: socketAddress(context) }
}

const NEVER_CACHED = { 'cache-control': 'no-store' }

function readAudience(context: AppContext, auth: OwnAuth, { settings }: Parts): string {
  const id = readQuery(context).get('audience')
  if (id === undefined) throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`audience` is missing')
  requireAllowed(auth.decide('followFeed', AudienceEntity({ id })))
  if (!settings.audiences.some((audience) => audience.id === id))
    throw new AuthorityError('ERR_AUTHORITY_AUDIENCE_UNKNOWN')
  return id
}
