// People in entries of the feed: found by who knows them, and named to nobody.

import { entityUid } from '@cardea/policy'
import { expect, test } from 'vitest'
import {
  createRevocations,
  createSubjectKey,
  createSubjectNames,
  hideSubject,
  type RevocationKey,
} from '../../src/index.ts'
import { NOON } from '../fixture.ts'

const names = createSubjectNames(() => 'k'.repeat(43))
const token = (sub: string, tenant = 'acme') => ({
  claims: { iss: 'https://i.example', sub, tenant, iat: NOON, epoch: 'e', seq: 4 },
  keyId: 'k1',
})
const grantOf = (user: string, tenant = 'acme') => ({
  tenant,
  grantee: entityUid('User', user),
  template: 'viewer',
  resource: entityUid('Document', 'plan'),
})

function holding(key: RevocationKey): ReturnType<typeof createRevocations> {
  const revocations = createRevocations({ now: () => NOON, names })
  const at = { epoch: 'e', seq: 5 }
  revocations.add({ key: hideSubject(key, names), at, revokedAtSeconds: NOON, expiresAtSeconds: NOON + 300 })
  return revocations
}

test('a principal is found by name and tenant, and the entry does not say it', () => {
  const revocations = holding({ kind: 'principal', tenant: 'acme', sub: 'ann' })
  expect(revocations.matchToken(token('ann'))).toBeDefined()
  expect(revocations.matchToken(token('bob'))).toBeUndefined()
  expect(revocations.matchToken(token('ann', 'globex'))).toBeUndefined()
  expect(JSON.stringify(revocations.list())).not.toContain('ann')
})

test('so is who was granted something', () => {
  const resource = 'Document::"plan"'
  const revocations = holding({ kind: 'grant', tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource })
  expect(revocations.matchGrant(token('ann'), grantOf('ann'))).toBeDefined()
  expect(revocations.matchGrant(token('bob'), grantOf('bob'))).toBeUndefined()
  expect(revocations.matchGrant(token('ann', 'globex'), grantOf('ann', 'globex'))).toBeUndefined()
  expect(JSON.stringify(revocations.list())).not.toContain('ann')
})

test('a name is of its kind, its tenant and its key', () => {
  const other = createSubjectNames(() => 'o'.repeat(43))
  const all = [
    names.principal('acme', 'ann'),
    names.principal('globex', 'ann'),
    names.grantee('acme', 'ann'),
    names.principal('ac', 'me","ann'),
    other.principal('acme', 'ann'),
  ]
  expect(new Set(all).size).toBe(all.length)
  for (const name of all) expect(name).toMatch(/^[A-Za-z0-9_-]{22}$/)
})

test('with another key what was remembered is forgotten', () => {
  let key = 'k'.repeat(43)
  const changing = createSubjectNames(() => key)
  const before = changing.principal('acme', 'ann')
  expect(changing.principal('acme', 'ann')).toBe(before)
  key = 'o'.repeat(43)
  expect(changing.principal('acme', 'ann')).not.toBe(before)
})

test('other keys are said as they are', () => {
  const key: RevocationKey = { kind: 'session', sid: 's' }
  expect(hideSubject(key, names)).toBe(key)
  expect(createSubjectKey()).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(createSubjectKey()).not.toBe(createSubjectKey())
})
