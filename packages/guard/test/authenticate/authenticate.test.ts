// Who is let in: credentials, signature, binding, standing; each refusal with its reason, status and challenge.

import { createRevocations, type RevocationKey } from '@cardea/feed'
import { generateSigningKey } from '@cardea/token'
import * as DPoP from 'dpop'
import { beforeAll, describe, expect, test } from 'vitest'
import { type DeniedError, type GuardRequest, UnauthenticatedError } from '../../src/index.ts'
import { Document, documentNamed } from '../support/documents.ts'
import { ANN, createWorld, NOW, requestWith, thrownBy, tokenFor } from '../support/world.ts'

const stolenKey = await generateSigningKey('ES256')
const good = await tokenFor(ANN)

interface Row {
  readonly name: string
  readonly request: () => Promise<GuardRequest> | GuardRequest
  readonly reason: string
  readonly status: number
  readonly challenge?: RegExp
}

const METADATA = 'resource_metadata="https://documents.example/.well-known/oauth-protected-resource/api"'

const rows: readonly Row[] = [
  {
    name: 'no token',
    request: () => requestWith(undefined),
    reason: 'no_token',
    status: 401,
    challenge: /^Bearer resource_metadata=/,
  },
  {
    name: 'another scheme',
    request: () => requestWith(undefined, { headers: { authorization: 'Basic YTpi' } }),
    reason: 'no_token',
    status: 401,
  },
  {
    name: 'two tokens in one header',
    request: () => requestWith(undefined, { headers: { authorization: `Bearer ${good}, Bearer ${good}` } }),
    reason: 'invalid_request',
    status: 400,
    challenge: /error="invalid_request"/,
  },
  {
    name: 'two headers',
    request: () => ({ ...requestWith(good), rawHeaders: ['Authorization', 'Bearer a', 'authorization', 'Bearer b'] }),
    reason: 'invalid_request',
    status: 400,
  },
  {
    name: 'two proofs',
    request: () => ({ ...requestWith(good), rawHeaders: ['DPoP', 'a', 'dpop', 'b'] }),
    reason: 'invalid_request',
    status: 400,
  },
  {
    name: 'an empty token',
    request: () => requestWith(undefined, { headers: { authorization: 'Bearer ' } }),
    reason: 'invalid_request',
    status: 400,
  },
  {
    name: 'no JWT',
    request: () => requestWith('abc'),
    reason: 'invalid_token',
    status: 401,
    challenge: /^Bearer error="invalid_token"/,
  },
  {
    name: 'the signature of another key',
    request: async () => requestWith(await tokenFor(ANN, {}, stolenKey)),
    reason: 'invalid_token',
    status: 401,
  },
  {
    name: 'another audience',
    request: async () => requestWith(await tokenFor(ANN, { aud: 'https://other.example' })),
    reason: 'invalid_token',
    status: 401,
  },
  {
    name: 'another issuer',
    request: async () => requestWith(await tokenFor(ANN, { iss: 'https://issuer.example/' })),
    reason: 'invalid_token',
    status: 401,
  },
  {
    name: 'expired',
    request: async () => requestWith(await tokenFor(ANN, { iat: NOW - 300, exp: NOW })),
    reason: 'expired',
    status: 401,
  },
  {
    name: 'an unknown plan',
    request: async () => requestWith(await tokenFor(ANN, { plan: 'AAAAAAAAAAAAAAAAAAAAAA' })),
    reason: 'claims_outdated',
    status: 401,
  },
  {
    name: 'no plan',
    request: async () => requestWith(await tokenFor(ANN, { plan: undefined })),
    reason: 'claims_outdated',
    status: 401,
  },
  {
    name: 'a restrictive attribute taken away',
    request: async () => requestWith(await tokenFor(ANN, { attrs: {} })),
    reason: 'invalid_token',
    status: 401,
  },
  {
    name: 'another network',
    request: async () => requestWith(await tokenFor(ANN, { net: ['192.0.2.0/24'] })),
    reason: 'binding',
    status: 401,
  },
  {
    name: 'another network, told by the caller',
    request: async () =>
      requestWith(await tokenFor(ANN, { net: ['192.0.2.0/24'] }), { headers: { 'x-forwarded-for': '192.0.2.7' } }),
    reason: 'binding',
    status: 401,
  },
  {
    name: 'another tenant in the address',
    request: () => requestWith(good, { tenant: 'globex' }),
    reason: 'tenant_mismatch',
    status: 404,
  },
  {
    name: 'unbound under DPoP',
    request: () => requestWith(undefined, { headers: { authorization: `DPoP ${good}` } }),
    reason: 'binding',
    status: 401,
    challenge: /^DPoP error="invalid_dpop_proof", algs="ES256/,
  },
  {
    name: 'bound to a certificate that does not come',
    request: async () => requestWith(await tokenFor(ANN, { cnf: { 'x5t#S256': 'A'.repeat(43) } })),
    reason: 'binding',
    status: 401,
  },
]

describe('refusals', () => {
  test.each(rows)('$name: $reason, $status', async ({ request, reason, status, challenge }) => {
    const { guard, events } = await createWorld()
    const error = (await thrownBy(async () => guard.authenticate(await request()))) as DeniedError
    expect(error).toMatchObject({ reason, status })
    if (status !== 404) expect(error).toBeInstanceOf(UnauthenticatedError)
    if (challenge !== undefined) expect(error.challenge).toMatch(challenge)
    if (status === 401) expect(error.challenge).toContain(METADATA)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      decision: 'deny',
      reason,
      checkpoint: 'authenticate',
      correlation: 'correlation',
    })
    expect(JSON.stringify([error, error.problem, error.headers, events])).not.toContain(good.slice(-20))
  })

  test('the exact code is in the event, and not in the answer', async () => {
    const { guard, events } = await createWorld()
    const error = (await thrownBy(() => guard.authenticate(requestWith('a.b.c')))) as DeniedError
    expect(events[0]?.code).toMatch(/^ERR_TOKEN_/)
    expect(JSON.stringify(error.problem)).not.toContain('ERR_TOKEN')
  })

  test('keys that cannot be had are 503, and nobody is let in', async () => {
    const fetch = () => Promise.reject(new Error('down'))
    const { guard } = await createWorld({ keys: { jwksUri: 'https://issuer.example/jwks' }, fetch })
    const error = (await thrownBy(() => guard.authenticate(requestWith(good)))) as DeniedError
    expect(error).toMatchObject({ reason: 'unavailable', status: 503 })
    expect(error.headers['retry-after']).toBe('1')
  })
})

describe('letting in', () => {
  test('who asks, from the token alone', async () => {
    const { guard } = await createWorld()
    const auth = await guard.authenticate(requestWith(good))
    expect(auth.principal).toEqual({ kind: 'entity', type: 'User', id: 'ann' })
    expect(auth).toMatchObject({ tenant: 'acme', correlation: 'correlation' })
    expect(auth.tokenId).toMatch(/^token-/)
  })

  test('the address that a trusted proxy vouches for', async () => {
    const { guard } = await createWorld()
    const token = await tokenFor(ANN, { net: ['192.0.2.0/24'] })
    const headers = { 'x-forwarded-for': '10.9.9.9, 192.0.2.7' }
    const auth = await guard.authenticate(requestWith(token, { address: '::ffff:127.0.0.1', headers }))
    expect(auth.principal.id).toBe('ann')
  })

  test('the same tenant in the address', async () => {
    const { guard } = await createWorld({ tenantOf: (request) => String(request.headers['host']).split('.')[0] })
    expect((await guard.authenticate(requestWith(good, { headers: { host: 'acme.example' } }))).tenant).toBe('acme')
    const error = await thrownBy(() => guard.authenticate(requestWith(good, { headers: { host: 'globex.example' } })))
    expect(error).toMatchObject({ reason: 'tenant_mismatch', status: 404 })
  })

  test("two guards share nothing: one's token is nobody's at the other", async () => {
    const here = await createWorld()
    const there = await createWorld({ audience: 'https://other.example' })
    await here.guard.authenticate(requestWith(good))
    expect(await thrownBy(() => there.guard.authenticate(requestWith(good)))).toMatchObject({ reason: 'invalid_token' })
  })

  test('an entry of the cache ends with its token', async () => {
    const world = await createWorld()
    await world.guard.authenticate(requestWith(good))
    world.now = NOW + 290
    expect(await thrownBy(() => world.guard.authenticate(requestWith(good)))).toMatchObject({ reason: 'expired' })
  })
})

describe('revocations that the service keeps itself', () => {
  const keys: readonly RevocationKey[] = [
    { kind: 'principal', tenant: 'acme', sub: 'ann' },
    { kind: 'session', sid: 'session-1' },
    { kind: 'client', clientId: 'web' },
    { kind: 'tenant', tenant: 'acme' },
    { kind: 'all' },
  ]
  test.each(keys)('$kind: before and in the middle of a request, with warm caches', async (key) => {
    const revocations = createRevocations({ now: () => NOW })
    const { guard, events } = await createWorld({ revocations })
    const token = await tokenFor(ANN, { sid: 'session-1' })
    const auth = await guard.authenticate(requestWith(token))
    const plan = Document(documentNamed('plan'))
    expect(auth.can('view', plan)).toBe(true)
    revocations.add({ key, at: { epoch: 'e', seq: 1 }, revokedAtSeconds: NOW, expiresAtSeconds: NOW + 600 })
    expect(await thrownBy(() => auth.authorize('view', plan))).toMatchObject({ reason: 'revoked', status: 401 })
    expect(await thrownBy(() => guard.authenticate(requestWith(token)))).toMatchObject({
      reason: 'revoked',
      status: 401,
    })
    expect(events.map(({ reason }) => reason)).toEqual(['revoked', 'revoked'])
  })
})

describe('DPoP', () => {
  let pair: Awaited<ReturnType<typeof DPoP.generateKeyPair>>
  let thumbprint: string
  beforeAll(async () => {
    pair = await DPoP.generateKeyPair('ES256')
    thumbprint = await DPoP.calculateThumbprint(pair.publicKey)
  })

  const URL_OF_PLAN = 'https://documents.example/documents/plan'
  const world = () => createWorld({ origin: 'https://documents.example', now: () => Date.now() / 1000 })
  /** Proofs carry the wall clock's time. */
  const bound = async () => {
    const now = Math.floor(Date.now() / 1000)
    return tokenFor(ANN, { cnf: { jkt: thumbprint }, iat: now - 10, exp: now + 290 })
  }
  const withProof = async (token: string, url = URL_OF_PLAN, method = 'GET') =>
    requestWith(undefined, {
      headers: { authorization: `DPoP ${token}`, dpop: await DPoP.generateProof(pair, url, method, undefined, token) },
    })

  test('a bound token with its proof is let in, once', async () => {
    const { guard } = await world()
    const request = await withProof(await bound())
    expect((await guard.authenticate(request)).principal.id).toBe('ann')
    expect(await thrownBy(() => guard.authenticate(request))).toMatchObject({ reason: 'binding', status: 401 })
  })

  test.each([
    [
      'without a proof',
      async (token: string) => requestWith(undefined, { headers: { authorization: `DPoP ${token}` } }),
    ],
    ['under Bearer', async (token: string) => requestWith(token)],
    [
      'with a proof for another address',
      (token: string) => withProof(token, 'https://documents.example/documents/memo'),
    ],
    ['with a proof for another host', (token: string) => withProof(token, 'https://evil.example/documents/plan')],
    ['with a proof for another method', (token: string) => withProof(token, URL_OF_PLAN, 'PUT')],
  ])('%s it is refused', async (_name, request) => {
    const { guard } = await world()
    const token = await bound()
    expect(await thrownBy(async () => guard.authenticate(await request(token)))).toMatchObject({
      reason: 'binding',
      status: 401,
    })
  })

  test('a forged X-Forwarded-Host changes nothing', async () => {
    const { guard } = await world()
    const request = await withProof(await bound(), 'https://evil.example/documents/plan')
    const forged = {
      ...request,
      headers: { ...request.headers, 'x-forwarded-host': 'evil.example', host: 'evil.example' },
    }
    expect(await thrownBy(() => guard.authenticate(forged))).toMatchObject({ reason: 'binding' })
  })

  test('where it is required, an unbound token is refused, and the challenge offers DPoP alone', async () => {
    const { guard } = await createWorld({ dpop: { required: true } })
    const error = (await thrownBy(() => guard.authenticate(requestWith(good)))) as DeniedError
    expect(error).toMatchObject({ reason: 'binding', status: 401 })
    expect(error.challenge).toMatch(/^DPoP error="invalid_token"/)
  })
})
