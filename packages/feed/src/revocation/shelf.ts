// The revocations of one epoch, a map a kind. Keys of two parts are two maps deep, so that looking up builds no text.

import type { RevocableToken, Touches } from './revocable.ts'
import { type Revocation, type RevocationKey, revocationKeyText } from './revocation.ts'

export interface Shelf {
  add(revocation: Revocation): void
  findToken(token: RevocableToken, touches: Touches): Revocation | undefined
  findGrant(key: RevocationKey & { readonly kind: 'grant' }, touches: Touches): Revocation | undefined
  prune(nowSeconds: number): void
  list(): readonly Revocation[]
  readonly size: number
  readonly grantCount: number
}

type Entries = Map<string, Revocation>

export function createShelf(): Shelf {
  const tokens = new Map<string, Entries>()
  const principals = new Map<string, Entries>()
  const sessions: Entries = new Map()
  const clients: Entries = new Map()
  const tenants: Entries = new Map()
  const keys: Entries = new Map()
  const grants: Entries = new Map()
  const everything: Entries = new Map()

  function* all(): Generator<Entries, undefined> {
    yield* tokens.values()
    yield* principals.values()
    yield* [sessions, clients, tenants, keys, grants, everything]
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
          return put(grants, revocationKeyText(key), revocation)
        case 'all':
          return put(everything, '', revocation)
        default:
          return key satisfies never
      }
    },
    findToken({ claims, keyId }, touches) {
      const { iss, jti, sid, sub, client_id: clientId, tenant = '' } = claims
      return (
        check(everything.get(''), touches) ??
        (jti === undefined ? undefined : check(tokens.get(iss)?.get(jti), touches)) ??
        (sid === undefined ? undefined : check(sessions.get(sid), touches)) ??
        check(principals.get(tenant)?.get(sub), touches) ??
        (clientId === undefined ? undefined : check(clients.get(clientId), touches)) ??
        check(tenants.get(tenant), touches) ??
        check(keys.get(keyId), touches)
      )
    },
    findGrant: (key, touches) => check(grants.get(revocationKeyText(key)), touches),
    prune(nowSeconds) {
      for (const entries of all()) {
        for (const [key, { expiresAtSeconds }] of entries) if (expiresAtSeconds <= nowSeconds) entries.delete(key)
      }
      for (const outer of [tokens, principals]) {
        for (const [key, entries] of outer) if (entries.size === 0) outer.delete(key)
      }
    },
    list: () => [...all()].flatMap((entries) => [...entries.values()]),
    get size() {
      return all().reduce((total, entries) => total + entries.size, 0)
    },
    get grantCount() {
      return grants.size
    },
  }
}

function nested(outer: Map<string, Entries>, key: string): Entries {
  let entries = outer.get(key)
  if (entries === undefined) outer.set(key, (entries = new Map()))
  return entries
}

/** INVARIANT: an entry only grows: in its position, in its moment and in its life. Order and repetition of news do not matter. */
function put(entries: Entries, key: string, revocation: Revocation): void {
  const known = entries.get(key)
  if (known === undefined) {
    entries.set(key, revocation)
    return
  }
  const later = known.at.seq > revocation.at.seq ? known : revocation
  entries.set(key, {
    key: later.key,
    at: later.at,
    revokedAtSeconds: Math.max(known.revokedAtSeconds, revocation.revokedAtSeconds),
    expiresAtSeconds: Math.max(known.expiresAtSeconds, revocation.expiresAtSeconds),
  })
}

function check(revocation: Revocation | undefined, touches: Touches): Revocation | undefined {
  return revocation !== undefined && touches(revocation) ? revocation : undefined
}
