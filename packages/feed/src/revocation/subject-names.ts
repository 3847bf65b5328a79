// How entries of the feed name people and teams: by a keyed hash, so that neither the feed, nor its logs, nor what a guard keeps of
// it says who they are. Whoever has the key can recognise somebody whom he knows, and list nobody.
// HMAC-SHA256 (RFC 2104) over kind, tenant and name as JSON, cut to 128 bits: an entry of another person is not hit by chance.

import { createHmac, randomBytes } from 'node:crypto'
import type { RevocationKey } from './revocation.ts'

/** Gives the names that entries use. */
export interface SubjectNames {
  principal(tenant: string, sub: string): string
  /** `grantee`: as `formatEntityUid` writes it. */
  grantee(tenant: string, grantee: string): string
}

/** At the authority, and for who keeps revocations himself: entries name people as tokens do. */
export const PLAIN_NAMES: SubjectNames = Object.freeze({
  principal: (_tenant: string, sub: string) => sub,
  grantee: (_tenant: string, grantee: string) => grantee,
})

const KEY_BYTES = 32
const NAME_BYTES = 16
/** Names that are remembered: a caller asks with the same ones at every request. */
const REMEMBERED = 10_000

/** 256 bits, base64url. */
export function createSubjectKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url')
}

export function isSubjectKey(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Za-z0-9_-]{43}$/.test(text)
}

/** `key` is asked at every name; with another one, what was remembered is forgotten. */
export function createSubjectNames(key: () => string): SubjectNames {
  const remembered = new Map<string, string>()
  let present = ''
  let bytes = Buffer.alloc(0)

  function nameOf(kind: string, tenant: string, text: string): string {
    const now = key()
    if (now !== present || remembered.size >= REMEMBERED) remembered.clear()
    if (now !== present) bytes = Buffer.from(now, 'base64url')
    present = now
    const whole = JSON.stringify([kind, tenant, text])
    let name = remembered.get(whole)
    if (name === undefined) {
      name = createHmac('sha256', bytes).update(whole).digest().subarray(0, NAME_BYTES).toString('base64url')
      remembered.set(whole, name)
    }
    return name
  }

  return {
    principal: (tenant, sub) => nameOf('principal', tenant, sub),
    grantee: (tenant, grantee) => nameOf('grantee', tenant, grantee),
  }
}

/** The key as the feed says it. */
export function hideSubject(key: RevocationKey, names: SubjectNames): RevocationKey {
  if (key.kind === 'principal') return { ...key, sub: names.principal(key.tenant, key.sub) }
  if (key.kind === 'grant') return { ...key, grantee: names.grantee(key.tenant, key.grantee) }
  return key
}
