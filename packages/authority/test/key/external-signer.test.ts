// A signer outside, as a KMS is one: private keys that the authority never sees, an answer that may be late, wrong or missing.

import { sign, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createLocalKeys, createVerifier, generateSigningKey, publicJwk } from '@cardea/token'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExternalSigner, SignRequest } from '../../src/index.ts'
import { bodyOf, createWorld, DOCS, EXCHANGE, ID_TOKEN, ISSUER, keySetOf, type World } from '../fixture.ts'

const KEY = Buffer.alloc(32, 7).toString('base64url')

/** Keeps its keys to itself, in this process. */
class Kms implements ExternalSigner {
  readonly keys = new Map<string, KeyObject>()
  answer: ((request: SignRequest) => Promise<Uint8Array>) | undefined

  async createKey({ algorithm }: Parameters<ExternalSigner['createKey']>[0]): ReturnType<ExternalSigner['createKey']> {
    const key = await generateSigningKey(algorithm)
    const reference = `key/${this.keys.size + 1}`
    this.keys.set(reference, key.privateKey)
    return { reference, publicJwk: publicJwk(key) }
  }

  async sign(request: SignRequest): Promise<Uint8Array> {
    return this.answer === undefined ? this.signature(request) : this.answer(request)
  }

  signature({ reference, input }: SignRequest): Uint8Array {
    const key = this.keys.get(reference)
    if (key === undefined) throw new Error('no such key')
    return sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' })
  }
}

let folder: string
let store: string
let kms: Kms
let world: World
const open = (options: Parameters<typeof createWorld>[0]): Promise<World> =>
  createWorld({ store, development: false, ...options })
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cardea-signer-'))
  store = join(folder, 'authority.sqlite')
  kms = new Kms()
  world = await open({ signer: kms })
})
afterEach(async () => {
  await world.authority.close()
  rmSync(folder, { recursive: true })
})

const exchange = async (): Promise<Response> =>
  world.exchange({ subject_token: await world.provider.idToken({ jti: crypto.randomUUID() }) })
const token = async (): Promise<string> => String((await bodyOf(await exchange()))['access_token'])
const headerOf = (text: string): { kid: string } =>
  JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString())

async function verify(text: string): Promise<unknown> {
  const keys = createLocalKeys(await keySetOf(world))
  return createVerifier({ issuer: ISSUER, audience: DOCS, keys, now: () => world.clock.seconds }).verify(text)
}

test('signs tokens and bundles, through rotation and kill, and a start', async () => {
  await verify(await token())
  const { active } = await world.authority.service.rotateKeys('access', { now: true })
  expect(headerOf(await token()).kid).toBe(active)
  await world.authority.service.revoke({ kind: 'key', kid: active ?? '' })
  const text = await token()
  await verify(text)
  expect(headerOf(text).kid).not.toBe(active)
  const snapshot = await bodyOf(await world.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
  expect(snapshot['bundle']).toMatchObject({ revision: 1 })
  const { clock, provider } = world
  await world.authority.close()
  world = await open({ signer: kms, clock, provider, publish: false })
  expect(headerOf(await token()).kid).toBe(headerOf(text).kid)
})

test('leaves nothing private in the database', async () => {
  await world.authority.close()
  const database = new DatabaseSync(store)
  const rows = database.prepare('SELECT sealed, public_json FROM keys').all()
  database.close()
  world = await open({ signer: kms, publish: false })
  expect(rows).toHaveLength(6)
  for (const { sealed, public_json: text } of rows) {
    expect(sealed).toMatch(/^signer:key\/[1-6]$/)
    expect(JSON.parse(String(text))).not.toHaveProperty('d')
  }
})

describe('a signer that', () => {
  test.each<[string, (request: SignRequest) => Promise<Uint8Array>]>([
    ['fails', () => Promise.reject(new Error('access denied for key/1'))],
    ['answers nothing', () => Promise.resolve(new Uint8Array())],
    ['answers zeros', () => Promise.resolve(new Uint8Array(64))],
    ['signs something else', async (request) => kms.signature({ ...request, input: Buffer.from('another') })],
    ['signs with another key', async (request) => kms.signature({ ...request, reference: 'key/2' })],
    ['answers DER', async ({ input }) => sign('sha256', input, [...kms.keys.values()][0] as KeyObject)],
  ])('%s makes no token, and is made good by the next try', async (_, answer) => {
    kms.answer = answer
    const refused = await exchange()
    expect(refused.status).toBe(503)
    const text = await refused.text()
    expect(text).not.toContain('key/1')
    expect(text).not.toContain('access_token')
    kms.answer = undefined
    await verify(await token())
  })

  test('fails is 503', async () => {
    kms.answer = () => Promise.reject(new Error('down'))
    const refused = await exchange()
    expect(refused.status).toBe(503)
    expect(await bodyOf(refused)).toMatchObject({ error: 'temporarily_unavailable' })
  })

  test('does not answer is given up after five seconds, and told so', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const asked = Promise.withResolvers<AbortSignal>()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(new DOMException('late', 'TimeoutError')), milliseconds)
      return controller.signal
    })
    try {
      kms.answer = ({ signal }) => {
        asked.resolve(signal)
        return new Promise(() => {})
      }
      const answer = exchange()
      const signal = await asked.promise
      await vi.advanceTimersByTimeAsync(4999)
      expect(signal.aborted).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect(signal.aborted).toBe(true)
      expect((await answer).status).toBe(503)
    } finally {
      timeout.mockRestore()
      vi.useRealTimers()
    }
  })
})

describe('while it does not sign', () => {
  const down = (): Promise<never> => Promise.reject(new Error('down'))
  const refuse = async (again: () => Promise<Response>): Promise<void> => {
    kms.answer = down
    const refused = await again()
    expect(refused.status).toBe(503)
    kms.answer = undefined
  }
  const refresh = (token: unknown): Promise<Response> =>
    world.token(undefined, { grant_type: 'refresh_token', client_id: 'app', refresh_token: String(token) })

  test('no refresh token is spent, however often it is tried and however late', async () => {
    const signedIn = await world.token(undefined, {
      grant_type: EXCHANGE,
      client_id: 'app',
      subject_token: await world.provider.idToken({ aud: 'app' }),
      subject_token_type: ID_TOKEN,
      audience: DOCS,
    })
    const { refresh_token: token } = await bodyOf(signedIn)
    await refuse(() => refresh(token))
    // later than any retry of a spent one is forgiven
    world.clock.seconds += 60
    await refuse(() => refresh(token))
    const { refresh_token: successor, access_token: text } = await bodyOf(await refresh(token))
    await verify(String(text))
    world.clock.seconds += 60
    expect((await refresh(successor)).status).toBe(200)
    // it is spent now
    expect((await refresh(token)).status).toBe(400)
    expect((await refresh(successor)).status).toBe(400)
  })

  test('no sign-in begins and no assertion is used up', async () => {
    const issuer = 'https://idp.example'
    const provider = { ...(world.options.providers?.[0] as object), jwtBearer: true, issuer } as never
    const { clock, provider: idp } = world
    await world.authority.close()
    world = await open({ signer: kms, clock, provider: idp, publish: false, providers: [provider] })
    const assertion = await idp.idToken({
      aud: ISSUER,
      jti: 'once',
      sub: 'auth0|new',
      nonce: undefined,
      exp: clock.seconds + 200,
    })
    const assert = (): Promise<Response> =>
      world.token('web-server', {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion,
        audience: DOCS,
      })
    await refuse(assert)
    expect((await assert()).status).toBe(200)
    expect((await assert()).status).toBe(400)
  })

  test('another exchange of the same sign-in may be faster: both tokens belong to the one that is kept', async () => {
    const subject = await world.provider.idToken({ jti: 'twice', sub: 'auth0|new' })
    const sidOf = async (response: Response): Promise<unknown> => {
      const { access_token: text } = await bodyOf(response)
      await verify(String(text))
      return JSON.parse(Buffer.from(String(text).split('.')[1] ?? '', 'base64url').toString()).sid
    }
    let faster: Promise<Response> | undefined
    kms.answer = async (request) => {
      kms.answer = undefined
      faster = world.exchange({ subject_token: subject })
      await faster
      return kms.signature(request)
    }
    const slower = await sidOf(await world.exchange({ subject_token: subject }))
    expect(slower).toEqual(expect.any(String))
    expect(await sidOf((await faster) as Response)).toBe(slower)
  })

  test('a key that leaked is killed all the same, and what is missing is made later', async () => {
    const leaked = headerOf(await token()).kid
    kms.createKey = down
    const killed = await world.authority.service.revoke({ kind: 'key', kid: leaked })
    expect(killed.position).toBeDefined()
    const second = headerOf(await token()).kid
    expect(second).not.toBe(leaked)
    expect(await states('access')).toEqual(['active', 'killed'])
    // the next one has no successor
    const refused = await world.api('admin', 'POST', `/v1/keys/${second}/kill`, {})
    expect(refused.status).toBe(409)
    expect(await bodyOf(refused)).toMatchObject({
      code: 'ERR_AUTHORITY_KEY_OUTAGE',
      hint: expect.stringContaining('outage'),
    })
    const rotation = world.authority.service.rotateKeys('access', { now: true })
    await expect(rotation).rejects.toMatchObject({ code: 'ERR_AUTHORITY_SIGNER' })
    expect((await world.api('admin', 'POST', `/v1/keys/${second}/kill`, { outage: true })).status).toBe(200)
    expect((await exchange()).status).toBe(503)
    await world.authority.service.keepHouse()
    expect((await exchange()).status).toBe(503)
    Reflect.deleteProperty(kms, 'createKey')
    await world.authority.service.keepHouse()
    expect(await states('access')).toEqual(['active', 'killed', 'killed', 'pending'])
    await verify(await token())
  })

  test('a bundle keeps its old key, and is signed again as soon as it can be', async () => {
    const kidOfBundle = async (): Promise<string> => {
      const { bundle } = await bodyOf(await world.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
      const { digest } = bundle as { digest: string }
      return headerOf(await (await world.api('docs', 'GET', `/v1/bundles/${digest}`)).text()).kid
    }
    const before = await kidOfBundle()
    kms.answer = down
    const { active } = await world.authority.service.rotateKeys('bundle')
    await world.authority.service.keepHouse()
    kms.answer = undefined
    expect(await kidOfBundle()).toBe(before)
    await world.authority.service.keepHouse()
    expect(await kidOfBundle()).toBe(active)
    await world.authority.service.keepHouse()
    expect(await bodyOf(await world.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))).toMatchObject({
      bundle: { revision: 2 },
    })
  })

  test('an authority starts, and signs when it is back', async () => {
    kms.createKey = down
    const other = await open({ store: join(folder, 'other.sqlite'), signer: kms, publish: false })
    expect(await bodyOf(await other.authority.app.request(`${ISSUER}/jwks`))).toEqual({ keys: [] })
    expect((await other.token('admin', { grant_type: 'client_credentials' })).status).toBe(503)
    Reflect.deleteProperty(kms, 'createKey')
    await other.authority.service.keepHouse()
    expect((await other.token('admin', { grant_type: 'client_credentials' })).status).toBe(200)
    await other.authority.close()
  })
})

async function states(use: string): Promise<string[]> {
  // asked of the store: nobody gets a token while nothing is signed
  const { clock, provider } = world
  await world.authority.close()
  const database = new DatabaseSync(store)
  const rows = database.prepare('SELECT state FROM keys WHERE purpose = ? ORDER BY state').all(use)
  database.close()
  world = await open({ signer: kms, clock, provider, publish: false })
  return rows.map(({ state }) => String(state))
}

test('a key that it makes is refused unless it is of the algorithm', async () => {
  await world.authority.close()
  const wrong: ExternalSigner = {
    createKey: async () => ({ reference: 'key/9', publicJwk: publicJwk(await generateSigningKey('EdDSA')) }),
    sign: (request) => kms.sign(request),
  }
  const other = { store: join(folder, 'other.sqlite'), signer: wrong }
  await expect(open(other)).rejects.toMatchObject({ code: 'ERR_TOKEN_KEY_UNSUPPORTED' })
  world = await open({ signer: kms, publish: false })
})

describe('a database with sealed keys', () => {
  let sealed: string
  let before: World
  beforeEach(async () => {
    sealed = join(folder, 'sealed.sqlite')
    before = await open({ store: sealed, key: KEY })
    await before.authority.close()
  })
  const later = { publish: false } as const

  test('moves to a signer by two rotations', async () => {
    const { clock, provider } = before
    const moving = await open({ ...later, store: sealed, key: KEY, signer: kms, clock, provider })
    await moving.authority.service.rotateKeys('access', { now: true })
    await moving.authority.service.rotateKeys('access', { now: true })
    await moving.authority.service.rotateKeys('bundle')
    await moving.authority.service.rotateKeys('bundle')
    await moving.authority.service.rotateKeys('audit')
    await moving.authority.service.rotateKeys('audit')
    await moving.authority.close()
    const moved = await open({ ...later, store: sealed, signer: kms, clock, provider })
    expect((await moved.exchange()).status).toBe(200)
    await moved.authority.close()
  })

  test('is not opened by a signer alone', async () => {
    const refused = open({ ...later, store: sealed, signer: kms })
    await expect(refused).rejects.toMatchObject({ code: 'ERR_AUTHORITY_KEY_SEALED' })
  })

  test('and one with a signer is not opened by a key alone', async () => {
    await world.authority.close()
    await expect(open({ ...later, key: KEY })).rejects.toMatchObject({ code: 'ERR_AUTHORITY_KEY_SEALED' })
    world = await open({ ...later, signer: kms })
  })
})
