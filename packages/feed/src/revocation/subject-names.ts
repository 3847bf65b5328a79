// How entries of the feed name people and teams: by a keyed hash, so that neither the feed, nor its logs, nor what a guard keeps of
// it says who they are. Whoever has the key can recognise somebody whom he knows, and list nobody.
// HMAC-SHA256 (RFC 2104) over kind, tenant and name as JSON, cut to 128 bits: an entry of another person is not hit by chance.

import { createHmac, randomBytes } from 'node:crypto'
import { type EntityUid, formatEntityUid } from '@cardea/policy'
import type { RevocationKey } from './revocation.ts'

/** Gives the names that entries use. */
export interface SubjectNames {
  principal(tenant: string, sub: string): string
  /** The same of a token's claims, which do not change, remembered as long as those are. */
  principalOf(claims: Subject): string
  /** `grantee`: as `formatEntityUid` writes it. */
  grantee(tenant: string, grantee: string): string
  /** The same of an entity, remembered as long as that is: a token's grants have few grantees. */
  granteeOf(tenant: string, grantee: EntityUid): string
}

export interface Subject {
  readonly sub: string
  readonly tenant?: string
}

/** At the authority, and for who keeps revocations himself: entries name people as tokens do. */
export const PLAIN_NAMES: SubjectNames = Object.freeze({
  principal: (_tenant: string, sub: string) => sub,
  principalOf: ({ sub }: Subject) => sub,
  grantee: (_tenant: string, grantee: string) => grantee,
  granteeOf: (_tenant: string, grantee: EntityUid) => formatEntityUid(grantee),
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
  let ofClaims = new WeakMap<Subject, string>()
  let ofEntities = new WeakMap<EntityUid, { readonly tenant: string; readonly name: string }>()
  let present = ''
  let bytes = Buffer.alloc(0)

  function nameOf(kind: string, tenant: string, text: string): string {
    const now = key()
    if (now !== present || remembered.size >= REMEMBERED) remembered.clear()
    if (now !== present) {
      bytes = Buffer.from(now, 'base64url')
      ofClaims = new WeakMap()
      ofEntities = new WeakMap()
      present = now
    }
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
    principalOf(claims) {
      let name = key() === present ? ofClaims.get(claims) : undefined
      if (name === undefined) {
        name = nameOf('principal', claims.tenant ?? '', claims.sub)
        ofClaims.set(claims, name)
      }
      return name
    },
    grantee: (tenant, grantee) => nameOf('grantee', tenant, grantee),
    granteeOf(tenant, grantee) {
      const known = key() === present ? ofEntities.get(grantee) : undefined
      if (known?.tenant === tenant) return known.name
      const name = nameOf('grantee', tenant, formatEntityUid(grantee))
      ofEntities.set(grantee, { tenant, name })
      return name
    },
  }
}

/** The key as the feed says it. */
export function hideSubject(key: RevocationKey, names: SubjectNames): RevocationKey {
  if (key.kind === 'principal') return { ...key, sub: names.principal(key.tenant, key.sub) }
  if (key.kind === 'grant') return { ...key, grantee: names.grantee(key.tenant, key.grantee) }
  return key
}
