// Revocations as Rego looks them up: objects by key, so that each is found in constant time. An entry touches a token of its epoch iff
// `token.seq < entry.seq`. Of two with one key the later one counts, and as long as the longer lived.

import type { Revocation } from '@cardea/feed'
import { parseEntityUid, type EntityUid } from '@cardea/policy'
import type { OpaJson } from '../bundle/opa-json.ts'
import { OpaError } from '../errors.ts'
import { hiddenGrantee, hiddenPrincipal } from './hidden-names.ts'

/** By epoch; the present one is always there. Throws `ERR_OPA_BUNDLE_CONTENT` for a grant that names no entities. */
export function revocationsByKey(revocations: readonly Revocation[], epoch: string, subjectKey: string): OpaJson {
  const shelves = new Map([[epoch, emptyShelf()]])
  for (const revocation of revocations) {
    const { at } = revocation
    let shelf = shelves.get(at.epoch)
    if (shelf === undefined) shelves.set(at.epoch, (shelf = emptyShelf()))
    add(shelf, revocation, subjectKey)
  }
  return shelves
}

/** A tree of names whose leaves are entries. */
type Branch = Map<string, Branch | number>

const KINDS = ['all', 'tokens', 'sessions', 'principals', 'clients', 'tenants', 'keys', 'grants'] as const

function emptyShelf(): Branch {
  return new Map(KINDS.map((kind) => [kind, new Map()]))
}

function add(shelf: Branch, revocation: Revocation, subjectKey: string): void {
  const entry = branchAt(shelf, placeOf(revocation, subjectKey))
  const { at, expiresAtSeconds } = revocation
  raise(entry, 'seq', at.seq)
  raise(entry, 'until', Math.ceil(expiresAtSeconds))
}

function placeOf({ key }: Revocation, subjectKey: string): readonly string[] {
  switch (key.kind) {
    case 'token':
      return ['tokens', key.iss, key.jti]
    case 'session':
      return ['sessions', key.sid]
    case 'principal':
      return ['principals', key.tenant, hiddenPrincipal(subjectKey, key.tenant, key.sub)]
    case 'client':
      return ['clients', key.clientId]
    case 'tenant':
      return ['tenants', key.tenant]
    case 'key':
      return ['keys', key.kid]
    case 'grant': {
      const { type, id } = entityOf(key.resource)
      const grantee = hiddenGrantee(subjectKey, key.tenant, entityOf(key.grantee))
      return ['grants', key.tenant, grantee, key.template, type, id]
    }
    case 'all':
      return ['all']
    default:
      return key satisfies never
  }
}

/** What cannot be read is not left out: that would leave a permission open. */
function entityOf(text: string): EntityUid {
  const uid = parseEntityUid(text)
  if (uid === undefined) throw new OpaError('ERR_OPA_BUNDLE_CONTENT', 'a revoked grant names no entity')
  return uid
}

function branchAt(root: Branch, path: readonly string[]): Branch {
  let branch = root
  for (const name of path) {
    const found = branch.get(name)
    const next: Branch = found instanceof Map ? found : new Map()
    if (next !== found) branch.set(name, next)
    branch = next
  }
  return branch
}

function raise(entry: Branch, name: 'seq' | 'until', value: number): void {
  const present = entry.get(name)
  entry.set(name, Math.max(value, typeof present === 'number' ? present : 0))
}
