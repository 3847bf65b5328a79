// GET /v1/guards: who follows the feed, and how far each has come; and which OPA says that it has which bundles.

import { formatPosition, type Position } from '@cardea/feed'
import { type OwnAuth, requireAllowed, THIS } from '../../http/access.ts'
import { isoTime } from '../../http/answer.ts'
import type { AppContext } from '../../http/context.ts'
import type { Parts } from '../../parts.ts'
import { describeOpas } from '../opa/status-view.ts'
import type { SeenFollower } from './fleet.ts'

export async function listGuards(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('readGuards', THIS))
  const { store, fleet, now } = parts
  const followers = fleet.list()
  const audiences = [...new Set(followers.map(({ audience }) => audience))]
  const [position, revisions] = await store.read(async (view) => {
    const current = new Map<string, number>()
    for (const audience of audiences) {
      const bundle = await view.bundle(audience)
      if (bundle !== undefined) current.set(audience, bundle.revision)
    }
    return [await view.position(), current] as const
  })
  const guards = followers.map((follower) => describe(follower, position, revisions.get(follower.audience), now()))
  const answer = { position: formatPosition(position), now: now(), guards, opas: await describeOpas(parts, position) }
  return context.json(answer, 200, { 'cache-control': 'no-store' })
}

/** The names of JSON. What is not known is `null`. */
function describe(
  { client, audience, address, applied, connected, seenAtSeconds }: SeenFollower,
  head: Position,
  current: number | undefined,
  now: number,
): object {
  const position = applied?.position
  const sinceSeen = Math.max(0, now - seenAtSeconds)
  return {
    client,
    start: applied?.start ?? null,
    startedAt: applied === undefined ? null : isoTime(Math.min(applied.startedAtSeconds, now)),
    audience,
    address: address ?? null,
    connected,
    seenSecondsAgo: sinceSeen,
    revision: applied?.revision ?? null,
    currentRevision: current ?? null,
    position: position === undefined ? null : formatPosition(position),
    // changes that it has not applied; of another epoch there is no telling
    behind: position?.epoch === head.epoch ? head.seq - position.seq : null,
    // since its last proven round trip, as far as the authority can know: what it said, and the time since
    freshSeconds: applied?.ageSeconds === undefined ? null : Math.round((applied.ageSeconds + sinceSeen) * 10) / 10,
  }
}
