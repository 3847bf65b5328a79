// A guard that is started again, with what its last start has kept, while its authority is up, down or not what it was.

import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalKeys, publicJwk } from '@cardea/token'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createFeedClient,
  type FeedClient,
  type FeedClientOptions,
  type FeedLogEntry,
  type RevocableToken,
} from '../../src/index.ts'
import { createTestAuthority, type TestAuthority, URL_OF_AUTHORITY } from '../authority-server.ts'
import { AUDIENCE, bundleKeys, codeOf, NOON, strangerKey } from '../fixture.ts'

const session = (sid: string) => ({ kind: 'session', sid }) as const
const tokenOf = (sid: string, seq = 0): RevocableToken => ({
  claims: { iss: 'https://a', sub: 'ann', iat: NOON, sid, seq, epoch: 'e1' },
  keyId: 'token-1',
})

let folder: string
let file: string
let server: TestAuthority
let log: FeedLogEntry[]
let wall: number
const clients: FeedClient[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cardea-state-'))
  file = join(folder, 'guard.state')
  log = []
  wall = NOON
  server = createTestAuthority(() => wall)
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  rmSync(folder, { recursive: true, force: true })
})

function create(options: Partial<FeedClientOptions> = {}): FeedClient {
  const client = createFeedClient({
    authority: URL_OF_AUTHORITY,
    credentials: () => Promise.resolve('guard-token'),
    audience: AUDIENCE,
    bundleKeys,
    fetch: server.fetch,
    now: () => wall,
    state: { file, client: 'documents' },
    startTimeoutMilliseconds: 400,
    requestTimeoutMilliseconds: 100,
    tightestBoundSeconds: 0.2,
    log: (entry) => log.push(entry),
    ...options,
  })
  clients.push(client)
  return client
}

const codes = (): readonly (string | undefined)[] => log.map(({ code }) => code)

/** One that followed, was told of a session, and has ended. */
async function earlier(options: Partial<FeedClientOptions> = {}): Promise<void> {
  await server.publish()
  const client = create(options)
  await client.start()
  const { at } = server.revoke(session('s1'))
  await client.waitFor(at, 1000)
  await client.close()
  clients.splice(0)
  log.length = 0
}

describe('while the authority is down', () => {
  test.each(['down', 'silent'] as const)('(%s) it begins with the state, as old as its proof', async (network) => {
    await earlier()
    server.network = network
    wall += 60
    const client = create({ startTimeoutMilliseconds: 4000 })
    await client.start()
    expect(client.state().position).toEqual(server.position())
    expect(client.state().bundle.content.revision).toBe(1)
    expect(client.state().revocations.matchToken(tokenOf('s1'))).toBeDefined()
    expect(client.state().keys.keys.map(({ kid }) => kid)).toEqual(['token-1'])
    expect(client.ageSeconds()).toBeGreaterThanOrEqual(60)
    expect(client.ageSeconds()).toBeLessThan(70)
    wall += 600
    expect(client.ageSeconds()).toBeGreaterThanOrEqual(660)
  })

  test('it ages over several starts, and not from the last of them', async () => {
    await earlier()
    server.network = 'down'
    for (const age of [60, 120, 180]) {
      wall += 60
      const client = create()
      await client.start()
      expect(client.ageSeconds()).toBeGreaterThanOrEqual(age)
      await client.close()
    }
  })

  test('without a state it does not start', async () => {
    server.network = 'down'
    expect(await codeOf(() => create().start())).toBe('ERR_FEED_START')
  })

  test('time goes on from what was heard, also on a clock that is behind the authority', async () => {
    const behind = () => wall - 40
    await earlier({ now: behind })
    server.network = 'down'
    const client = create({ now: behind })
    await client.start()
    expect(client.now()).toBeGreaterThanOrEqual(wall)
  })

  const REFUSED: Record<
    string,
    [string, (options: { -readonly [K in keyof FeedClientOptions]?: FeedClientOptions[K] }) => void]
  > = {
    'its end is torn off': ['ERR_FEED_STATE', () => writeFileSync(file, readFileSync(file).subarray(0, -1))],
    'it is cut short': ['ERR_FEED_STATE', () => writeFileSync(file, readFileSync(file).subarray(0, 200))],
    'a bit of it differs': [
      'ERR_FEED_STATE',
      () => writeFileSync(file, readFileSync(file, 'latin1').replace('"sid":"s1"', '"sid":"s2"'), 'latin1'),
    ],
    'it is of another guard': ['ERR_FEED_STATE_FOREIGN', (options) => (options.state = { file, client: 'other' })],
    'it is of another audience': ['ERR_FEED_STATE_FOREIGN', (options) => (options.audience = 'https://other.example')],
    'it is of another authority': [
      'ERR_FEED_STATE_FOREIGN',
      (options) => (options.authority = 'https://other.example'),
    ],
    'its policies are signed by another root': [
      'ERR_FEED_BUNDLE_SIGNATURE',
      (options) => (options.bundleKeys = createLocalKeys({ keys: [publicJwk(strangerKey)] })),
    ],
    'its policies have expired': ['ERR_FEED_BUNDLE_EXPIRED', () => (wall += 90_000)],
    'the clock was set back': ['ERR_FEED_STATE_AHEAD', () => (wall -= 10)],
    'the clock says nonsense': ['ERR_FEED_STATE_AHEAD', (options) => (options.now = () => Number.NaN)],
    'others may read it': ['ERR_FEED_STATE_FILE', () => chmodSync(file, 0o640)],
    'it is a link': [
      'ERR_FEED_STATE_FILE',
      (options) => {
        symlinkSync(file, join(folder, 'link'))
        options.state = { file: join(folder, 'link'), client: 'documents' }
      },
    ],
  }
  test.each(Object.entries(REFUSED))('when %s, it is refused, and the guard waits', async (_, [code, change]) => {
    await earlier()
    server.network = 'down'
    const options = {}
    change(options)
    const client = create(options)
    expect(await codeOf(() => client.start())).toBe('ERR_FEED_START')
    expect(codes()).toContain(code)
    expect(client.ageSeconds()).toBe(Number.POSITIVE_INFINITY)
  })

  test('policies that were announced and not applied make it useless', async () => {
    await earlier()
    const client = create()
    await client.start()
    server.tamper = (path, body) => (path.startsWith('/v1/bundles/') ? 'nonsense' : body)
    await server.publish({ revision: 2 })
    await vi.waitFor(() => expect(client.ageSeconds()).toBe(Number.POSITIVE_INFINITY))
    await client.close()
    server.network = 'down'
    expect(await codeOf(() => create().start())).toBe('ERR_FEED_START')
  })
})

describe('with an authority that answers', () => {
  test('it follows as ever, and what it kept is replaced', async () => {
    await earlier()
    wall += 60
    const client = create()
    await client.start()
    expect(client.ageSeconds()).toBeLessThan(1)
    expect(log.map(({ message }) => message)).toContain('the feed is followed')
  })

  test('one that went back within the epoch is refused, and the state goes on to age', async () => {
    await earlier()
    server.rewind(1)
    wall += 60
    const client = create()
    await client.start()
    await vi.waitFor(() => expect(codes()).toContain('ERR_FEED_ROLLBACK'))
    expect(client.ageSeconds()).toBeGreaterThanOrEqual(60)
    expect(client.state().revocations.matchToken(tokenOf('s1'))).toBeDefined()
  })

  test.each([
    ['damaged', 'ERR_FEED_STATE', () => writeFileSync(file, readFileSync(file).subarray(0, -1))],
    ['ahead of the clock', 'ERR_FEED_STATE_AHEAD', () => (wall -= 3600)],
  ])('a state that is %s still refuses one that went back', async (_, code, change) => {
    await earlier()
    const client = create()
    await client.start()
    await vi.waitFor(() => expect(readdirSync(folder)).toEqual(['guard.state']))
    // a line of its own behind the whole state, so that a torn end leaves the position
    await client.waitFor(server.revoke(session('s2')).at, 1000)
    await client.close()
    log.length = 0
    change()
    server.rewind(0)
    expect(await codeOf(() => create().start())).toBe('ERR_FEED_START')
    expect(codes()).toContain(code)
    expect(codes()).toContain('ERR_FEED_ROLLBACK')
  })

  test('an epoch that was left is not entered again', async () => {
    await earlier()
    server.restore('e2')
    await server.publish({ revision: 2 })
    const client = create()
    await client.start()
    await client.close()
    server.restore('e1', 50)
    server.changeElsewhere()
    await create()
      .start()
      .catch(() => undefined)
    expect(codes()).toContain('ERR_FEED_ROLLBACK')
  })

  test('an older revision of the policies is refused', async () => {
    await server.publish({ revision: 5, notAfterSeconds: NOON + 10 })
    const client = create()
    await client.start()
    await client.close()
    server.restore('e2')
    // the one that was kept is of no use any more, but its number counts
    wall += 20
    await server.publish({ revision: 4 })
    await create()
      .start()
      .catch(() => undefined)
    expect(codes()).toContain('ERR_FEED_BUNDLE_ROLLBACK')
  })

  test.each([30, -1])('a damaged state (cut at %d) is replaced by a whole one', async (cut) => {
    await earlier()
    writeFileSync(file, readFileSync(file).subarray(0, cut))
    const client = create()
    await client.start()
    await client.close()
    expect(codes()).toContain('ERR_FEED_STATE')
    server.network = 'down'
    await create().start()
  })

  test('what is no state of a guard is left as it is', async () => {
    await server.publish()
    writeFileSync(file, 'root:x:0:0', { mode: 0o600 })
    const client = create()
    await client.start()
    await client.close()
    expect(codes()).toContain('ERR_FEED_STATE_FILE')
    expect(readFileSync(file, 'utf8')).toBe('root:x:0:0')
  })

  test('a folder that cannot be written in is said, and followed without', async () => {
    await server.publish()
    const client = create({ state: { file: join(folder, 'missing', 'guard.state'), client: 'documents' } })
    await client.start()
    await vi.waitFor(() => expect(codes()).toContain('ERR_FEED_STATE_FILE'))
    expect(client.ageSeconds()).toBeLessThan(5)
  })
})

describe('the file', () => {
  test('is its owner’s alone, holds no credential, and nothing is left beside it', async () => {
    await earlier()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).not.toContain('guard-token')
    expect(readdirSync(folder)).toEqual(['guard.state'])
  })

  test('says each revocation before anybody can ask for it', async () => {
    await server.publish()
    const client = create()
    await client.start()
    const seen: boolean[] = []
    for (let index = 0; index < 20; index += 1) {
      const { at } = server.revoke(session(`s${index}`))
      await client.waitFor(at, 1000)
      seen.push(readFileSync(file, 'utf8').includes(`"sid":"s${index}"`))
    }
    expect(seen).toEqual(seen.map(() => true))
  })

  test('is written every few seconds while nothing happens', async () => {
    await server.publish()
    const client = create()
    await client.start()
    await vi.waitFor(() => expect(statSync(file).size).toBeGreaterThan(0))
    const size = statSync(file).size
    await client.waitFor({ epoch: 'e1', seq: 99 }, 300)
    expect(server.counts.get('head')).toBeGreaterThan(3)
    expect(statSync(file).size - size).toBeLessThan(1000)
  })
})
