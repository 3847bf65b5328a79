// What can be read inside one transaction.

import { type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import { auditState, entriesAfter } from './audit-chain.ts'
import { prepared } from './prepared.ts'
import type { DecisionQuery } from './records.ts'
import { checkpointOf, decisionOf } from './row/audit-rows.ts'
import { grantOf, grantSetOf } from './row/grant-rows.ts'
import { bundleOf, keyOf, publicationOf } from './row/published-rows.ts'
import { clientOf, principalOf, refreshTokenOf, sessionOf } from './row/sign-in-rows.ts'
import type { GrantQuery, StoreView } from './store.ts'
import type { Tables } from './tables.ts'

// What every token asks for. The others are asked seldom, and stand where they are used.

const positionQuery = prepared((db) => db.selectFrom('position').select(['epoch', 'seq']))

const principalQuery = prepared((db, issuer: string, tenant: string, subject: string) =>
  db
    .selectFrom('principals')
    .selectAll()
    .where('issuer', '=', issuer)
    .where('tenant', '=', tenant)
    .where('subject', '=', subject),
)

const sessionByOriginQuery = prepared((db, origin: string) =>
  db.selectFrom('sessions').selectAll().where('origin', '=', origin),
)

const sessionQuery = prepared((db, sid: string) => db.selectFrom('sessions').selectAll().where('sid', '=', sid))

const refreshTokenQuery = prepared((db, hash: string) =>
  db.selectFrom('refresh_tokens').selectAll().where('hash', '=', hash),
)

/** SQLite takes 32766 parameters a statement; one asks for far fewer grantees. */
const GRANTEES_A_QUERY = 500

/** `grantees`: type and id of each. */
const grantsQuery = prepared((db, tenant: string, nowSeconds: number, ...grantees: readonly string[]) =>
  db
    .selectFrom('grants')
    .selectAll()
    .where('tenant', '=', tenant)
    .where((eb) =>
      eb.or(pairsOf(grantees).map(([type, id]) => eb.and([eb('grantee_type', '=', type), eb('grantee_id', '=', id)]))),
    )
    .where((eb) => eb.or([eb('until', 'is', null), eb('until', '>', nowSeconds)]))
    .orderBy('id'),
)

export function createView(db: Kysely<Tables>): StoreView {
  return {
    async position() {
      const [row] = await positionQuery(db)
      if (row === undefined) throw new Error('the position is gone')
      return { epoch: row.epoch, seq: row.seq }
    },
    async changesAfter(seq, limit) {
      const rows = await db
        .selectFrom('changes')
        .selectAll()
        .where('seq', '>', seq)
        .orderBy('seq')
        .limit(limit)
        .execute()
      return rows.map((row) => ({ seq: row.seq, change: JSON.parse(row.change_json) }))
    },
    async prunedUpTo() {
      return (await db.selectFrom('position').select('pruned').executeTakeFirstOrThrow()).pruned
    },
    async lastConcerning(tenants, seq) {
      const all = db.selectFrom('changes').where('tenant', 'is', null)
      const own = db.selectFrom('changes').where('tenant', 'in', tenants)
      const queries = tenants.length === 0 ? [all] : [all, own]
      const { pruned } = await db.selectFrom('position').select('pruned').executeTakeFirstOrThrow()
      let last = Math.min(pruned, seq)
      for (const query of queries) {
        const found = await query
          .select((eb) => eb.fn.max('seq').as('seq'))
          .where('seq', '<=', seq)
          .executeTakeFirst()
        last = Math.max(last, found?.seq ?? 0)
      }
      return last
    },
    async revocations(nowSeconds, tenants) {
      let query = db.selectFrom('revocations').selectAll().where('expires_at', '>', nowSeconds)
      if (tenants !== undefined) {
        query = query.where((eb) =>
          eb.or([eb('tenant', 'is', null), ...(tenants.length === 0 ? [] : [eb('tenant', 'in', tenants)])]),
        )
      }
      const rows = await query.orderBy('seq').execute()
      return rows.map((row) => ({
        key: JSON.parse(row.key_json),
        at: { epoch: row.epoch, seq: row.seq },
        revokedAtSeconds: row.revoked_at,
        expiresAtSeconds: row.expires_at,
      }))
    },

    async subjectKey() {
      const { subject_key: key } = await db.selectFrom('position').select('subject_key').executeTakeFirstOrThrow()
      if (key === null) throw new Error('the key of subjects is gone')
      return key
    },

    client: async (id) =>
      optional(await db.selectFrom('clients').selectAll().where('id', '=', id).executeTakeFirst(), clientOf),
    clients: async () => (await db.selectFrom('clients').selectAll().orderBy('id').execute()).map(clientOf),
    principal: async (issuer, tenant, subject) =>
      optional((await principalQuery(db, issuer, tenant, subject))[0], principalOf),
    sessionByOrigin: async (origin) => optional((await sessionByOriginQuery(db, origin))[0], sessionOf),
    session: async (sid) => optional((await sessionQuery(db, sid))[0], sessionOf),
    refreshToken: async (hash) => optional((await refreshTokenQuery(db, hash))[0], refreshTokenOf),

    grant: async (id) =>
      optional(await db.selectFrom('grants').selectAll().where('id', '=', id).executeTakeFirst(), grantOf),
    async grantsOf(tenant, grantees, nowSeconds) {
      const found = []
      for (let start = 0; start < grantees.length; start += GRANTEES_A_QUERY) {
        const some = grantees.slice(start, start + GRANTEES_A_QUERY)
        found.push(...(await grantsQuery(db, tenant, nowSeconds, ...some.flatMap(({ type, id }) => [type, id]))))
      }
      return found.map(grantOf)
    },
    async grants(query) {
      const rows = await whereGrants(db.selectFrom('grants').selectAll(), query)
        .orderBy('id')
        .limit(query.limit)
        .execute()
      return rows.map(grantOf)
    },
    grantSet: async (digest) =>
      optional(
        await db.selectFrom('grant_sets').selectAll().where('digest', '=', digest).executeTakeFirst(),
        grantSetOf,
      ),

    keys: async () =>
      (await db.selectFrom('keys').selectAll().orderBy('created_at').orderBy('kid').execute()).map(keyOf),
    publication: async () =>
      optional(
        await db.selectFrom('publications').selectAll().orderBy('revision', 'desc').limit(1).executeTakeFirst(),
        publicationOf,
      ),
    staged: async () =>
      optional(await db.selectFrom('staged').select('staged_json').executeTakeFirst(), (row) =>
        JSON.parse(row.staged_json),
      ),
    bundle: async (audience) =>
      optional(
        await db
          .selectFrom('bundles')
          .selectAll()
          .where('audience', '=', audience)
          .orderBy('revision', 'desc')
          .limit(1)
          .executeTakeFirst(),
        bundleOf,
      ),
    bundleByDigest: async (digest) =>
      optional(await db.selectFrom('bundles').selectAll().where('digest', '=', digest).executeTakeFirst(), bundleOf),
    async bundlesSince(audience, sinceSeconds) {
      const rows = await db
        .selectFrom('bundles')
        .selectAll()
        .where('audience', '=', audience)
        .orderBy('revision', 'desc')
        .execute()
      // a bundle was current until its successor was made
      const bundles = rows.map(bundleOf)
      return bundles.filter((_, index) => index === 0 || (bundles[index - 1]?.createdAtSeconds ?? 0) >= sinceSeconds)
    },

    async decisions(query) {
      const rows = await whereDecisions(db.selectFrom('decisions').selectAll(), query)
        .orderBy('at', 'desc')
        .orderBy('n', 'desc')
        .limit(query.limit)
        .execute()
      return rows.map(decisionOf)
    },
    async denialGroups(query) {
      const rows = await whereDecisions(db.selectFrom('decisions'), { ...query, denied: true })
        .select((eb) => [
          'reason',
          'action',
          'policies',
          // of a flood of equal denials one row stands for all
          sql<number>`CAST(SUM(1 + COALESCE(repeats, 0)) AS BIGINT)`.as('count'),
          eb.fn.count<number>('principal').distinct().as('principals'),
          eb.fn.max('at').as('last_at'),
        ])
        .groupBy(['reason', 'action', 'policies'])
        .orderBy('count', 'desc')
        .limit(query.limit)
        .execute()
      return rows.map((row) => ({
        reason: row.reason,
        action: row.action ?? undefined,
        policies: JSON.parse(row.policies),
        count: row.count,
        principals: row.principals,
        lastAt: row.last_at,
      }))
    },

    audit: () => auditState(db),
    auditEntries: (afterCount, limit) => entriesAfter(db, afterCount, limit),
    checkpoints: async () =>
      (await db.selectFrom('checkpoints').selectAll().orderBy('count').execute()).map(checkpointOf),
    newestCheckpoint: async () =>
      optional(
        await db.selectFrom('checkpoints').selectAll().orderBy('count', 'desc').limit(1).executeTakeFirst(),
        checkpointOf,
      ),
  }
}

function optional<Row, Value>(row: Row | undefined, read: (row: Row) => Value): Value | undefined {
  return row === undefined ? undefined : read(row)
}

function whereGrants<T>(
  select: SelectQueryBuilder<Tables, 'grants', T>,
  { tenant, grantee, resource, template }: GrantQuery,
): SelectQueryBuilder<Tables, 'grants', T> {
  let query = select
  if (tenant !== undefined) query = query.where('tenant', '=', tenant)
  if (template !== undefined) query = query.where('template', '=', template)
  if (grantee !== undefined) {
    query = query.where('grantee_type', '=', grantee.type).where('grantee_id', '=', grantee.id)
  }
  if (resource !== undefined) {
    query = query.where('resource_type', '=', resource.type).where('resource_id', '=', resource.id)
  }
  return query
}

function whereDecisions<T>(
  select: SelectQueryBuilder<Tables, 'decisions', T>,
  { denied, since }: DecisionQuery,
): SelectQueryBuilder<Tables, 'decisions', T> {
  let query = select
  if (denied) query = query.where('decision', '=', 'deny')
  if (since !== undefined) query = query.where('at', '>=', since)
  return query
}

function pairsOf(texts: readonly string[]): [string, string][] {
  return Array.from({ length: texts.length / 2 }, (_, at) => [texts[2 * at] ?? '', texts[2 * at + 1] ?? ''])
}
