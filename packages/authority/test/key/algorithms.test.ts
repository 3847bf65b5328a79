// Each algorithm through the life of a token and of a key, with a guard at its side; another algorithm than before, which no living
// token notices; and those that are refused wherever they stand.

import { createGuard } from '@cardea/guard'
import {
  createLocalKeys,
  type JsonWebKeySet,
  publicJwk,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from '@cardea/token'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { AuthorityOptions } from '../../src/index.ts'
import { DISTRIBUTION_SECONDS } from '../../src/key/key-times.ts'
import {
  ACCESS_TOKEN,
  bodyOf,
  createWorld,
  DOCS,
  EXCHANGE,
  ID_TOKEN,
  IDP,
  keySetOf,
  MAIL,
  SCHEMA_OBJECT,
  SECRETS,
  type World,
} from '../fixture.ts'

const PORT = 18_342
const HERE = `http://127.0.0.1:${PORT}`
const KEY = Buffer.alloc(32, 7).toString('base64')

const ending: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

const headerOf = (token: unknown): { readonly alg: string; readonly kid: string } =>
  JSON.parse(Buffer.from(String(token).split('.', 1)[0] ?? '', 'base64url').toString())

/** The clock of the machine, as the guard has it. */
const realClock = {
  get seconds(): number {
    return Math.floor(Date.now() / 1000)
  },
  set seconds(_: number) {
    throw new Error('this clock is the real one')
  },
}

async function signIn(world: World): Promise<Record<string, unknown>> {
  const form = {
    grant_type: EXCHANGE,
    client_id: 'app',
    subject_token: await world.provider.idToken({ aud: 'app', nonce: crypto.randomUUID() }),
    subject_token_type: ID_TOKEN,
    audience: DOCS,
  }
  return bodyOf(await world.token(undefined, form))
}

async function refresh(world: World, token: unknown): Promise<Record<string, unknown>> {
  const form = { grant_type: 'refresh_token', client_id: 'app', refresh_token: String(token) }
  return bodyOf(await world.token(undefined, form))
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 5000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('it did not come')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe.each(SIGNATURE_ALGORITHMS)('%s', (algorithm) => {
  test('signs tokens and bundles that a guard takes, through rotation, refresh and kill', async () => {
    const world = await createWorld({ issuer: HERE, clock: realClock, algorithm })
    ending.push(() => world.authority.close())
    await world.authority.listen({ port: PORT })
    const guard = await createGuard({
      schema: SCHEMA_OBJECT,
      authority: HERE,
      audience: DOCS,
      algorithms: [algorithm],
      client: { id: 'docs', secret: SECRETS.docs },
      bundleKeys: createLocalKeys(world.authority.bundleKeys()),
      development: false,
      log: { info: () => {}, warn: () => {}, error: () => {} },
    })
    ending.push(() => guard.close())
    const takes = (token: unknown): Promise<boolean> =>
      guard.authenticate({ method: 'GET', url: '/d', headers: { authorization: `Bearer ${String(token)}` } }).then(
        () => true,
        () => false,
      )
    const first = await signIn(world)
    expect(headerOf(first['access_token']).alg).toBe(algorithm)
    expect(await takes(first['access_token'])).toBe(true)
    const { active } = await world.authority.service.rotateKeys('access', { now: true })
    const second = await refresh(world, first['refresh_token'])
    expect(headerOf(second['access_token'])).toMatchObject({ alg: algorithm, kid: active })
    expect(await takes(second['access_token'])).toBe(true)
    expect(await takes(first['access_token'])).toBe(true)
    await world.authority.service.revoke({ kind: 'key', kid: active ?? '' })
    await eventually(async () => !(await takes(second['access_token'])))
    const third = await refresh(world, second['refresh_token'])
    expect(headerOf(third['access_token']).kid).not.toBe(active)
    await eventually(() => takes(third['access_token']))
    expect(await takes(first['access_token'])).toBe(true)
  })
})

describe('another algorithm than before', () => {
  async function changing(
    from: AuthorityOptions['algorithm'],
    to: AuthorityOptions['algorithm'],
  ): Promise<[World, unknown]> {
    const folder = mkdtempSync(join(tmpdir(), 'cardea-algorithm-'))
    ending.push(() => rmSync(folder, { recursive: true }))
    const store = join(folder, 'authority.sqlite')
    const clients = [
      { id: 'web-server', secret: SECRETS['web-server'], audiences: [DOCS] },
      {
        id: 'docs',
        secret: SECRETS.docs,
        roles: ['guard' as const],
        audiences: [DOCS],
        exchanges: [{ from: DOCS, to: MAIL }],
      },
      { id: 'admin', secret: SECRETS.admin, roles: ['admin' as const] },
    ]
    const common = { store, key: KEY, clients, audiences: [{ id: DOCS, tokenSeconds: 3600 }, { id: MAIL }] }
    const before = await createWorld({ ...common, ...(from === undefined ? {} : { algorithm: from }) })
    const { access_token: token } = await bodyOf(await before.exchange())
    await before.authority.close()
    const { clock, provider } = before
    const after = await createWorld({
      ...common,
      ...(to === undefined ? {} : { algorithm: to }),
      clock,
      provider,
      publish: false,
    })
    ending.push(() => after.authority.close())
    return [after, token]
  }
  const algOf = async (world: World): Promise<string> =>
    headerOf((await bodyOf(await world.exchange()))['access_token']).alg
  const passOn = (world: World, token: unknown): Promise<Response> =>
    world.token('docs', {
      grant_type: EXCHANGE,
      subject_token: String(token),
      subject_token_type: ACCESS_TOKEN,
      audience: MAIL,
    })

  test('signs once its key is known, by itself, and what lives goes on living', async () => {
    const [world, old] = await changing('ES256', 'PS256')
    expect(await algOf(world)).toBe('ES256')
    expect(new Set((await keySetOf(world)).keys.map(({ alg }) => alg))).toEqual(new Set(['ES256', 'PS256']))
    world.clock.seconds += DISTRIBUTION_SECONDS - 1
    await world.authority.service.keepHouse()
    expect(await algOf(world)).toBe('ES256')
    world.clock.seconds += 1
    await world.authority.service.keepHouse()
    expect(await algOf(world)).toBe('PS256')
    expect((await keySetOf(world)).keys.map(({ kid }) => kid)).toContain(headerOf(old).kid)
    // at our own endpoints too
    expect((await passOn(world, old)).status).toBe(200)
    const revoked = await world.authority.app.request(`${world.authority.issuer}/revoke`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`web-server:${encodeURIComponent(SECRETS['web-server'])}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ token: String(old) }).toString(),
    })
    expect(revoked.status).toBe(200)
    expect((await passOn(world, old)).status).toBe(400)
  })

  test('is one for tokens and one for bundles, whose key changes by hand', async () => {
    const [world] = await changing('ES256', { access: 'EdDSA', bundle: 'RS256' })
    expect(new Set(world.authority.bundleKeys().keys.map(({ alg }) => alg))).toEqual(new Set(['ES256', 'RS256']))
    world.clock.seconds += DISTRIBUTION_SECONDS
    await world.authority.service.keepHouse()
    expect(await algOf(world)).toBe('EdDSA')
    const digestOf = async (): Promise<string> => {
      const { bundle } = await bodyOf(await world.api('docs', 'GET', `/v1/feed/snapshot?audience=${DOCS}`))
      return (bundle as { digest: string }).digest
    }
    const algOfBundle = async (): Promise<string> =>
      headerOf(await (await world.api('docs', 'GET', `/v1/bundles/${await digestOf()}`)).text()).alg
    expect(await algOfBundle()).toBe('ES256')
    await world.authority.service.rotateKeys('bundle')
    expect(await algOfBundle()).toBe('RS256')
  })
})

describe('a symmetric algorithm or key is refused at the start', () => {
  const oct: JsonWebKeySet = { keys: [{ kty: 'oct', k: 'c2VjcmV0c2VjcmV0', kid: 'k', alg: 'HS256' }] }
  const hs256 = 'HS256' as SignatureAlgorithm
  const provider = { issuer: IDP, clients: ['web-server'], tenants: ['acme'] }
  const cases: readonly (readonly [string, Partial<AuthorityOptions>])[] = [
    ['what signs', { algorithm: hs256 }],
    ['what signs tokens', { algorithm: { access: hs256 } }],
    ['what signs bundles', { algorithm: { bundle: hs256 } }],
    ['what signs, as none', { algorithm: 'none' as SignatureAlgorithm }],
    ["a provider's algorithms", { providers: [{ ...provider, algorithms: ['RS256', hs256] }] }],
    ["a provider's keys", { providers: [{ ...provider, keys: oct }] }],
    ["a client's keys", { clients: [{ id: 'signed', keys: oct, audiences: [DOCS] }] }],
  ]
  test.each(cases)('as %s of the authority', async (_, options) => {
    await expect(createWorld(options)).rejects.toMatchObject({ code: 'ERR_AUTHORITY_CONFIG' })
  })

  test('and so is a private key among the public ones of a provider', async () => {
    const { provider: idp, authority } = await createWorld()
    await authority.close()
    const keys = { keys: [{ ...publicJwk(idp.key), d: 'AAAA' }] }
    await expect(createWorld({ providers: [{ ...provider, keys }] })).rejects.toMatchObject({
      code: 'ERR_AUTHORITY_CONFIG',
    })
  })

  test('as the algorithm or the keys of a guard', async () => {
    const common = {
      schema: SCHEMA_OBJECT,
      policies: [],
      issuer: IDP,
      audience: DOCS,
      origin: DOCS,
      development: true,
    } as const
    const none = createLocalKeys({ keys: [] })
    const algorithms = [hs256]
    await expect(createGuard({ ...common, keys: none, algorithms })).rejects.toMatchObject({
      code: 'ERR_TOKEN_CONFIGURATION',
    })
    expect(() => createLocalKeys(oct)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_KEY_SYMMETRIC' }))
  })
})
