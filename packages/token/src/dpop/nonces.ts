// Nonces that a server gives out (RFC 9449 sections 8, 9). Stateless: a time and its MAC, so that every node with the same
// secret accepts them, and none after a restart with a new one.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { systemNow } from '../clock.ts'
import { decodeBase64url } from '../jws/base64url.ts'

export interface NonceSource {
  /** A nonce that counts from now on. */
  issue(): string
  /** Whether a nonce was issued here and still counts. Never throws. */
  isCurrent(nonce: string): boolean
}

export interface NonceOptions {
  readonly now?: () => number
  /** How long a nonce counts. */
  readonly lifetimeSeconds: number
  /** The first signs, all are accepted: to rotate, put the new one in front. Each at least 32 bytes. Default: one random. */
  readonly secrets?: readonly Uint8Array[]
}

const TIME_BYTES = 6
const MAC_BYTES = 16

export function createNonces({
  now = systemNow,
  lifetimeSeconds,
  secrets = [randomBytes(32)],
}: NonceOptions): NonceSource {
  const [signing] = secrets
  if (signing === undefined || secrets.some((secret) => secret.length < 32)) {
    throw new TypeError('a nonce secret has at least 32 bytes')
  }
  return {
    issue() {
      const time = Buffer.alloc(TIME_BYTES)
      time.writeUIntBE(Math.floor(now()), 0, TIME_BYTES)
      return Buffer.concat([time, mac(signing, time)]).toString('base64url')
    },
    isCurrent(nonce) {
      const bytes = decodeBase64url(nonce)
      if (bytes?.length !== TIME_BYTES + MAC_BYTES) return false
      const time = bytes.subarray(0, TIME_BYTES)
      const ours = secrets.some((secret) => timingSafeEqual(mac(secret, time), bytes.subarray(TIME_BYTES)))
      const age = Math.floor(now()) - time.readUIntBE(0, TIME_BYTES)
      return ours && age >= 0 && age < lifetimeSeconds
    },
  }
}

function mac(secret: Uint8Array, time: Uint8Array): Buffer {
  return createHmac('sha256', secret).update('cardea dpop nonce').update(time).digest().subarray(0, MAC_BYTES)
}
