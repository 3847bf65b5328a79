// What break-glass lets pass, and what it does not: a guard whose news grow old, with and without a statement.

import { type BreakGlass, type RevocationKey, signBreakGlass } from '@cardea/feed'
import { describe, expect, test } from 'vitest'
import { Ledger } from '../../src/gate/ledger.ts'
import { internalsOf } from '../../src/guard.ts'
import type { Auth } from '../../src/index.ts'
import { Document, documentNamed, type schema } from '../support/documents.ts'
import { BUNDLE_KEY, createFakeFeed, type FakeFeed } from '../support/fake-feed.ts'
import {
  ANN,
  AUDIENCE,
  BOB,
  createWorld,
  ISSUER,
  JWKS,
  NOW,
  requestWith,
  thrownBy,
  tokenFor,
} from '../support/world.ts'

const AT = { epoch: 'e1', seq: 90, sid: 'session-1', acr: 'mfa', auth_time: NOW - 10 }
const plan = Document(documentNamed('plan'))
const HOUR = 3600

const sign = (changes: Partial<BreakGlass> = {}): Promise<string> =>
  signBreakGlass(
    {
      jti: 'glass-1',
      iss: ISSUER,
      aud: AUDIENCE,
      epoch: 'e1',
      iat: NOW,
      exp: NOW + 200,
      maxStaleSeconds: HOUR,
      killed: [],
      ...changes,
    },
    BUNDLE_KEY,
  )

async function feedWith(changes: Partial<BreakGlass> | undefined): Promise<FakeFeed> {
  const feed = createFakeFeed()
  if (changes !== undefined) await put(feed, await sign(changes))
  return feed
}

async function put(feed: FakeFeed, text: string | undefined): Promise<void> {
  feed.glass = text
  await feed.lookAtGlass()
}

const enter = async (feed: FakeFeed, claims = {}): Promise<Auth<typeof schema>> =>
  feed.guard.authenticate(requestWith(await tokenFor(ANN, { ...AT, ...claims })))

const allowedOf = (auth: Auth<typeof schema>): string[] =>
  [
    auth.can('view', plan) ? 'view' : '',
    auth.can('delete', plan) ? 'delete' : '',
    auth.can('share', plan, { outside: false }) ? 'share' : '',
  ].filter((action) => action !== '')

describe('the age of news', () => {
  const ALL = ['view', 'delete', 'share']
  const cases: readonly [string, Partial<BreakGlass> | undefined, number, readonly string[]][] = [
    ['within every bound, without one', undefined, 5, ALL],
    ['beyond the tightest bound, without one', undefined, 6, ['view', 'share']],
    ['beyond every bound, without one', undefined, 301, []],
    ['beyond the tightest bound', {}, 6, ALL],
    ['beyond every bound', {}, 301, ALL],
    ['at what it says', {}, HOUR, ALL],
    ['beyond what it says', {}, HOUR + 1, []],
    ['beyond what it says, which is tighter than some bounds', { maxStaleSeconds: 10 }, 20, ['view', 'share']],
    ['beyond every bound, for one action', { actions: ['delete'] }, 301, ['delete']],
    ['beyond the tightest bound, for another action', { actions: ['view'] }, 6, ['view', 'share']],
    ['beyond every bound, for an action that is not', { actions: ['fly'] }, 301, []],
    ['of what is not whole', { maxStaleSeconds: 86_400 }, Number.POSITIVE_INFINITY, []],
    ['that is no number', {}, Number.NaN, []],
  ]
  test.each(cases)('%s', async (_name, changes, ageSeconds, expected) => {
    const feed = await feedWith(changes)
    const auth = await enter(feed)
    feed.ageSeconds = ageSeconds
    expect(allowedOf(auth)).toEqual(expected)
    expect(auth.allowedActions(plan).includes('delete')).toBe(expected.includes('delete'))
    const isIn = changes !== undefined && ageSeconds <= (changes.maxStaleSeconds ?? HOUR)
    if (ageSeconds <= 300 || isIn) expect((await enter(feed)).principal.id).toBe('ann')
    else expect(await thrownBy(() => enter(feed))).toMatchObject({ reason: 'stale', status: 503 })
  })

  test('has its own bounds again once it has ended, to the second', async () => {
    const feed = await feedWith({})
    feed.ageSeconds = 301
    const auth = await enter(feed)
    expect(allowedOf(auth)).toEqual(ALL)
    feed.now = NOW + 200
    expect(allowedOf(auth)).toEqual([])
    expect(await thrownBy(() => auth.authorize('view', plan))).toMatchObject({ reason: 'stale', status: 503 })
  })

  test('without a resource: an action that is not covered is not allowed on nothing either', async () => {
    const feed = await feedWith({ actions: ['view'] })
    feed.ageSeconds = 301
    const auth = await enter(feed)
    expect(auth.authorizeEach('view', [])).toEqual([])
    expect(await thrownBy(() => auth.authorizeEach('edit', []))).toMatchObject({ reason: 'stale' })
  })
})

describe('break-glass extends nothing but the age', () => {
  const key = (found: RevocationKey) => (feed: FakeFeed) => feed.revoke(found)
  const refused: readonly [string, (feed: FakeFeed) => void, object, string][] = [
    ['a token that has expired', (feed) => (feed.now = NOW + 290), {}, 'expired'],
    ['a session that was revoked', key({ kind: 'session', sid: 'session-1' }), {}, 'revoked'],
    ['a key that was killed and heard of', key({ kind: 'key', kid: JWKS.keys[0]?.kid ?? '' }), {}, 'revoked'],
    ['a token of another epoch', () => {}, { epoch: 'e0' }, 'invalid_token'],
    ['a tenant that is not served', (feed) => (feed.tenants = ['other']), {}, 'tenant_mismatch'],
    ['a binding that does not fit', () => {}, { net: ['192.0.2.0/24'] }, 'binding'],
    ['a log that began anew', (feed) => (feed.position = { epoch: 'e2', seq: 1 }), { epoch: 'e2' }, 'stale'],
    ['a bundle that is announced', (feed) => (feed.ageSeconds = Number.POSITIVE_INFINITY), {}, 'stale'],
  ]
  test.each(refused)('%s is refused as ever', async (_name, change, claims, reason) => {
    const feed = await feedWith({ exp: NOW + HOUR })
    feed.ageSeconds = 301
    change(feed)
    expect(await thrownBy(() => enter(feed, claims))).toMatchObject({ reason })
  })

  test('and what the policies deny is denied', async () => {
    const feed = await feedWith({})
    feed.ageSeconds = 301
    const auth = await feed.guard.authenticate(requestWith(await tokenFor(BOB, AT)))
    expect(auth.can('delete', plan)).toBe(false)
  })

  test('a key that it says was killed is refused, with fresh news too, and in the middle of a request', async () => {
    const feed = createFakeFeed()
    const auth = await enter(feed)
    const { signal } = auth
    await put(feed, await sign({ killed: [JWKS.keys[0]?.kid ?? ''] }))
    expect(signal.reason).toMatchObject({ reason: 'revoked' })
    expect(allowedOf(auth)).toEqual([])
    expect(await thrownBy(() => enter(feed))).toMatchObject({ reason: 'revoked', status: 401 })
  })
})

describe('a token from ahead of what was heard', () => {
  const ahead = async (changes: Partial<BreakGlass> | undefined): Promise<FakeFeed> => {
    const feed = await feedWith(changes)
    feed.catchesUp = false
    return feed
  }

  test('is refused without a statement, and with one that its news are too old for', async () => {
    expect(await thrownBy(async () => enter(await ahead(undefined), { seq: 101 }))).toMatchObject({ reason: 'stale' })
    const feed = await ahead({})
    feed.ageSeconds = HOUR + 1
    expect(await thrownBy(() => enter(feed, { seq: 101 }))).toMatchObject({ reason: 'stale' })
  })

  test('is let in under one, to its actions, and its records name it however young the news are', async () => {
    const feed = await ahead({ actions: ['view'] })
    const auth = await enter(feed, { seq: 101 })
    expect(allowedOf(auth)).toEqual(['view'])
    auth.authorize('view', plan)
    expect(feed.reports).toMatchObject([{ decision: 'allow', breakGlass: 'glass-1' }])
    const { signal } = auth
    feed.now = NOW + 200
    feed.timers.shift()?.()
    expect(signal.reason).toMatchObject({ reason: 'stale' })
  })

  test('that asks for news by itself does not get them from a statement', async () => {
    const feed = await ahead({})
    const token = await tokenFor(ANN, AT)
    const request = requestWith(token, { headers: { 'cardea-at-least': 'e1.101' } })
    expect(await thrownBy(() => feed.guard.authenticate(request))).toMatchObject({ reason: 'stale' })
  })
})

describe('records', () => {
  test('name it when the decision needed it, allowed or denied, and at no other time', async () => {
    const feed = await feedWith({ actions: ['view', 'delete'] })
    const auth = await enter(feed)
    auth.authorize('delete', plan)
    feed.ageSeconds = 6
    auth.authorize('view', plan)
    auth.authorize('delete', plan)
    auth.filter('delete', Document)
    feed.ageSeconds = 301
    auth.decide('delete', Document({ ...plan.row, id: 'other', owner_id: 'bob' }))
    auth.decide('delete', undefined)
    auth.decide('edit', plan)
    auth.decide('view', plan)
    expect(feed.reports.map(({ action, reason, breakGlass }) => [action, reason, breakGlass])).toEqual([
      ['delete', 'permit', undefined],
      ['view', 'permit', undefined],
      ['delete', 'permit', 'glass-1'],
      ['delete', 'permit', 'glass-1'],
      ['delete', 'no_permit', 'glass-1'],
      ['delete', 'not_found', 'glass-1'],
      ['edit', 'stale', undefined],
      ['view', 'permit', 'glass-1'],
    ])
    expect(feed.events.filter(({ breakGlass }) => breakGlass === 'glass-1')).toHaveLength(5)
  })

  test('name it at checkpoint one, where the policies can allow nothing', async () => {
    const feed = await feedWith({})
    feed.publish([{ file: 'closed.cedar', text: '@id("closed") forbid (principal, action, resource);' }])
    feed.ageSeconds = 301
    const request = requestWith(await tokenFor(ANN, AT))
    const auth = await internalsOf(feed.guard).enter(request, 'correlation', new Ledger())
    expect(await thrownBy(() => auth.checkRoute(['delete']))).toMatchObject({ reason: 'forbid' })
    expect(feed.reports.at(-1)).toMatchObject({ checkpoint: 'route', decision: 'deny', breakGlass: 'glass-1' })
  })
})

describe('a running answer', () => {
  test('goes on beyond its bound, and ends with the statement', async () => {
    const feed = await feedWith({})
    const auth = await enter(feed)
    auth.authorize('delete', plan)
    const { signal } = auth
    feed.ageSeconds = 6
    feed.timers.shift()?.()
    expect(signal.aborted).toBe(false)
    feed.now = NOW + 200
    feed.timers.shift()?.()
    expect(signal.reason).toMatchObject({ reason: 'stale' })
  })

  test('ends when the file is taken away', async () => {
    const feed = await feedWith({})
    const auth = await enter(feed)
    auth.authorize('delete', plan)
    const { signal } = auth
    feed.ageSeconds = 6
    feed.timers.shift()?.()
    expect(signal.aborted).toBe(false)
    await put(feed, undefined)
    expect(signal.reason).toMatchObject({ reason: 'stale' })
  })

  test('ends with the first of its actions that is not covered', async () => {
    const feed = await feedWith({ actions: ['delete'] })
    const auth = await enter(feed)
    auth.authorize('delete', plan)
    auth.authorize('share', plan, { outside: false })
    const { signal } = auth
    feed.ageSeconds = 30
    feed.timers.shift()?.()
    expect(signal.aborted).toBe(false)
    feed.ageSeconds = 31
    feed.timers.shift()?.()
    expect(signal.reason).toMatchObject({ reason: 'stale' })
  })

  test('of an action with no bound of its own ends with the life of the token, if that action is not covered', async () => {
    const feed = await feedWith({ actions: ['delete'] })
    const auth = await enter(feed)
    auth.authorize('view', plan)
    const { signal } = auth
    feed.ageSeconds = 301
    feed.timers.shift()?.()
    expect(signal.reason).toMatchObject({ reason: 'stale' })
  })
})

describe('the guard says so', () => {
  test('in its state, while it counts', async () => {
    const feed = await feedWith({ actions: ['view'] })
    const state = { id: 'glass-1', untilSeconds: NOW + 200, maxStaleSeconds: HOUR, actions: ['view'] }
    expect(feed.guard.state().breakGlass).toEqual(state)
    feed.now = NOW + 200
    expect(feed.guard.state().breakGlass).toBeUndefined()
  })

  test('in its log, at level `error`', async () => {
    const feed = await feedWith({})
    await put(feed, undefined)
    expect(feed.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('BREAK-GLASS: older news'),
      expect.stringContaining('BREAK-GLASS has ended'),
    ])
  })

  test('that it has no use for a file when it stands alone', async () => {
    const options = { breakGlassFile: '/run/break-glass.jws' } as object
    expect(await thrownBy(() => createWorld(options))).toMatchObject({ code: 'ERR_GUARD_OPTIONS' })
    expect((await createWorld()).guard.state().breakGlass).toBeUndefined()
  })
})
