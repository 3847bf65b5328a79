// The nonces of the token endpoint (RFC 9449 section 8). Their secrets are derived from the encryption keys, which all authorities on a
// database share, so that each takes what another gave out; while the encryption key changes, both count.

import { createNonces, type NonceSource } from '@cardea/token'
import { hkdfSync } from 'node:crypto'
import type { Settings } from '../options.ts'

/** `undefined` when none are asked for. Without an encryption key they are good at the authority that gave them out. */
export function createOwnNonces(
  { dpopNonceSeconds, key, previousKeys }: Settings,
  now: () => number,
): NonceSource | undefined {
  if (dpopNonceSeconds === 0) return undefined
  const secrets = (key === undefined ? [] : [key, ...previousKeys]).map(secretOf)
  return createNonces({ now, lifetimeSeconds: dpopNonceSeconds, ...(secrets.length === 0 ? {} : { secrets }) })
}

/** The encryption key itself signs nothing. */
function secretOf(key: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', Buffer.from(key, 'base64url'), '', 'cardea dpop nonces', 32))
}
