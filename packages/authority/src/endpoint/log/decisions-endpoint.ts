// POST /v1/decisions and GET /v1/log. The sender of a record is who posted it, whatever the record says; a batch that comes
// twice counts once, by (sender, start, n).

import type { AppContext } from '../../http/context.ts'
import { isErased } from '@cardea/feed'
import { z } from 'zod'
import { AuthorityError } from '../../errors.ts'
import { type OwnAuth, requireAllowed, THIS } from '../../http/access.ts'
import { readJson, readQuery } from '../../http/body.ts'
import type { Parts } from '../../parts.ts'
import { decisionRowOf } from '../../store/decision-row.ts'
import type { DecisionQuery } from '../../store/records.ts'

const MAX_LISTED = 1000

/** Every text has a bound, and no control character: a record is shown in terminals. */
const text = z
  .string()
  .max(1000)
  .refine((value) => !/\p{Cc}/u.test(value), 'no control characters')
const count = z.int().min(0)

const record = z.strictObject({
  id: text,
  n: count,
  start: text,
  service: text,
  at: z.iso.datetime({ offset: true }),
  decision: z.enum(['allow', 'deny']),
  reason: text,
  action: text.optional(),
  principal: text.optional(),
  tenant: text.optional(),
  resource: text.optional(),
  policies: z.array(text).max(100),
  decider: text.optional(),
  tokenId: text.optional(),
  sid: text.optional(),
  revision: count.optional(),
  checkpoint: z.enum(['authenticate', 'route', 'resource', 'filter']),
  correlation: text,
  durationMicroseconds: z.number().min(0).optional(),
  remedy: text.optional(),
  mismatches: z.array(text).max(100).optional(),
  breakGlass: text.optional(),
  lost: count.optional(),
  repeats: count.optional(),
})

export async function postDecisions(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('recordDecisions', THIS))
  const { limits } = parts.settings
  const body = z.strictObject({ start: text, records: z.array(record).max(limits.decisionsABatch) })
  const { start, records } = await readJson(context, body, limits.decisionBytes)
  if (records.some((one) => one.start !== start)) {
    throw new AuthorityError('ERR_AUTHORITY_DECISIONS', 'all records of a batch have its `start`')
  }
  const rows = records.map((one) => ({
    ...decisionRowOf(one, auth.principal.id),
    // one spelling of a time, so that times compare as texts
    at: new Date(one.at).toISOString(),
  }))
  await parts.decisionKeeper.keep(rows)
  return context.json({ accepted: records.length }, 202)
}

export async function readLog(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  const { store, decisions } = parts
  requireAllowed(auth.decide('readLog', THIS))
  const query = readLogQuery(context)
  await decisions.flush()
  const [rows, groups] = await store.read(
    async (view) => [await view.decisions(query), await view.denialGroups(query)] as const,
  )
  const records = rows.map(({ sender, record }) => ({ ...withoutErased(JSON.parse(record)), sender }))
  return context.json({ records, groups }, 200, { 'cache-control': 'no-store' })
}

/** What was erased is as if it had never been said. */
function withoutErased(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => !isErased(value)))
}

function readLogQuery(context: AppContext): DecisionQuery {
  const query = readQuery(context)
  const since = query.get('since')
  const limit = query.get('limit') ?? '50'
  const time = since === undefined ? undefined : new Date(since)
  if (time !== undefined && Number.isNaN(time.getTime())) {
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`since` must be a time: 2026-01-01T12:00:00Z')
  }
  if (!/^[1-9][0-9]{0,3}$/.test(limit) || Number(limit) > MAX_LISTED) {
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', `\`limit\` must be from 1 to ${MAX_LISTED}`)
  }
  return { denied: query.get('denied') === 'true', since: time?.toISOString(), limit: Number(limit) }
}
