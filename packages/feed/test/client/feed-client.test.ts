import { publicJwk } from '@cardea/token'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createFeedClient,
  type FeedChange,
  type FeedClient,
  type FeedClientOptions,
  type FeedLogEntry,
  type RevocableToken,
  signBundle,
} from '../../src/index.ts'
import { createTestAuthority, type TestAuthority, textOf, URL_OF_AUTHORITY } from '../authority-server.ts'
import { bundleKey, bundleKeys, codeOf, contentOf, NOON, strangerKey, tokenKey } from '../fixture.ts'

/** Probes every 1250 ms, retries within 1667 ms. */
const BOUND_SECONDS = 5
const session = (sid: string) => ({ kind: 'session', sid }) as const
const tokenOf = (sid: string, seq: number, epoch = 'e1'): RevocableToken => ({
  claims: { iss: 'https://a', sub: 'ann', iat: NOON, sid, seq, epoch },
  keyId: 'token-1',
})

let server: TestAuthority
let client: FeedClient
let changes: FeedChange[]
let log: FeedLogEntry[]
/** Added to the wall clock alone. */
let wallShift: number

beforeEach(() => {
  vi.useFakeTimers({ now: NOON * 1000, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  wallShift = 0
  changes = []
  log = []
  server = createTestAuthority(() => Date.now() / 1000)
  client = create()
})

afterEach(async () => {
  await client.close()
  vi.useRealTimers()
})

function create(options: Partial<FeedClientOptions> = {}): FeedClient {
  return createFeedClient({
    authority: URL_OF_AUTHORITY,
    credentials: () => Promise.resolve('guard-token'),
    audience: 'https://documents.example',
    bundleKeys,
    fetch: server.fetch,
    now: () => Date.now() / 1000 + wallShift,
    monotonic: () => performance.now() / 1000,
    random: () => 0.5,
    tightestBoundSeconds: BOUND_SECONDS,
    onChange: (change) => changes.push(change),
    log: (entry) => log.push(entry),
    ...options,
  })
}

const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds)
const codes = (): readonly (string | undefined)[] => log.map(({ code }) => code)
const kinds = (): readonly string[] => changes.map(({ kind }) => kind)
const count = (name: string): number => server.counts.get(name) ?? 0

/** Publishes, starts and follows. */
async function started(): Promise<void> {
  await server.publish()
  const start = client.start()
  await pass(100)
  await start
}

describe('start', () => {
  test('resolves with a whole, proven state', async () => {
    server.revoke(session('s1'))
    await started()
    const state = client.state()
    expect(state.position).toEqual({ epoch: 'e1', seq: 2 })
    expect(state.bundle.content.revision).toBe(1)
    expect(state.keys.keys.map(({ kid }) => kid)).toEqual(['token-1'])
    expect(state.revocations.matchToken(tokenOf('s1', 0))).toBeDefined()
    expect(client.ageSeconds()).toBeLessThan(1)
    expect(server.openStreams).toBe(1)
  })

  test('nothing can be read before', async () => {
    expect(await codeOf(() => client.state())).toBe('ERR_FEED_START')
    expect(client.ageSeconds()).toBe(Number.POSITIVE_INFINITY)
    const start = client.start()
    start.catch(() => undefined)
    await pass(1000)
    // there is a snapshot, but no policy was published
    expect(client.ageSeconds()).toBe(Number.POSITIVE_INFINITY)
    await server.publish()
    await pass(3000)
    await start
    expect(client.state().bundle.content.revision).toBe(1)
  })

  const FAILURES: Record<string, (options: Partial<FeedClientOptions>) => void> = {
    'the authority is down': () => {
      server.network = 'down'
    },
    'the authority says nothing': () => {
      server.network = 'silent'
    },
    'the credentials are refused': () => {
      server.credentials = 'other'
    },
    'the head is from before the snapshot': () => {
      server.tamper = (path, body) =>
        path.endsWith('head') ? body.replace('"seq":1', '"seq":0').replace('"prev":1', '"prev":0') : body
    },
  }
  test.each(Object.entries(FAILURES))('fails when %s, and closes', async (_, break_) => {
    await server.publish()
    break_({})
    const failure = codeOf(() => client.start())
    await pass(16_000)
    expect(await failure).toBe('ERR_FEED_START')
    expect(client.ageSeconds()).toBe(Number.POSITIVE_INFINITY)
    const before = count('snapshot') + count('head')
    await pass(60_000)
    expect(count('snapshot') + count('head')).toBe(before)
  })

  test('asks nobody but the authority, over https or the same machine', async () => {
    for (const authority of [
      'http://authority.example',
      'https://user:pass@authority.example',
      'ftp://authority.example',
      'https://authority.example/?a=b',
      'http://127.0.0.1.evil.example',
      'nonsense',
    ]) {
      expect(await codeOf(() => create({ authority }))).toBe('ERR_FEED_URL')
    }
    for (const authority of ['http://127.0.0.1:4000', 'http://localhost:4000', 'http://[::1]:4000'])
      create({ authority })
  })
})

describe('events', () => {
  beforeEach(started)

  test('a revocation is there as soon as it is heard', async () => {
    const { at } = server.revoke(session('s1'))
    await pass(1)
    expect(client.state().revocations.matchToken(tokenOf('s1', at.seq - 1))).toBeDefined()
    expect(client.state().revocations.matchToken(tokenOf('s1', at.seq))).toBeUndefined()
    expect(client.state().position).toEqual(at)
    expect(kinds().at(-1)).toBe('revocation')
  })

  test('keys are replaced', async () => {
    server.rotateKeys({ keys: [publicJwk(tokenKey), publicJwk({ ...bundleKey, kid: 'token-2' })] })
    await pass(1)
    expect(client.state().keys.keys.map(({ kid }) => kid)).toEqual(['token-1', 'token-2'])
    expect(kinds().at(-1)).toBe('keys')
  })

  test('a new bundle makes the state stale until it is applied', async () => {
    const ages: number[] = []
    client.subscribe((change) => {
      if (change.kind === 'stale' || change.kind === 'bundle') ages.push(client.ageSeconds())
    })
    await server.publish({ revision: 2 })
    await pass(1)
    expect(ages[0]).toBe(Number.POSITIVE_INFINITY)
    expect(ages[1]).toBeLessThan(1)
    expect(client.state().bundle.content.revision).toBe(2)
  })

  test('a repeated event changes nothing', async () => {
    server.revoke(session('s1'))
    const old = { position: server.position(), prev: null, jwks: { keys: [] } }
    await pass(1)
    const before = client.state().position
    server.write(textOf({ seq: before.seq, kind: 'keys', data: old }))
    await pass(1)
    expect(client.state().position).toEqual(before)
    expect(client.state().keys.keys).toHaveLength(1)
    expect(count('snapshot')).toBe(1)
  })

  test('a gap takes a snapshot, and what came over the gap counts at once', async () => {
    server.loseNext = true
    server.revoke(session('lost'))
    server.revoke(session('heard'))
    await pass(1)
    expect(client.state().revocations.matchToken(tokenOf('heard', 0))).toBeDefined()
    expect(client.state().position.seq).toBe(1)
    await pass(500)
    expect(client.state().revocations.matchToken(tokenOf('lost', 0))).toBeDefined()
    expect(client.state().position).toEqual(server.position())
    expect(count('snapshot')).toBe(2)
  })

  test('events out of order are a gap', async () => {
    const event = (seq: number): string => {
      const at = { epoch: 'e1', seq }
      const revocation = { key: session(`s${seq}`), at, revokedAtSeconds: NOON, expiresAtSeconds: NOON + 300 }
      return textOf({ seq, kind: 'revocation', data: { position: at, prev: seq - 1, revocation } })
    }
    server.write(event(3) + event(2))
    await pass(1)
    expect(client.state().revocations.matchToken(tokenOf('s3', 0))).toBeDefined()
    expect(client.state().position.seq).toBe(1)
    await pass(500)
    expect(count('snapshot')).toBe(2)
  })

  test('the last event lost: the probe sees that the head is ahead', async () => {
    server.loseNext = true
    server.revoke(session('s1'))
    await pass(1250 + 300 + 500)
    expect(client.state().revocations.matchToken(tokenOf('s1', 0))).toBeDefined()
    expect(client.ageSeconds()).toBeLessThan(2.5)
  })

  const UNREADABLE: Record<string, [text: string, code: string]> = {
    'no JSON': ['event: revocation\ndata: {\n\n', 'ERR_FEED_EVENT'],
    'no position': ['event: revocation\ndata: {"prev":null}\n\n', 'ERR_FEED_POSITION'],
    'a member twice': [
      'event: keys\ndata: {"position":{"epoch":"e1","seq":2},"position":{"epoch":"e1","seq":9},"prev":1,"jwks":{"keys":[]}}\n\n',
      'ERR_FEED_EVENT',
    ],
    'an unknown revocation': [
      'event: revocation\ndata: {"position":{"epoch":"e1","seq":2},"prev":1,"revocation":{"key":{"kind":"new"},"at":{"epoch":"e1","seq":2},"revokedAtSeconds":1,"expiresAtSeconds":2}}\n\n',
      'ERR_FEED_REVOCATION',
    ],
    'a bundle address that is a path': [
      'event: bundle\ndata: {"position":{"epoch":"e1","seq":2},"prev":1,"bundle":{"revision":2,"digest":"../../token"}}\n\n',
      'ERR_FEED_EVENT',
    ],
    'a predecessor that comes after': [
      'event: keys\ndata: {"position":{"epoch":"e1","seq":2},"prev":2,"jwks":{"keys":[]}}\n\n',
      'ERR_FEED_EVENT',
    ],
  }
  test.each(Object.entries(UNREADABLE))(
    'an event that cannot be read (%s) takes a snapshot',
    async (_, [text, code]) => {
      server.write(text)
      await pass(600)
      expect(codes()).toContain(code)
      expect(count('snapshot')).toBe(2)
      expect(client.state().position).toEqual(server.position())
    },
  )

  test('an event of a kind that this version does not know takes a snapshot', async () => {
    server.write('event: future\ndata: {"position":{"epoch":"e1","seq":2},"prev":1}\n\n')
    await pass(600)
    expect(count('snapshot')).toBe(2)
  })

  test('an endless event is cut off', async () => {
    server.write(`event: keys\ndata: ${'x'.repeat(2_000_000)}`)
    await pass(600)
    expect(codes()).toContain('ERR_FEED_LIMIT')
  })
})

describe('freshness', () => {
  beforeEach(started)

  test('is the age of the last answered question, counted from its sending', async () => {
    await pass(60_000)
    expect(client.ageSeconds()).toBeLessThanOrEqual(1.25)
    expect(client.state().freshAsOfSeconds).toBeGreaterThan(NOON + 58)
  })

  test('a heartbeat proves nothing', async () => {
    server.tamper = (path, body) => (path.endsWith('head') ? '' : body)
    for (let second = 0; second < 10; second += 1) {
      server.write(': alive\n\n')
      await pass(1000)
    }
    expect(client.ageSeconds()).toBeGreaterThanOrEqual(9)
    expect(server.openStreams).toBe(1)
  })

  test('an event proves nothing either', async () => {
    server.tamper = (path, body) => (path.endsWith('head') ? '' : body)
    await pass(8000)
    server.revoke(session('s1'))
    await pass(1)
    expect(client.state().revocations.matchToken(tokenOf('s1', 0))).toBeDefined()
    expect(client.ageSeconds()).toBeGreaterThanOrEqual(7)
  })

  test('ages during a partition, and comes back with what was missed', async () => {
    server.network = 'silent'
    server.isBuffering = true
    server.revoke(session('s1'))
    await pass(30_000)
    expect(client.ageSeconds()).toBeGreaterThanOrEqual(28)
    server.isBuffering = false
    server.network = 'up'
    await pass(BOUND_SECONDS * 1000)
    expect(client.ageSeconds()).toBeLessThan(BOUND_SECONDS)
    expect(client.state().revocations.matchToken(tokenOf('s1', 0))).toBeDefined()
  })

  test('a stream that is open and silent does not hold what was revoked', async () => {
    server.isBuffering = true
    server.revoke(session('s1'))
    await pass(1250 + 300 + 500)
    expect(client.state().revocations.matchToken(tokenOf('s1', 0))).toBeDefined()
    expect(client.ageSeconds()).toBeLessThan(BOUND_SECONDS)
  })

  test('a change that this guard cannot see does not make it stale', async () => {
    server.changeElsewhere()
    server.changeElsewhere()
    await pass(2000)
    expect(client.state().position).toEqual(server.position())
    expect(client.ageSeconds()).toBeLessThan(1.5)
    expect(count('snapshot')).toBe(1)
  })

  test('a clock set back makes nothing fresh', async () => {
    server.network = 'down'
    await pass(20_000)
    wallShift = -3600
    expect(client.ageSeconds()).toBeGreaterThanOrEqual(19)
    expect(client.now()).toBeGreaterThanOrEqual(NOON + 20)
  })

  test('a suspended machine wakes up stale', () => {
    wallShift = 3600
    expect(client.ageSeconds()).toBeGreaterThanOrEqual(3600)
  })

  test('a slow answer counts from when it was asked for', async () => {
    const { fetch } = server
    await client.close()
    const waiting: (() => void)[] = []
    const late: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (new Request(input).url.includes('/head')) await new Promise<void>((resolve) => waiting.push(resolve))
      return response
    }
    client = create({ fetch: late, tightestBoundSeconds: 60 })
    const start = client.start()
    await pass(10_000)
    waiting.forEach((resolve) => resolve())
    await pass(1)
    waiting.forEach((resolve) => resolve())
    await pass(1)
    await start
    expect(client.ageSeconds()).toBeLessThan(11)
    await pass(15_000)
    expect(waiting).toHaveLength(2)
    await pass(4000)
    waiting.forEach((resolve) => resolve())
    await pass(1)
    // answered now, asked four seconds ago
    expect(client.ageSeconds()).toBeGreaterThanOrEqual(4)
  })
})

describe('what must not be believed', () => {
  beforeEach(started)

  const BUNDLES: Record<string, [() => Promise<unknown>, string]> = {
    'signed by a stranger': [
      async () => server.publish({ revision: 2 }, await signBundle(contentOf({ revision: 2 }), strangerKey)),
      'ERR_FEED_BUNDLE_SIGNATURE',
    ],
    'older than the present one': [
      async () => {
        await server.publish({ revision: 5 })
        await pass(10)
        await server.publish({ revision: 4 })
      },
      'ERR_FEED_BUNDLE_ROLLBACK',
    ],
    'of the present number and another content': [
      () => server.publish({ revision: 1, digest: 'sha256:1' }),
      'ERR_FEED_BUNDLE_REPLACED',
    ],
    expired: [() => server.publish({ revision: 2, notAfterSeconds: NOON }), 'ERR_FEED_BUNDLE_EXPIRED'],
    'that does not compile': [
      () => {
        const policies = ['a', 'b'].map((file) => ({ file, text: '@id("one") permit (principal, action, resource);' }))
        return server.publish({ revision: 2, policies })
      },
      'ERR_FEED_BUNDLE_POLICY',
    ],
    'other than its address says': [
      async () => {
        server.tamper = (path, body) => (path.includes('bundles') ? `x${body}` : body)
        await server.publish({ revision: 2 })
      },
      'ERR_FEED_BUNDLE_DIGEST',
    ],
  }
  test.each(Object.entries(BUNDLES))('a bundle %s', async (_, [publish, code]) => {
    await publish()
    await pass(5000)
    expect(codes()).toContain(code)
    // the last good one stays, and counts as stale until a good one comes
    expect(client.state().bundle.content.policies[0]?.text).toContain('level')
    expect(client.ageSeconds()).toBe(Number.POSITIVE_INFINITY)
    server.tamper = undefined
    await server.publish({ revision: 9 })
    await pass(10)
    expect(client.state().bundle.content.revision).toBe(9)
    expect(client.ageSeconds()).toBeLessThan(BOUND_SECONDS)
  })

  test('a bundle that runs out while it is in force', async () => {
    await server.publish({ revision: 2, notAfterSeconds: NOON + 60 })
    await pass(50_000)
    expect(client.ageSeconds()).toBeLessThan(2)
    await pass(10_000)
    expect(client.ageSeconds()).toBe(Number.POSITIVE_INFINITY)
  })

  test('a bundle older than one that was seen before the start', async () => {
    await client.close()
    client = create({ minimumRevision: 7 })
    const failure = codeOf(() => client.start())
    await pass(16_000)
    expect(await failure).toBe('ERR_FEED_START')
    expect(codes()).toContain('ERR_FEED_BUNDLE_ROLLBACK')
  })

  test('a log that lost its tail: positions never go back within an epoch', async () => {
    server.revoke(session('s1'))
    await pass(10)
    server.rewind(1)
    await pass(20_000)
    expect(codes()).toContain('ERR_FEED_ROLLBACK')
    expect(client.state().position.seq).toBe(2)
    expect(client.state().revocations.matchToken(tokenOf('s1', 0))).toBeDefined()
    expect(client.ageSeconds()).toBeGreaterThanOrEqual(19)
  })

  test('an epoch that was left', async () => {
    server.restore('e2', 5)
    await pass(3000)
    expect(client.state().position).toEqual({ epoch: 'e2', seq: 5 })
    server.restore('e1', 900)
    await pass(10_000)
    expect(codes()).toContain('ERR_FEED_ROLLBACK')
    expect(client.state().position.epoch).toBe('e2')
    expect(client.ageSeconds()).toBeGreaterThanOrEqual(8)
  })

  test('keys that no verifier may use', async () => {
    server.write(
      textOf({
        seq: 2,
        kind: 'keys',
        data: { position: { epoch: 'e1', seq: 2 }, prev: 1, jwks: { keys: [{ kty: 'oct', kid: 'x', k: 'AAAA' }] } },
      }),
    )
    await pass(600)
    expect(codes()).toContain('ERR_FEED_EVENT')
    expect(client.state().keys.keys.map(({ kid }) => kid)).toEqual(['token-1'])
  })
})

test('a new epoch is entered by a snapshot; what was revoked in the old one stays known', async () => {
  await started()
  server.revoke(session('s1'))
  await pass(10)
  server.restore('e2', 3)
  server.revoke(session('s2'))
  await pass(3000)
  const state = client.state()
  expect(state.position).toEqual({ epoch: 'e2', seq: 4 })
  expect(state.revocations.matchToken(tokenOf('s2', 3, 'e2'))).toBeDefined()
  expect(state.revocations.matchToken(tokenOf('s1', 0, 'e1'))).toBeDefined()
  expect(client.ageSeconds()).toBeLessThan(BOUND_SECONDS)
})

test('a new epoch behind a stream that says nothing of it is found by the probe', async () => {
  await started()
  server.restore('e2', 3, 'stay silent')
  await pass(1250 + 500)
  expect(client.state().position).toEqual({ epoch: 'e2', seq: 3 })
  expect(client.ageSeconds()).toBeLessThan(BOUND_SECONDS)
})

describe('reconnecting', () => {
  beforeEach(started)

  test('comes back within 500 ms, goes on where it was, and needs no snapshot', async () => {
    server.endStreams()
    await pass(1)
    server.revoke(session('meanwhile'))
    await pass(500)
    expect(server.openStreams).toBe(1)
    expect(client.state().revocations.matchToken(tokenOf('meanwhile', 0))).toBeDefined()
    expect(count('snapshot')).toBe(1)
  })

  test('waits longer each time, and never beyond a third of the bound', async () => {
    server.network = 'down'
    server.endStreams()
    await pass(60_000)
    const before = count('events')
    await pass(60_000)
    const tries = count('events') - before
    // between half of 1667 ms and the whole of it
    expect(tries).toBeGreaterThanOrEqual(36)
    expect(tries).toBeLessThanOrEqual(72)
  })

  test('two clients do not come together', async () => {
    await client.close()
    const times: number[] = []
    for (const random of [0.1, 0.9]) {
      const own = create({ random: () => random })
      const start = own.start()
      await pass(1000)
      await start
      server.endStreams()
      const begin = Date.now()
      const before = count('events')
      while (count('events') === before) await pass(10)
      times.push(Date.now() - begin)
      await own.close()
    }
    expect(Math.abs((times[0] ?? 0) - (times[1] ?? 0))).toBeGreaterThan(300)
    expect(Math.max(...times)).toBeLessThanOrEqual(500)
    client = create()
  })

  test('asks for other credentials at once when these are refused, and only once', async () => {
    await client.close()
    const asked: (string | undefined)[] = []
    client = create({
      credentials: (refused) => {
        asked.push(refused)
        return Promise.resolve(refused === 'guard-token' ? 'renewed' : 'guard-token')
      },
    })
    server.credentials = 'renewed'
    const start = client.start()
    await pass(100)
    await start
    expect(codes()).not.toContain('ERR_FEED_REFUSED')
    expect(new Set(asked)).toEqual(new Set([undefined, 'guard-token']))
    server.credentials = 'neither'
    asked.length = 0
    server.endStreams()
    await pass(1000)
    expect(codes()).toContain('ERR_FEED_REFUSED')
    expect(asked.filter((refused) => refused === 'renewed')).toEqual([])
  })

  test('takes new credentials each time', async () => {
    server.credentials = 'renewed'
    server.endStreams()
    await pass(5000)
    expect(codes()).toContain('ERR_FEED_REFUSED')
    expect(client.ageSeconds()).toBeGreaterThan(4)
    server.credentials = 'guard-token'
    await pass(3000)
    expect(client.ageSeconds()).toBeLessThan(BOUND_SECONDS)
  })
})

describe('waitFor', () => {
  beforeEach(started)

  test('a position that is reached already', async () => {
    expect(await client.waitFor({ epoch: 'e1', seq: 1 }, 0)).toBe(true)
  })

  test('a position that an event brings', async () => {
    const reached = client.waitFor({ epoch: 'e1', seq: 2 }, 250)
    server.revoke(session('s1'))
    await pass(1)
    expect(await reached).toBe(true)
  })

  test('a position that no event brings is asked for at once', async () => {
    server.changeElsewhere()
    const reached = client.waitFor(server.position(), 250)
    await pass(100)
    expect(await reached).toBe(true)
  })

  test('not before the bundle of that position is applied', async () => {
    server.tamper = (path, body) => (path.includes('bundles') ? 'x' : body)
    await server.publish({ revision: 2 })
    const reached = client.waitFor(server.position(), 250)
    await pass(300)
    expect(await reached).toBe(false)
  })

  test.each([
    ['a position that never comes', { epoch: 'e1', seq: 99 }],
    ['another epoch', { epoch: 'e9', seq: 1 }],
  ])('%s ends with the time', async (_, position) => {
    const reached = client.waitFor(position, 250)
    await pass(250)
    expect(await reached).toBe(false)
  })

  test('ends when the client closes', async () => {
    const reached = client.waitFor({ epoch: 'e1', seq: 99 }, 60_000)
    await client.close()
    expect(await reached).toBe(false)
    expect(await client.waitFor({ epoch: 'e1', seq: 99 }, 60_000)).toBe(false)
  })
})

test('close ends the stream, the loops and the freshness', async () => {
  await started()
  await client.close()
  await pass(1)
  expect(server.openStreams).toBe(0)
  expect(client.ageSeconds()).toBe(Number.POSITIVE_INFINITY)
  const requests = [...server.counts.values()].reduce((sum, one) => sum + one, 0)
  await pass(60_000)
  expect([...server.counts.values()].reduce((sum, one) => sum + one, 0)).toBe(requests)
  await client.close()
})

test('no token of the guard is in what it logs', async () => {
  await started()
  server.network = 'down'
  await pass(10_000)
  expect(log.length).toBeGreaterThan(1)
  expect(JSON.stringify(log)).not.toContain('guard-token')
})

describe('what the authority is told', () => {
  test('each question and each stream say what is applied by then', async () => {
    const said: { readonly name: string; readonly query: URLSearchParams }[] = []
    await client.close()
    client = create({
      start: 'start-1',
      fetch: (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input)
        said.push({ name: url.pathname.split('/').at(-1) ?? '', query: url.searchParams })
        return server.fetch(input, init)
      },
    })
    await started()
    const last = (name: string) => Object.fromEntries(said.findLast((one) => one.name === name)?.query ?? [])
    expect(last('events')).toMatchObject({ start: 'start-1', started: String(NOON), applied: '1', applied_epoch: 'e1' })
    server.revoke(session('s1'))
    await vi.advanceTimersByTimeAsync(3000)
    const { revision } = client.state().bundle.content
    expect(last('head')).toEqual({
      audience: 'https://documents.example',
      start: 'start-1',
      started: String(NOON),
      applied: '2',
      applied_epoch: 'e1',
      revision: String(revision),
      age: '1.3',
    })
  })
  test('a state that is not whole has no age', async () => {
    const ages: (string | null)[] = []
    await client.close()
    client = create({
      fetch: (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input)
        if (url.pathname.endsWith('/head')) ages.push(url.searchParams.get('age'))
        return server.fetch(input, init)
      },
    })
    const failed = client.start().catch(() => undefined)
    await vi.advanceTimersByTimeAsync(16_000)
    await failed
    expect(ages.length).toBeGreaterThan(3)
    expect(ages.every((age) => age === null)).toBe(true)
  })
})
