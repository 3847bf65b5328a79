// With an authority: revocation, freshness, positions, policies and keys that change while the service runs.

import type { RevocationKey } from '@cardea/feed'
import { entityUid } from '@cardea/policy'
import { generateSigningKey, publicJwk } from '@cardea/token'
import { describe, expect, test } from 'vitest'
import { Document, documentNamed, POLICIES, schema } from '../support/documents.ts'
import { createFakeFeed } from '../support/fake-feed.ts'
import { ANN, JWKS, NOW, requestWith, thrownBy, tokenFor } from '../support/world.ts'

const AT = { epoch: 'e1', seq: 90, sid: 'session-1' }
const plan = Document(documentNamed('plan'))

describe('revocation', () => {
  const kinds: readonly [string, RevocationKey][] = [
    ['a principal', { kind: 'principal', tenant: 'acme', sub: 'ann' }],
    ['a session', { kind: 'session', sid: 'session-1' }],
    ['a client', { kind: 'client', clientId: 'web' }],
    ['a tenant', { kind: 'tenant', tenant: 'acme' }],
    ['a key', { kind: 'key', kid: JWKS.keys[0]?.kid ?? '' }],
    ['everything', { kind: 'all' }],
  ]
  test.each(kinds)('of %s reaches the present request, its signal and the next one', async (_name, key) => {
    const feed = createFakeFeed()
    const token = await tokenFor(ANN, AT)
    const auth = await feed.guard.authenticate(requestWith(token))
    const { signal } = auth
    expect(auth.can('view', plan)).toBe(true)
    feed.revoke(key)
    expect(signal.aborted).toBe(true)
    expect(signal.reason).toMatchObject({ code: 'ERR_GUARD_LAPSED', reason: 'revoked' })
    expect(await thrownBy(() => auth.authorize('view', plan))).toMatchObject({ reason: 'revoked', status: 401 })
    expect(await thrownBy(() => auth.filter('view', Document))).toMatchObject({ reason: 'revoked' })
    expect(await thrownBy(() => feed.guard.authenticate(requestWith(token)))).toMatchObject({ reason: 'revoked' })
  })

  test('of tenants that the guard hears nothing of cannot be known, so their tokens are refused', async () => {
    const feed = createFakeFeed()
    const token = await tokenFor(ANN, AT)
    const auth = await feed.guard.authenticate(requestWith(token))
    feed.tenants = ['other', 'acme']
    expect(auth.can('view', plan)).toBe(true)
    feed.tenants = ['other']
    expect(await thrownBy(() => auth.authorize('view', plan))).toMatchObject({ reason: 'tenant_mismatch', status: 401 })
    expect(await thrownBy(() => feed.guard.authenticate(requestWith(token)))).toMatchObject({
      reason: 'tenant_mismatch',
      status: 401,
    })
  })

  test('granting again works: a token from after the revocation is let in', async () => {
    const feed = createFakeFeed()
    feed.revoke({ kind: 'principal', tenant: 'acme', sub: 'ann' }, 101)
    const old = await tokenFor(ANN, { ...AT, seq: 100 })
    expect(await thrownBy(() => feed.guard.authenticate(requestWith(old)))).toMatchObject({ reason: 'revoked' })
    expect((await feed.guard.authenticate(requestWith(await tokenFor(ANN, { ...AT, seq: 101 })))).principal.id).toBe(
      'ann',
    )
  })

  test('of one grant takes that grant and no other', async () => {
    const feed = createFakeFeed()
    const granted = (id: string) => ({ template: 'viewer', resource: entityUid('Document', id) })
    const person = { ...ANN, grants: [granted('memo'), granted('other')] }
    const auth = await feed.guard.authenticate(requestWith(await tokenFor(person, AT)))
    const memo = Document(documentNamed('memo'))
    const other = Document({ ...documentNamed('memo'), id: 'other' })
    expect([auth.can('view', memo), auth.can('view', other)]).toEqual([true, true])
    feed.revoke({
      kind: 'grant',
      tenant: 'acme',
      grantee: 'User::"ann"',
      template: 'viewer',
      resource: 'Document::"memo"',
    })
    expect([auth.can('view', memo), auth.can('view', other)]).toEqual([false, true])
    expect(auth.select('view', Document, [memo.row, other.row]).map(({ id }) => id)).toEqual(['other'])
  })
})

describe('freshness', () => {
  const bounds: readonly [string, number, readonly ('view' | 'delete' | 'share')[]][] = [
    ['5 s', 5, ['view', 'delete', 'share']],
    ['6 s', 6, ['view', 'share']],
    ['31 s', 31, ['view']],
    ['301 s', 301, []],
    ['forever', Number.POSITIVE_INFINITY, []],
    ['not a number', Number.NaN, []],
  ]
  test.each(bounds)('news %s old', async (_name, ageSeconds, expected) => {
    const feed = createFakeFeed()
    const auth = await feed.guard.authenticate(
      requestWith(await tokenFor(ANN, { ...AT, acr: 'mfa', auth_time: NOW - 10 })),
    )
    feed.ageSeconds = ageSeconds
    const allowed = [
      auth.can('view', plan) ? 'view' : '',
      auth.can('delete', plan) ? 'delete' : '',
      auth.can('share', plan, { outside: false }) ? 'share' : '',
    ]
    expect(allowed.filter((action) => action !== '')).toEqual(expected)
    if (expected.length === 0) {
      const error = await thrownBy(() => auth.authorize('view', plan))
      expect(error).toMatchObject({ reason: 'stale', status: 503, headers: { 'retry-after': '1' } })
      expect(feed.logged.filter((line) => line.includes('older than the action accepts'))).toHaveLength(1)
    }
  })

  test('a signal fires when the news get too old for what was allowed', async () => {
    const feed = createFakeFeed()
    const auth = await feed.guard.authenticate(
      requestWith(await tokenFor(ANN, { ...AT, acr: 'mfa', auth_time: NOW - 10 })),
    )
    auth.authorize('delete', plan)
    const { signal } = auth
    expect(signal.aborted).toBe(false)
    feed.ageSeconds = 6
    feed.timers.shift()?.()
    expect(signal.reason).toMatchObject({ reason: 'stale' })
  })

  test('a signal looks again when the news were refreshed meanwhile', async () => {
    const feed = createFakeFeed()
    const auth = await feed.guard.authenticate(requestWith(await tokenFor(ANN, AT)))
    const { signal } = auth
    feed.timers.shift()?.()
    expect(signal.aborted).toBe(false)
    expect(feed.timers).toHaveLength(1)
    feed.now = NOW + 290
    feed.timers.shift()?.()
    expect(signal.reason).toMatchObject({ reason: 'expired' })
  })
})

describe('positions', () => {
  test('a token of another epoch is refused', async () => {
    const feed = createFakeFeed()
    for (const claims of [{ ...AT, epoch: 'e0' }, { seq: 90 }, {}]) {
      const token = await tokenFor(ANN, claims)
      expect(await thrownBy(() => feed.guard.authenticate(requestWith(token)))).toMatchObject({
        reason: 'invalid_token',
        status: 401,
      })
    }
  })

  test('a token from ahead is waited for, and then refused as unknown news', async () => {
    const feed = createFakeFeed()
    const token = await tokenFor(ANN, { ...AT, seq: 101 })
    expect((await feed.guard.authenticate(requestWith(token))).principal.id).toBe('ann')
    feed.catchesUp = false
    const further = await tokenFor(ANN, { ...AT, seq: 102 })
    expect(await thrownBy(() => feed.guard.authenticate(requestWith(further)))).toMatchObject({
      reason: 'stale',
      status: 503,
    })
  })

  test('`Cardea-At-Least` is waited for; a malformed one is a bad request', async () => {
    const feed = createFakeFeed()
    const token = await tokenFor(ANN, AT)
    const ask = (position: string) =>
      feed.guard.authenticate(requestWith(token, { headers: { 'cardea-at-least': position } }))
    expect((await ask('e1.100')).principal.id).toBe('ann')
    feed.catchesUp = false
    expect(await thrownBy(() => ask('e1.101'))).toMatchObject({ reason: 'stale', status: 503 })
    expect(await thrownBy(() => ask('soon'))).toMatchObject({ reason: 'invalid_request', status: 400 })
  })
})

describe('policies that change', () => {
  test('are waited for, briefly, while they are being fetched', async () => {
    const feed = createFakeFeed()
    const token = await tokenFor(ANN, AT)
    feed.ageSeconds = Number.POSITIVE_INFINITY
    feed.onWait = () => {
      feed.publish([{ file: 'closed.cedar', text: '@id("closed") forbid (principal, action, resource);' }])
      feed.ageSeconds = 0
    }
    const auth = await feed.guard.authenticate(requestWith(token))
    expect(auth.can('view', plan)).toBe(false)
    feed.onWait = () => {}
    feed.ageSeconds = Number.POSITIVE_INFINITY
    expect(await thrownBy(() => feed.guard.authenticate(requestWith(token)))).toMatchObject({ reason: 'stale' })
  })

  test('a request keeps its edition to the end, and the next one has the new', async () => {
    const feed = createFakeFeed()
    const token = await tokenFor(ANN, AT)
    const before = await feed.guard.authenticate(requestWith(token))
    feed.publish([
      {
        file: 'closed.cedar',
        text: POLICIES[0].text.replace('@id("owner-manages")\npermit', '@id("owner-manages")\nforbid'),
      },
    ])
    expect(before.can('view', plan)).toBe(true)
    const after = await feed.guard.authenticate(requestWith(token))
    expect(after.can('view', plan)).toBe(false)
    expect(feed.guard.state()).toMatchObject({ mode: 'authority', revision: 2, position: { epoch: 'e1', seq: 100 } })
  })

  test('an action whose policies read more than the token says is refused, others are not', async () => {
    const feed = createFakeFeed()
    const token = await tokenFor(ANN, AT)
    const more = `${POLICIES[0].text}
      @id("cleared") forbid (principal, action == Action::"edit", resource)
      unless { principal has clearance && principal.clearance > 2 };`
    feed.publish([{ file: 'documents.cedar', text: more }])
    const auth = await feed.guard.authenticate(requestWith(token))
    expect(auth.can('view', plan)).toBe(true)
    expect(auth.can('edit', plan)).toBe(false)
    expect(await thrownBy(() => auth.authorize('edit', plan))).toMatchObject({
      reason: 'claims_outdated',
      status: 401,
      challenge: expect.stringContaining('error="invalid_token"'),
      problem: { code: 'claims_outdated' },
    })
    expect(await thrownBy(() => auth.filter('edit', Document))).toMatchObject({ reason: 'claims_outdated' })
    expect(feed.logged.filter((line) => line.includes('lacks what the policies read'))).toHaveLength(1)
  })

  test('policies that cannot be used leave nothing allowed, and say so', async () => {
    const feed = createFakeFeed()
    const token = await tokenFor(ANN, AT)
    feed.publish(POLICIES, {
      ...schema,
      actions: { ...schema.actions, view: { ...schema.actions.view, annotations: { maxStale: 'soon' } } },
    })
    expect(await thrownBy(() => feed.guard.authenticate(requestWith(token)))).toMatchObject({
      reason: 'stale',
      status: 503,
    })
    expect(feed.guard.state()).toMatchObject({ revision: 1, ageSeconds: Number.POSITIVE_INFINITY })
    expect(feed.logged).toContain('a bundle cannot be used; everything is denied until another one comes')
    feed.publish(POLICIES)
    expect((await feed.guard.authenticate(requestWith(token))).can('view', plan)).toBe(true)
  })
})

test('keys that leave the set take their tokens with them, cached or not', async () => {
  const feed = createFakeFeed()
  const token = await tokenFor(ANN, AT)
  await feed.guard.authenticate(requestWith(token))
  const next = await generateSigningKey('ES256')
  feed.replaceKeys({ keys: [publicJwk(next)] })
  expect(await thrownBy(() => feed.guard.authenticate(requestWith(token)))).toMatchObject({ reason: 'invalid_token' })
  expect((await feed.guard.authenticate(requestWith(await tokenFor(ANN, AT, next)))).principal.id).toBe('ann')
})

test('decisions are reported with revision, session and token, and never with the token itself', async () => {
  const feed = createFakeFeed()
  const token = await tokenFor(ANN, AT)
  const auth = await feed.guard.authenticate(requestWith(token))
  auth.authorize('view', plan)
  expect(feed.reports).toEqual([
    {
      decision: 'allow',
      reason: 'permit',
      checkpoint: 'resource',
      action: 'view',
      principal: 'User::"ann"',
      resource: 'Document::"plan"',
      tenant: 'acme',
      policies: ['owner-manages'],
      tokenId: auth.tokenId,
      sid: 'session-1',
      revision: 1,
      correlation: 'correlation',
    },
  ])
})
