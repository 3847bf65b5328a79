// The bundle service of OPAs: who gets what, and what it says.

import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bodyOf, createWorld, DOCS, ISSUER, MAIL, SECRETS, sources, type World } from '../../fixture.ts'
import { download, LONG_POLL, LONG_POLLED, OPTIONS, unpack } from './downloads.ts'

let world: World
beforeEach(async () => {
  world = await createWorld(OPTIONS)
})
afterEach(() => world.authority.close())

const KINDS = ['policy', 'news', 'discovery'] as const

describe('a client gets', () => {
  test.each(KINDS)('%s of its audience, signed for that and nothing else', async (kind) => {
    const response = await download(world, kind)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/gzip')
    expect(response.headers.get('etag')).toMatch(/^"[\w-]{43}"$/)
    expect(response.headers.get('cache-control')).toBe('private, no-cache')
    const { signature, names } = await unpack(response)
    expect(signature.scope).toBe(`cardea:${kind}:${DOCS}`)
    expect(world.authority.bundleKeys().keys.map(({ kid }) => kid)).toContain(signature.kid)
    expect(names).toEqual(expect.arrayContaining(['.manifest', 'data.json', '.signatures.json']))
  })

  test('the same tag for the same content, and nothing when it has that', async () => {
    for (const kind of KINDS) {
      const tag = (await download(world, kind)).headers.get('etag') ?? ''
      const again = await download(world, kind, { headers: { 'if-none-match': `"${'x'.repeat(43)}", ${tag}` } })
      expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, tag, ''])
    }
  })

  test('the head alone when it asks for that, without waiting', async () => {
    const response = await download(world, 'news', { method: 'HEAD', headers: { prefer: LONG_POLL } })
    expect([response.status, await response.text()]).toEqual([200, ''])
    const tag = response.headers.get('etag') ?? ''
    const headers = { prefer: LONG_POLL, 'if-none-match': tag }
    expect((await download(world, 'news', { method: 'HEAD', headers })).status).toBe(304)
  })

  test('never a delta', async () => {
    const { names } = await unpack(await download(world, 'news', { headers: { prefer: 'modes=delta' } }))
    expect(names).not.toContain('patch.json')
  })
})

describe('a caller is refused', () => {
  const path = `/opa/v1/bundles/policy?audience=${DOCS}`
  const ask = (headers: Record<string, string>, at = path): Promise<Response> =>
    Promise.resolve(world.authority.app.request(`${ISSUER}${at}`, { headers }))

  test.each<[string, Record<string, string>]>([
    ['without credentials', {}],
    ['with a token that is none', { authorization: 'Bearer nonsense' }],
    [
      'with a secret in place of a token',
      { authorization: `Basic ${Buffer.from(`docs:${SECRETS.docs}`).toString('base64')}` },
    ],
  ])('%s', async (_, headers) => {
    const response = await ask(headers)
    expect([response.status, (await bodyOf(response))['code']]).toEqual([401, 'ERR_AUTHORITY_UNAUTHENTICATED'])
  })

  test('with a token of another authority', async () => {
    const other = await createWorld({ ...OPTIONS, issuer: 'https://other.example' })
    try {
      const response = await ask({ authorization: `Bearer ${await other.own('docs')}` })
      expect((await bodyOf(response))['code']).toBe('ERR_AUTHORITY_UNAUTHENTICATED')
    } finally {
      await other.authority.close()
    }
  })

  test('in the same words for what is not there and what is not for it', async () => {
    const answers = [
      await download(world, 'policy', { client: 'mail' }),
      await download(world, 'policy', { audience: 'https://unknown.example' }),
      await download(world, 'policy', { client: 'admin', audience: 'https://unknown.example' }),
      // of an audience that no OPA serves
      await download(world, 'policy', { client: 'mail', audience: MAIL }),
      // not a guard
      await download(world, 'policy', { client: 'backend' }),
      await download(world, 'nothing'),
    ]
    for (const answer of answers) {
      const { correlation: _, ...body } = await bodyOf(answer)
      expect([answer.status, body]).toEqual([
        404,
        { type: 'about:blank', title: 'not found', status: 404, code: 'ERR_AUTHORITY_NOT_FOUND' },
      ])
    }
  })

  test('whose request names no audience, or two', async () => {
    const authorization = `Bearer ${await world.own('docs')}`
    const codes = []
    for (const query of ['', `?audience=${DOCS}&audience=${MAIL}`])
      codes.push((await bodyOf(await ask({ authorization }, `/opa/v1/bundles/policy${query}`)))['code'])
    expect(codes).toEqual(['ERR_AUTHORITY_REQUEST', 'ERR_AUTHORITY_PARAMETER_REPEATED'])
  })

  test('and the refusal is in the audit', async () => {
    await download(world, 'policy', { client: 'mail' })
    const log = await bodyOf(await world.api('admin', 'GET', '/v1/log?denied=true'))
    expect(JSON.stringify(log)).toContain('followFeed')
  })
})

describe('the policy', () => {
  test('says whose it is, its number and its end', async () => {
    const { manifest, data } = await unpack(await download(world, 'policy'))
    const { revision, digest } = await bodyOf(await world.api('admin', 'GET', '/v1/policies/current'))
    expect(manifest).toEqual({
      revision: `${String(revision)}:${String(digest).slice(0, 8)}`,
      rego_version: 1,
      roots: [
        'cardea/authz',
        'cardea/cedar',
        'cardea/policy',
        'cardea/token',
        'cardea_data/scopes',
        'cardea_data/settings',
        'system/log',
      ],
    })
    expect(data.cardea_data.settings).toMatchObject({
      format: 1,
      issuer: ISSUER,
      audience: DOCS,
      revision,
      digest,
      not_after: world.clock.seconds + 30 * 86_400,
      max_lifetime: 300,
    })
  })

  test('is there once it was published', async () => {
    const empty = await createWorld({ ...OPTIONS, publish: false })
    try {
      const response = await download(empty, 'policy')
      expect([response.status, (await bodyOf(response))['code']]).toEqual([503, 'ERR_AUTHORITY_NO_POLICY'])
      expect((await unpack(await download(empty, 'news'))).data.cardea_data.news.policy).toEqual({
        revision: 0,
        since: 0,
      })
    } finally {
      await empty.authority.close()
    }
  })

  test('of a publication reaches who waits, and so does one that is signed again when it ages', async () => {
    let tag = (await download(world, 'policy')).headers.get('etag') ?? ''
    const next = async (change: () => Promise<unknown>): Promise<Record<string, unknown>> => {
      const held = download(world, 'policy', { headers: { prefer: LONG_POLL, 'if-none-match': tag } })
      await change()
      const response = await held
      expect([response.status, response.headers.get('content-type')]).toEqual([200, LONG_POLLED])
      tag = response.headers.get('etag') ?? ''
      return (await unpack(response)).data.cardea_data.settings
    }
    expect(await next(() => world.authority.service.publish(sources))).toMatchObject({ revision: 2 })
    const aged = await next(() => {
      world.clock.seconds += 16 * 86_400
      return world.authority.service.keepHouse()
    })
    expect(aged).toMatchObject({ revision: 3, not_after: world.clock.seconds + 30 * 86_400 })
  })

  test('is signed by the key that signs now, whatever became of the one before', async () => {
    const before = await unpack(await download(world, 'policy'))
    await world.authority.service.rotateKeys('bundle')
    const after = await unpack(await download(world, 'policy'))
    expect(after.signature.kid).not.toBe(before.signature.kid)
    await world.api('admin', 'POST', `/v1/keys/${after.signature.kid}/kill`, { outage: false })
    const last = await unpack(await download(world, 'policy'))
    expect([before.signature.kid, after.signature.kid]).not.toContain(last.signature.kid)
    expect((await unpack(await download(world, 'discovery'))).signature.kid).toBe(last.signature.kid)
  })
})

describe('discovery', () => {
  test('names the bundles, the keys and where reports go', async () => {
    const { data, manifest } = await unpack(await download(world, 'discovery'))
    const kids = world.authority.bundleKeys().keys.map(({ kid }) => String(kid))
    const source = (kind: string): object => ({
      service: 'cardea',
      resource: `bundles/${kind}?audience=${encodeURIComponent(DOCS)}`,
      persist: true,
      polling: expect.objectContaining({ long_polling_timeout_seconds: 30 }) as unknown,
      signing: { scope: `cardea:${kind}:${DOCS}` },
    })
    expect(data).toEqual({
      bundles: { 'cardea-policy': source('policy'), 'cardea-news': source('news') },
      decision_logs: { service: 'cardea', reporting: { min_delay_seconds: 1, max_delay_seconds: 5 } },
      status: { service: 'cardea' },
      keys: Object.fromEntries(
        kids.map((kid) => [
          kid,
          { algorithm: 'ES256', key: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----/) as unknown },
        ]),
      ),
    })
    expect(manifest.roots).toEqual(['bundles', 'decision_logs', 'keys', 'status'])
  })

  test('with a key that will sign reaches who waits', async () => {
    const tag = (await download(world, 'discovery')).headers.get('etag') ?? ''
    const held = download(world, 'discovery', { headers: { prefer: LONG_POLL, 'if-none-match': tag } })
    await world.authority.service.rotateKeys('bundle')
    const { data } = await unpack(await held)
    expect(Object.keys((data as unknown as { keys: object }).keys)).toHaveLength(3)
  })
})

describe('an audience of OPAs', () => {
  test('needs bundle keys that OPA knows', async () => {
    await expect(createWorld({ ...OPTIONS, algorithm: 'EdDSA' })).rejects.toMatchObject({
      code: 'ERR_AUTHORITY_CONFIG',
    })
    const other = await createWorld({ ...OPTIONS, algorithm: { access: 'EdDSA', bundle: 'PS256' } })
    await other.authority.close()
  })

  test.each([
    ['a token too large is refused', true, 400, 'ERR_AUTHORITY_BUDGET'],
    ['another one gets it by reference', false, 200, undefined],
  ])('gets no token that names its grants: %s', async (_, opa, status, code) => {
    // said or not said: nobody could fetch them
    const audiences = [{ id: DOCS, opa, maxTokenBytes: 1200, grantsByReference: true }, { id: MAIL }]
    const other = await createWorld({ audiences })
    try {
      for (let n = 0; n < 40; n += 1) {
        const resource = `Document::"${randomUUID()}"`
        await other.authority.service.grant({ tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource })
      }
      const response = await other.exchange()
      expect([response.status, (await bodyOf(response))['code']]).toEqual([status, code])
    } finally {
      await other.authority.close()
    }
  })
})
