// What can be changed inside one transaction.

import type { Kysely } from 'kysely'
import { createSubjectKey, type Position } from '@cardea/feed'
import { appendDecisions, eraseSome, pruneDecisions, thinCheckpoints } from './audit-chain.ts'
import { type NumberedChange, tenantConcerned } from './records.ts'
import { grantRow, grantSetRow } from './row/grant-rows.ts'
import { bundleRow, keyRow, publicationRow } from './row/published-rows.ts'
import { clientRow, principalOf, refreshTokenRow, sessionRow } from './row/sign-in-rows.ts'
import { createView } from './view.ts'
import type { StoreTransaction } from './store.ts'
import type { Tables } from './tables.ts'

export interface TransactionParts {
  readonly db: Kysely<Tables>
  readonly now: () => number
  readonly newEpoch: () => string
  /** Hears what was numbered; the caller hands it on after the commit. */
  readonly appended: (change: NumberedChange, position: Position) => void
}

export function createTransaction({ db, now, newEpoch, appended }: TransactionParts): StoreTransaction {
  const view = createView(db)
  return {
    ...view,

    async append(change) {
      const position = await db
        .updateTable('position')
        .set((eb) => ({ seq: eb('seq', '+', 1) }))
        .returning(['epoch', 'seq'])
        .executeTakeFirstOrThrow()
      await db
        .insertInto('changes')
        .values({
          seq: position.seq,
          change_json: JSON.stringify(change),
          at: now(),
          tenant: tenantConcerned(change) ?? null,
        })
        .execute()
      if (change.kind === 'revocation') {
        await db
          .insertInto('revocations')
          .values({
            ...position,
            key_json: JSON.stringify(change.key),
            revoked_at: change.revokedAtSeconds,
            expires_at: change.expiresAtSeconds,
            tenant: tenantConcerned(change) ?? null,
          })
          .execute()
      }
      appended({ seq: position.seq, change }, position)
      return position
    },
    async beginEpoch() {
      // numbers restart too: nothing compares positions of two epochs, and tokens of the old one are refused
      await db.deleteFrom('changes').execute()
      await db
        .updateTable('position')
        .set({ epoch: newEpoch(), seq: 0, pruned: 0, subject_key: createSubjectKey() })
        .execute()
      return view.position()
    },

    async insertClient(client) {
      await db.insertInto('clients').values(clientRow(client)).execute()
    },
    async deleteClient(id) {
      return changed(await db.deleteFrom('clients').where('id', '=', id).executeTakeFirst())
    },
    async insertPrincipal(principal) {
      await db.insertInto('principals').values(principalOf(principal)).execute()
    },
    async insertSession(session) {
      await db.insertInto('sessions').values(sessionRow(session)).execute()
    },
    async bindSession(sid, certificateThumbprint) {
      const bound = await db
        .updateTable('sessions')
        .set({ certificate_thumbprint: certificateThumbprint })
        .where('sid', '=', sid)
        .where('certificate_thumbprint', 'is', null)
        .executeTakeFirst()
      return bound.numUpdatedRows > 0n
    },
    async endSessions({ sid, tenant, principal, clientId }, atSeconds) {
      let update = db.updateTable('sessions').set({ ended_at: atSeconds }).where('ended_at', 'is', null)
      if (sid !== undefined) update = update.where('sid', '=', sid)
      if (tenant !== undefined) update = update.where('tenant', '=', tenant)
      if (principal !== undefined) update = update.where('principal', '=', principal)
      if (clientId !== undefined) update = update.where('client_id', '=', clientId)
      return Number((await update.executeTakeFirst()).numUpdatedRows)
    },
    async insertRefreshToken(token) {
      await db.insertInto('refresh_tokens').values(refreshTokenRow(token)).execute()
    },
    async spendRefreshToken({ hash, predecessor }, salt, atSeconds) {
      const spent = await db
        .updateTable('refresh_tokens')
        .set({ spent_at: atSeconds, salt })
        .where('hash', '=', hash)
        .where('spent_at', 'is', null)
        .executeTakeFirst()
      if (spent.numUpdatedRows === 0n) return false
      if (predecessor !== undefined) {
        await db.updateTable('refresh_tokens').set({ salt: null }).where('hash', '=', predecessor).execute()
      }
      return true
    },
    async useRefreshToken(hash, atSeconds) {
      const used = await db
        .updateTable('refresh_tokens')
        .set({ used_at: atSeconds })
        .where('hash', '=', hash)
        .where('spent_at', 'is', null)
        .executeTakeFirst()
      return used.numUpdatedRows > 0n
    },
    async useAssertion(name, endsAtSeconds) {
      const used = await db
        .insertInto('used_assertions')
        .values({ name, ends_at: endsAtSeconds })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirst()
      return Number(used.numInsertedOrUpdatedRows ?? 0) > 0
    },

    async insertGrant(grant) {
      await db.insertInto('grants').values(grantRow(grant)).execute()
    },
    async deleteGrant(id) {
      return changed(await db.deleteFrom('grants').where('id', '=', id).executeTakeFirst())
    },
    async keepGrantSet(set) {
      // most tokens name what an earlier one named: its text, which may be long, is not sent again
      const { endsAtSeconds } = set
      const known = await db
        .updateTable('grant_sets')
        .set((eb) => ({
          ends_at: eb.case().when('ends_at', '<', endsAtSeconds).then(endsAtSeconds).else(eb.ref('ends_at')).end(),
        }))
        .where('digest', '=', set.digest)
        .executeTakeFirst()
      if (known.numUpdatedRows === 0n) await db.insertInto('grant_sets').values(grantSetRow(set)).execute()
    },

    async insertKey(key) {
      await db.insertInto('keys').values(keyRow(key)).execute()
    },
    async setKeyState(kid, state, retiresAtSeconds) {
      await db
        .updateTable('keys')
        .set({ state, retires_at: retiresAtSeconds ?? null })
        .where('kid', '=', kid)
        .execute()
    },
    async resealKey(kid, sealed) {
      await db.updateTable('keys').set({ sealed }).where('kid', '=', kid).execute()
    },

    async insertPublication(publication) {
      await db.insertInto('publications').values(publicationRow(publication)).execute()
    },
    async insertBundle(bundle) {
      await db.insertInto('bundles').values(bundleRow(bundle)).execute()
    },
    async setStaged(staged) {
      await db.deleteFrom('staged').execute()
      if (staged === undefined) return
      await db
        .insertInto('staged')
        .values({ one: 1, staged_json: JSON.stringify(staged) })
        .execute()
    },

    insertDecisions: (rows) => appendDecisions(db, rows, now()),
    async insertCheckpoint({ count, hash, atSeconds, signed }) {
      const newest = await view.newestCheckpoint()
      if (newest !== undefined && newest.count >= count) return false
      await db.insertInto('checkpoints').values({ count, hash, at: atSeconds, signed }).execute()
      return true
    },
    eraseDecisions: (tenant, entity) => eraseSome(db, tenant, entity),
    async prune({ nowSeconds, revocationsBeforeSeconds, changesBeforeSeconds, decisionsBeforeSeconds }) {
      await db.deleteFrom('revocations').where('expires_at', '<=', revocationsBeforeSeconds).execute()
      await db.deleteFrom('grants').where('until', '<=', nowSeconds).execute()
      await db.deleteFrom('grant_sets').where('ends_at', '<=', nowSeconds).execute()
      const over = db.selectFrom('sessions').select('sid').where('ends_at', '<=', revocationsBeforeSeconds)
      await db.deleteFrom('refresh_tokens').where('sid', 'in', over).execute()
      await db.deleteFrom('used_assertions').where('ends_at', '<=', nowSeconds).execute()
      await db.deleteFrom('sessions').where('ends_at', '<=', revocationsBeforeSeconds).execute()
      await pruneDecisions(db, decisionsBeforeSeconds)
      await thinCheckpoints(db, nowSeconds)
      const last = await db
        .selectFrom('changes')
        .select((eb) => eb.fn.max('seq').as('seq'))
        .where('at', '<', changesBeforeSeconds)
        .executeTakeFirst()
      if (typeof last?.seq !== 'number') return
      await db.deleteFrom('changes').where('seq', '<=', last.seq).execute()
      await db.updateTable('position').set({ pruned: last.seq }).execute()
    },
  }
}

function changed(result: { readonly numDeletedRows: bigint }): boolean {
  return result.numDeletedRows > 0n
}
