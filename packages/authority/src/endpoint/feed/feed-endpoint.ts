// GET /v1/feed/snapshot, /v1/feed/head, /v1/feed/events and /v1/bundles/{digest}: what a guard needs to decide alone.

import { readApplied } from '@cardea/feed'
import type { AppContext } from '../../http/context.ts'
import { AuthorityError } from '../../errors.ts'
import { type OwnAuth, requireAllowed } from '../../http/access.ts'
import { readQuery } from '../../http/body.ts'
import { AudienceEntity } from '../../own-policy/own-entities.ts'
import type { Parts } from '../../parts.ts'
import type { FollowerName } from '../guards/fleet.ts'
import { requireView, type Scope, scopeOf } from './scope.ts'
import type { Streams } from './streams.ts'
import { takeSnapshot } from './view.ts'

export async function snapshot(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  const scope = await readScope(context, auth, parts)
  return context.json(await parts.store.read((view) => takeSnapshot(view, scope, parts)), 200, NEVER_CACHED)
}

/** The proof of freshness: the read begins after the request arrived, so what it says was true at some moment since. */
export async function head(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  const scope = await readScope(context, auth, parts)
  const { position, prev } = await parts.heads.ask(scope)
  const applied = readApplied(readQuery(context))
  if (applied !== undefined) parts.fleet.report(followerOf(context, auth, scope.audience, parts), applied, position)
  const answer = { position, prev: prev === 0 ? null : prev, view: scope.id, now: parts.now() }
  return context.json(answer, 200, NEVER_CACHED)
}

/** Errors: `ERR_AUTHORITY_FEED_GONE` when the stream could not begin where the guard stands. */
export async function events(context: AppContext, auth: OwnAuth, parts: Parts, streams: Streams): Promise<Response> {
  const scope = await readScope(context, auth, parts)
  const query = readQuery(context)
  const after = query.get('after') ?? ''
  if (!/^(0|[1-9][0-9]{0,14})$/.test(after))
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`after` must be a position')
  requireView(query.get('view'), scope)
  const disconnect = parts.fleet.connect(followerOf(context, auth, scope.audience, parts), readApplied(query))
  const body = await streams
    .open({ scope, epoch: query.get('epoch') ?? '', after: Number(after), signal: auth.signal, onEnd: disconnect })
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
function followerOf(context: AppContext, auth: OwnAuth, audience: string, { connections }: Parts): FollowerName {
  return { client: auth.principal.id, audience, address: connections.addressOf(context) }
}

const NEVER_CACHED = { 'cache-control': 'no-store' }

async function readScope(context: AppContext, auth: OwnAuth, { settings, clients }: Parts): Promise<Scope> {
  const id = readQuery(context).get('audience')
  if (id === undefined) throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`audience` is missing')
  requireAllowed(auth.decide('followFeed', AudienceEntity({ id })))
  if (!settings.audiences.some((audience) => audience.id === id))
    throw new AuthorityError('ERR_AUTHORITY_AUDIENCE_UNKNOWN')
  const client = await clients.find(auth.principal.id)
  // its token lives a little longer than it does
  if (client === undefined) throw new AuthorityError('ERR_AUTHORITY_FORBIDDEN')
  return scopeOf(id, client)
}
