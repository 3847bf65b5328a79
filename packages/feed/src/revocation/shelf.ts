// The revocations of one epoch, a map a kind from key to slot. Keys of two parts are two maps deep, so that looking up builds no
// text; an entry is put together again only when it is asked for.

import { formatEntityUid } from '@cardea/policy'
import type { RevocableGrant, RevocableToken, Touches } from './revocable.ts'
import type { Revocation, RevocationKey } from './revocation.ts'
import { createSlots } from './slots.ts'
import type { SubjectNames } from './subject-names.ts'

export interface Shelf {
  add(revocation: Revocation): void
  findToken(token: RevocableToken, touches: Touches): Revocation | undefined
  /** `grantee`: by the name that entries use. */
  findGrant(grantee: string, grant: RevocableGrant, touches: Touches): Revocation | undefined
  prune(nowSeconds: number): void
  list(): readonly Revocation[]
  readonly size: number
  readonly grantCount: number
}

type GrantKey = RevocationKey & { readonly kind: 'grant' }
type Entries = Map<string, number>

const NONE: readonly never[] = []

export function createShelf(epoch: string, names: SubjectNames): Shelf {
  const slots = createSlots()
  const tokens = new Map<string, Entries>()
  const principals = new Map<string, Entries>()
  const sessions: Entries = new Map()
  const clients: Entries = new Map()
  const tenants: Entries = new Map()
  const keys: Entries = new Map()
  /** By tenant and grantee first: most of a token's grants have one of whom nothing was taken. */
  const grants = new Map<string, Map<string, Entries>>()
  const everything: Entries = new Map()

  let grantCount = 0

  /** Every map, with the way from a key in it to the key of an entry. */
  function* all(): Generator<readonly [Entries, (key: string) => RevocationKey], undefined> {
    for (const [iss, entries] of tokens) yield [entries, (jti) => ({ kind: 'token', iss, jti })]
    for (const [tenant, entries] of principals) yield [entries, (sub) => ({ kind: 'principal', tenant, sub })]
    yield [sessions, (sid) => ({ kind: 'session', sid })]
    yield [clients, (clientId) => ({ kind: 'client', clientId })]
    yield [tenants, (tenant) => ({ kind: 'tenant', tenant })]
    yield [keys, (kid) => ({ kind: 'key', kid })]
    for (const [tenant, grantees] of grants)
      for (const [grantee, entries] of grantees)
        yield [entries, (key) => ({ kind: 'grant', tenant, grantee, ...whatOf(key) })]
    yield [everything, () => ({ kind: 'all' })]
  }

  function put(entries: Entries, key: string, { at: { seq }, revokedAtSeconds, expiresAtSeconds }: Revocation): void {
    const slot = entries.get(key)
    if (slot === undefined) entries.set(ownText(key), slots.take({ seq, revokedAtSeconds, expiresAtSeconds }))
    else slots.raise(slot, { seq, revokedAtSeconds, expiresAtSeconds })
  }

  function putGrant(entries: Entries, what: What, revocation: Revocation): void {
    const before = entries.size
    put(entries, whatText(what), revocation)
    grantCount += entries.size - before
  }

  function countGrants(): number {
    return grants.values().reduce((total, each) => each.values().reduce((sum, { size }) => sum + size, total), 0)
  }

  function entryOf(key: RevocationKey, slot: number): Revocation {
    const { seq, revokedAtSeconds, expiresAtSeconds } = slots.read(slot)
    return { key, at: { epoch, seq }, revokedAtSeconds, expiresAtSeconds }
  }

  /** The slot under the key, if it touches. */
  function touching(entries: Entries | undefined, key: string | undefined, touches: Touches): number | undefined {
    const slot = key === undefined ? undefined : entries?.get(key)
    return slot !== undefined && slots.isTouching(slot, touches) ? slot : undefined
  }

  return {
    add(revocation) {
      const { key } = revocation
      switch (key.kind) {
        case 'token':
          return put(nested(tokens, key.iss), key.jti, revocation)
        case 'principal':
          return put(nested(principals, key.tenant), key.sub, revocation)
        case 'session':
          return put(sessions, key.sid, revocation)
        case 'client':
          return put(clients, key.clientId, revocation)
        case 'tenant':
          return put(tenants, key.tenant, revocation)
        case 'key':
          return put(keys, key.kid, revocation)
        case 'grant':
          return putGrant(nested(nested(grants, key.tenant), key.grantee), key, revocation)
        case 'all':
          return put(everything, '', revocation)
        default:
          return key satisfies never
      }
    },
    findToken({ claims, keyId }, touches) {
      const { iss, jti = '', sid = '', client_id: clientId = '', tenant = '' } = claims
      let slot: number | undefined
      const has = (entries: Entries | undefined, key: string | undefined): boolean =>
        (slot = touching(entries, key, touches)) !== undefined
      const entry = (key: RevocationKey): Revocation => entryOf(key, slot ?? 0)
      if (has(everything, '')) return entry({ kind: 'all' })
      if (has(tokens.get(iss), claims.jti)) return entry({ kind: 'token', iss, jti })
      if (has(sessions, claims.sid)) return entry({ kind: 'session', sid })
      const people = principals.get(tenant)
      if (people !== undefined) {
        const name = names.principalOf(claims)
        if (has(people, name)) return entry({ kind: 'principal', tenant, sub: name })
      }
      if (has(clients, claims.client_id)) return entry({ kind: 'client', clientId })
      if (has(tenants, tenant)) return entry({ kind: 'tenant', tenant })
      if (has(keys, keyId)) return entry({ kind: 'key', kid: keyId })
      // what a token was exchanged for takes it along
      for (const ancestor of claims.derived_from ?? NONE) {
        if (has(tokens.get(ancestor.iss), ancestor.jti))
          return entry({ kind: 'token', iss: ancestor.iss, jti: ancestor.jti })
        if (has(clients, ancestor.client_id)) return entry({ kind: 'client', clientId: ancestor.client_id })
        if (has(keys, ancestor.kid)) return entry({ kind: 'key', kid: ancestor.kid })
      }
      return undefined
    },
    findGrant(grantee, { tenant, template, resource }, touches) {
      const entries = grants.get(tenant)?.get(grantee)
      if (entries === undefined) return undefined
      const what = { template, resource: formatEntityUid(resource) }
      const slot = touching(entries, whatText(what), touches)
      return slot === undefined ? undefined : entryOf({ kind: 'grant', tenant, grantee, ...what }, slot)
    },
    prune(nowSeconds) {
      for (const [entries] of all()) {
        for (const [key, slot] of entries) {
          if (slots.expiresAtSeconds(slot) > nowSeconds) continue
          entries.delete(key)
          slots.free(slot)
        }
      }
      for (const outer of [tokens, principals, ...grants.values()]) dropEmpty(outer)
      dropEmpty(grants)
      grantCount = countGrants()
    },
    list: () => [...all()].flatMap(([entries, keyOf]) => [...entries].map(([key, slot]) => entryOf(keyOf(key), slot))),
    get size() {
      return all().reduce((total, [entries]) => total + entries.size, 0)
    },
    get grantCount() {
      return grantCount
    },
  }
}

function nested<Value>(outer: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  let inner = outer.get(key)
  if (inner === undefined) outer.set(ownText(key), (inner = new Map()))
  return inner
}

/** A part of a longer text keeps all of it alive: here, the event or the snapshot that it came in. */
function ownText(text: string): string {
  return text.isWellFormed() ? Buffer.from(text).toString() : text
}

function dropEmpty(outer: Map<string, { readonly size: number }>): void {
  for (const [key, { size }] of outer) if (size === 0) outer.delete(key)
}

type What = Pick<GrantKey, 'template' | 'resource'>

/** What is granted, as one text. */
function whatText({ template, resource }: What): string {
  return JSON.stringify([template, resource])
}

/** The inverse, of what it wrote. */
function whatOf(text: string): What {
  const [template = '', resource = '']: string[] = JSON.parse(text)
  return { template, resource }
}
