// What guards are told, in the form that they are told it. One place, so that a snapshot and the stream cannot differ.

import type { AuditHead, BundleAddress, Position, Revocation } from '@cardea/feed'
import type { JsonWebKeySet } from '@cardea/token'
import type { Parts } from '../../parts.ts'
import type { BundleRecord, NumberedChange } from '../../store/records.ts'
import type { StoreView } from '../../store/store.ts'

/** Small, so that it fits an event; the bundle itself never changes under its digest. */
interface BundleReference extends BundleAddress {
  readonly url: string
}

export interface Snapshot {
  readonly position: Position
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
export async function takeSnapshot(view: StoreView, audience: string, parts: Parts): Promise<Snapshot> {
  const { settings, keys, now } = parts
  const bundle = await view.bundle(audience)
  return {
    position: await view.position(),
    jwks: keys.verifying(await view.keys(), 'access'),
    bundle: bundle === undefined ? null : bundleReference(bundle, settings.issuer),
    revocations: await view.revocations(now()),
    checkpoint: headOf(await view.newestCheckpoint()),
    now: now(),
  }
}

/**
 * One event of server-sent events. INVARIANT: every change is in every guard's view, so the one before has the number before;
 * a guard that holds another one has missed something.
 */
export async function formatEvent(
  view: StoreView,
  { seq, change }: NumberedChange,
  audience: string,
  { settings, keys }: Parts,
): Promise<string> {
  const { epoch } = await view.position()
  const position = { epoch, seq }
  const prev = seq > 1 ? seq - 1 : null
  const data = async (): Promise<object> => {
    switch (change.kind) {
      case 'revocation': {
        const { key, revokedAtSeconds, expiresAtSeconds } = change
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
  return `id: ${seq}\nevent: ${change.kind}\ndata: ${JSON.stringify({ position, prev, ...(await data()) })}\n\n`
}

function headOf(checkpoint: AuditHead | undefined): AuditHead | null {
  return checkpoint === undefined ? null : { count: checkpoint.count, hash: checkpoint.hash }
}
