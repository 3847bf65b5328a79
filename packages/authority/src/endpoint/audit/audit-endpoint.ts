// GET /v1/audit: every record that is kept, with what it takes to show that none was changed, left out or put in; and POST /v1/audit/erase, which
// takes what is personal out of them.

import type { AuditLine } from '@cardea/feed'
import { z } from 'zod'
import { AuthorityError } from '../../errors.ts'
import { type OwnAuth, requireAllowed, THIS } from '../../http/access.ts'
import { readJson } from '../../http/body.ts'
import type { AppContext } from '../../http/context.ts'
import type { Parts } from '../../parts.ts'
import { makeCheckpoint } from './make-checkpoint.ts'

const RECORDS_A_READ = 500

/** JSON lines (`AuditLine`), as the database has them: whoever reads them verifies them (`cardea audit verify`). */
export async function exportAudit(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('readAudit', THIS))
  await parts.decisions.flush()
  await makeCheckpoint(parts)
  const lines = auditLines(parts)
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await lines.next()
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(value.map((line) => `${JSON.stringify(line)}\n`).join('')))
    },
    async cancel() {
      await lines.return(undefined)
    },
  })
  return context.body(body, 200, { 'content-type': 'application/jsonl', 'cache-control': 'no-store' })
}

const encoder = new TextEncoder()

async function* auditLines({ store, settings, fleet }: Parts): AsyncGenerator<AuditLine[], undefined> {
  const { issuer, limits } = settings
  const { state, checkpoints, epoch } = await store.read(async (view) => ({
    state: await view.audit(),
    checkpoints: await view.checkpoints(),
    epoch: (await view.position()).epoch,
  }))
  yield [
    { kind: 'start', issuer, pruned: state.pruned, keptDays: limits.decisionDays },
    ...checkpoints.map(({ signed }) => ({ kind: 'checkpoint', signed }) as const),
    ...remembered(fleet, epoch),
  ]
  let { count } = state.pruned
  while (count < state.head.count) {
    const entries = await store.read((view) => view.auditEntries(count, RECORDS_A_READ))
    const last = entries.at(-1)
    if (last === undefined) break
    count = last.count
    yield entries.filter((entry) => entry.count <= state.head.count).map((entry) => ({ kind: 'record', ...entry }))
  }
  yield [{ kind: 'end', ...state.head }]
  return undefined
}

/** Of the guards that follow this authority. After a restore, what they heard before it counts no more. */
function remembered(fleet: Parts['fleet'], epoch: string): AuditLine[] {
  return fleet
    .list()
    .flatMap(({ client, applied }) =>
      applied?.checkpoint === undefined || applied.position?.epoch !== epoch
        ? []
        : [{ kind: 'remembered', by: `the guard ${client}`, ...applied.checkpoint } as const],
    )
}

const eraseBody = z.strictObject({
  tenant: z.string().min(1).max(256),
  entity: z.string().min(1).max(1000),
})

/** Answers how many records had something of it. What was decided stays, and who it was about does not. */
export async function eraseFromAudit(
  context: AppContext,
  auth: OwnAuth,
  { store, decisions, settings }: Parts,
): Promise<Response> {
  requireAllowed(auth.decide('eraseRecords', THIS))
  const { tenant, entity } = await readJson(context, eraseBody, settings.limits.bodyBytes)
  await decisions.flush()
  let records = 0
  for (;;) {
    const some = await store.write((transaction) => transaction.eraseDecisions(tenant, entity))
    if (some === 0) break
    records += some
  }
  if (records === 0) throw new AuthorityError('ERR_AUTHORITY_NOT_FOUND', 'no record says anything of that entity')
  return context.json({ records }, 200, { 'cache-control': 'no-store' })
}
