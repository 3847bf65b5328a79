// The OPAs as GET /v1/guards shows them: what each bundle is, how far behind it is, and what went wrong.

import type { Position } from '@cardea/feed'
import { type OpaBundleStatus, parseRevision } from '@cardea/opa'
import { isoTime } from '../../http/answer.ts'
import type { Parts } from '../../parts.ts'
import type { SeenOpa } from './status-fleet.ts'

interface Present {
  readonly position: Position
  readonly now: number
  /** Of the policy for the audiences of the client; `undefined` where there is none. */
  readonly revision: number | undefined
}

/** The names of JSON. What is not known is `null`. */
export async function describeOpas(parts: Parts, position: Position): Promise<readonly object[]> {
  const { opaFleet, now } = parts
  const opas = opaFleet.list()
  const revisions = await currentRevisions(opas, parts)
  return opas.map((opa) => describe(opa, { position, now: now(), revision: revisions.get(opa.client) }))
}

/** By client. One that has several audiences is measured by the newest of their policies. */
async function currentRevisions(
  opas: readonly SeenOpa[],
  { clients, store }: Parts,
): Promise<ReadonlyMap<string, number>> {
  const audiences = new Map<string, readonly string[]>()
  for (const { client } of opas) {
    if (!audiences.has(client)) audiences.set(client, (await clients.find(client))?.audiences ?? [])
  }
  return store.read(async (view) => {
    const revisions = new Map<string, number>()
    for (const [client, ids] of audiences) {
      for (const id of ids) {
        const bundle = await view.bundle(id)
        if (bundle !== undefined) revisions.set(client, Math.max(bundle.revision, revisions.get(client) ?? 0))
      }
    }
    return revisions
  })
}

function describe({ client, address, status, seenAtSeconds, rolledBack }: SeenOpa, present: Present): object {
  const { instance, version, bundles, discovery, logErrors } = status
  return {
    client,
    instance,
    version: version ?? null,
    address: address ?? null,
    seenSecondsAgo: Math.max(0, present.now - seenAtSeconds),
    bundles: [
      ...(discovery === undefined ? [] : [{ ...describeBundle(discovery), kind: 'discovery', ...UNKNOWN }]),
      ...bundles.map((bundle) => ({
        ...describeBundle(bundle),
        ...placeOf(bundle, present),
        rolledBackFrom: rolledBack.get(bundle.name) ?? null,
      })),
    ],
    logErrors,
  }
}

const UNKNOWN = { currentRevision: null, behind: null, ageSeconds: null, rolledBackFrom: null }

function describeBundle({ name, revision, activatedAtSeconds, errors }: OpaBundleStatus): object {
  const activatedAt = activatedAtSeconds === undefined ? null : isoTime(activatedAtSeconds)
  return { name, revision: revision ?? null, activatedAt, errors }
}

/** Policy is behind by revisions, news by changes of the log; of another epoch there is no telling. */
function placeOf({ revision: text }: OpaBundleStatus, { position, now, revision: current }: Present): object {
  const revision = text === undefined ? undefined : parseRevision(text)
  if (revision === undefined) return { kind: 'other', ...UNKNOWN }
  if (revision.kind === 'policy') {
    const behind = current === undefined ? null : Math.max(0, current - revision.number)
    return { kind: 'policy', currentRevision: current === undefined ? null : String(current), behind, ageSeconds: null }
  }
  const behind = revision.epoch === position.epoch ? Math.max(0, position.seq - revision.seq) : null
  return { kind: 'news', currentRevision: null, behind, ageSeconds: Math.max(0, now - revision.timeSeconds) }
}
