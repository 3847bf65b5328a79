// What guards are told, in the form that they are told it. One place, so that a snapshot and the stream cannot differ.

import {
  type AuditHead,
  type BundleAddress,
  createSubjectNames,
  type FeedView,
  hideSubject,
  type Position,
  type Revocation,
  type SubjectNames,
} from '@cardea/feed'
import type { JsonWebKeySet } from '@cardea/token'
import type { Parts } from '../../parts.ts'
import type { BundleRecord, NumberedChange } from '../../store/records.ts'
import type { StoreView } from '../../store/store.ts'
import type { Scope } from './scope.ts'

/** Small, so that it fits an event; the bundle itself never changes under its digest. */
interface BundleReference extends BundleAddress {
  readonly url: string
}

export interface Snapshot {
  readonly position: Position
  readonly view: FeedView
  readonly jwks: JsonWebKeySet
  readonly bundle: BundleReference | null
  readonly revocations: readonly Revocation[]
  /** The newest of the audit. */
  readonly checkpoint: AuditHead | null
  readonly now: number
}

function bundleReference(bundle: BundleRecord, issuer: string): BundleReference {
  const { revision, digest } = bundle
  return { revision, digest, url: `${issuer}/v1/bundles/${digest}` }
}

/** Everything at one position, in one consistent read. */
export async function takeSnapshot(view: StoreView, scope: Scope, parts: Parts): Promise<Snapshot> {
  const { settings, keys, now } = parts
  const { audience, id, tenants } = scope
  const bundle = await view.bundle(audience)
  const subjectKey = await view.subjectKey()
  const names = createSubjectNames(() => subjectKey)
  return {
    position: await view.position(),
    view: { id, tenants, subjectKey },
    jwks: keys.verifying(await view.keys(), 'access'),
    bundle: bundle === undefined ? null : bundleReference(bundle, settings.issuer),
    revocations: (await view.revocations(now(), tenants)).map((revocation) => ({
      ...revocation,
      key: hideSubject(revocation.key, names),
    })),
    checkpoint: headOf(await view.newestCheckpoint()),
    now: now(),
  }
}

/** What an event is made with, besides the change. */
export interface EventSetting {
  readonly view: StoreView
  readonly audience: string
  readonly names: SubjectNames
  readonly parts: Parts
}

/** One event of server-sent events. INVARIANT: `prev` is the number of the event before it in this view; a guard that holds less missed something. */
export async function formatEvent(
  { seq, change }: NumberedChange,
  prev: number,
  { view, audience, names, parts: { settings, keys } }: EventSetting,
): Promise<string> {
  const { epoch } = await view.position()
  const position = { epoch, seq }
  const data = async (): Promise<object> => {
    switch (change.kind) {
      case 'revocation': {
        const { revokedAtSeconds, expiresAtSeconds } = change
        const key = hideSubject(change.key, names)
        return { revocation: { key, at: position, revokedAtSeconds, expiresAtSeconds } }
      }
      case 'bundle': {
        const bundle = await view.bundle(audience)
        return { bundle: bundle === undefined ? null : bundleReference(bundle, settings.issuer) }
      }
      case 'keys':
        return { jwks: keys.verifying(await view.keys(), 'access') }
      case 'checkpoint':
        return { checkpoint: headOf(change) }
      default:
        return change satisfies never
    }
  }
  const news = { position, prev: prev === 0 ? null : prev, ...(await data()) }
  return `id: ${seq}\nevent: ${change.kind}\ndata: ${JSON.stringify(news)}\n\n`
}

function headOf(checkpoint: AuditHead | undefined): AuditHead | null {
  return checkpoint === undefined ? null : { count: checkpoint.count, hash: checkpoint.hash }
}
