// RFC 8705 sections 3 and 4 over real TLS sockets: what a token, its sign-in and its refresh tokens are bound to.

import { decodeToken } from '@cardea/token'
import * as dpop from 'dpop'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorkshop, type Pair, type Sent, send, thumbprintOf, type Workshop } from '../certificates.ts'
import {
  ACCESS_TOKEN,
  bodyOf,
  createWorld,
  DOCS,
  EXCHANGE,
  ID_TOKEN,
  ISSUER,
  MAIL,
  SECRETS,
  type World,
} from '../fixture.ts'

const FILES = 'https://files.example'

let workshop: Workshop
let world: World
let url: string
let one: Pair
let two: Pair
beforeAll(async () => {
  workshop = openWorkshop()
  one = workshop.selfSigned('/CN=one')
  two = workshop.selfSigned('/CN=two')
  const { options, authority } = await createWorld({ publish: false })
  await authority.close()
  world = await createWorld({
    // for DPoP proofs
    clock: { seconds: Math.floor(Date.now() / 1000) },
    tls: workshop.files,
    audiences: [{ id: DOCS }, { id: MAIL, certificateRequired: true }, { id: FILES }],
    clients: [
      { id: 'web-server', secret: SECRETS['web-server'], audiences: [DOCS, MAIL], session: true },
      { id: 'backend', secret: SECRETS.backend, audiences: [DOCS], session: true, certificateBound: true },
      { id: 'app', audiences: [DOCS, MAIL], session: true, certificateBound: true },
      { id: 'docs', secret: SECRETS.docs, exchanges: [DOCS, MAIL].map((from) => ({ from, to: FILES })) },
      { id: 'mail', secret: SECRETS.mail, certificateBound: true, exchanges: [{ from: DOCS, to: FILES }] },
      { id: 'admin', secret: SECRETS.admin, roles: ['admin'], certificateBound: true },
    ],
    providers: (options.providers ?? []).map((provider) => ({
      ...provider,
      clients: ['web-server', 'backend', 'app'],
    })),
  })
  url = (await world.authority.listen({ port: 0 })).url
})
afterAll(async () => {
  await world.authority.close()
  workshop.close()
})

const ask = (sent: Sent, path = '/token'): Promise<Response> => send(`${url}${path}`, sent, workshop.ca)

let signIns = 0

/** Signs Ann in anew, unless her ID token is given. */
async function exchange(
  client: string,
  pair: Pair | undefined,
  more: Sent['form'] = {},
  headers = {},
): Promise<Response> {
  signIns += 1
  const nonce = `sign-in ${signIns}`
  const form = {
    grant_type: EXCHANGE,
    subject_token: more['subject_token'] ?? (await world.provider.idToken({ aud: client, nonce })),
    subject_token_type: ID_TOKEN,
    audience: DOCS,
    ...(client === 'app' ? { client_id: 'app' } : {}),
    ...more,
  }
  return ask({ form, pair, headers, ...(client === 'app' ? {} : { client }) })
}

async function refresh(client: string, answer: Response, pair: Pair | undefined, headers = {}): Promise<Response> {
  const { refresh_token: token } = await bodyOf(answer.clone())
  const form = { grant_type: 'refresh_token', refresh_token: String(token) }
  if (client === 'app') return ask({ form: { ...form, client_id: 'app' }, pair, headers })
  return ask({ form, client, pair, headers })
}

async function claimsOf(answer: Response): Promise<Readonly<Record<string, unknown>>> {
  const { access_token: token } = await bodyOf(answer.clone())
  return decodeToken(String(token)).unverifiedClaims
}

const codeOf = async (answer: Response): Promise<unknown> => (await bodyOf(answer))['code']
const boundTo = (pair: Pair) => ({ 'x5t#S256': thumbprintOf(pair) })

describe('a token is bound to the certificate', () => {
  test.each([
    ['when the client asks for it', 'backend', DOCS],
    ['when the audience asks for it', 'web-server', MAIL],
    ['of a public client', 'app', DOCS],
  ])('%s', async (_name, client, audience) => {
    const answer = await exchange(client, one, { audience })
    expect(await bodyOf(answer.clone())).toMatchObject({ token_type: 'Bearer' })
    expect((await claimsOf(answer))['cnf']).toEqual(boundTo(one))
  })

  test('and not when nobody asks for it', async () => {
    expect(await claimsOf(await exchange('web-server', one))).not.toHaveProperty('cnf')
  })

  test.each([
    ['the client', 'backend', DOCS],
    ['the audience', 'web-server', MAIL],
  ])('or there is none, when %s asks for it and none is shown', async (_name, client, audience) => {
    const answer = await exchange(client, undefined, { audience })
    expect(answer.status).toBe(400)
    expect(await bodyOf(answer)).toMatchObject({ error: 'invalid_request', code: 'ERR_AUTHORITY_CERTIFICATE' })
  })

  test('and to a key as well, when both are proven', async () => {
    const pair = await dpop.generateKeyPair('ES256')
    const headers = async () => ({ dpop: await dpop.generateProof(pair, `${ISSUER}/token`, 'POST') })
    const answer = await exchange('backend', one, {}, await headers())
    expect(await bodyOf(answer.clone())).toMatchObject({ token_type: 'DPoP' })
    expect((await claimsOf(answer))['cnf']).toEqual({ jkt: expect.any(String), ...boundTo(one) })
    expect(await codeOf(await refresh('backend', answer, one))).toBe('ERR_AUTHORITY_SESSION_KEY')
    expect(await codeOf(await refresh('backend', answer, two, await headers()))).toBe(
      'ERR_AUTHORITY_SESSION_CERTIFICATE',
    )
    expect((await refresh('backend', answer, one, await headers())).status).toBe(200)
  })
})

describe('a sign-in is bound with its first bound token', () => {
  test('and is not opened again with another certificate, or with none', async () => {
    const subject_token = await world.provider.idToken({ aud: 'web-server', nonce: 'again' })
    expect((await exchange('web-server', one, { subject_token, audience: MAIL })).status).toBe(200)
    for (const pair of [two, undefined]) {
      const answer = await exchange('web-server', pair, { subject_token })
      expect(await bodyOf(answer)).toMatchObject({ error: 'invalid_grant', code: 'ERR_AUTHORITY_SESSION_CERTIFICATE' })
    }
    expect((await exchange('web-server', one, { subject_token })).status).toBe(200)
  })

  test('also when tokens that were not bound came before', async () => {
    const subject_token = await world.provider.idToken({ aud: 'web-server', nonce: 'later' })
    const before = await exchange('web-server', undefined, { subject_token })
    expect((await refresh('web-server', before, two)).status).toBe(200)
    expect((await exchange('web-server', one, { subject_token, audience: MAIL })).status).toBe(200)
    expect(await codeOf(await refresh('web-server', before, two))).toBe('ERR_AUTHORITY_SESSION_CERTIFICATE')
    expect((await refresh('web-server', before, one)).status).toBe(200)
  })
})

describe('a refresh token of a bound sign-in', () => {
  test.each(['backend', 'app'])('of %s needs the same certificate, and goes on', async (client) => {
    const answer = await exchange(client, one)
    expect(await codeOf(await refresh(client, answer, two))).toBe('ERR_AUTHORITY_SESSION_CERTIFICATE')
    expect(await codeOf(await refresh(client, answer, undefined))).toBe('ERR_AUTHORITY_SESSION_CERTIFICATE')
    const refreshed = await refresh(client, answer, one)
    expect((await claimsOf(refreshed))['cnf']).toEqual(boundTo(one))
    // nobody else can use it, so it stays
    expect(await bodyOf(refreshed)).not.toHaveProperty('refresh_token')
    expect((await refresh(client, answer, one)).status).toBe(200)
  })
})

describe('a bound token that is passed on', () => {
  const passOn = async (subject: Response, pair: Pair | undefined): Promise<Response> => {
    const { access_token: token } = await bodyOf(subject.clone())
    const form = {
      grant_type: EXCHANGE,
      subject_token: String(token),
      subject_token_type: ACCESS_TOKEN,
      audience: FILES,
    }
    return ask({ form, client: 'docs', pair })
  }

  test('is bound to the certificate of who passes it on, or is not', async () => {
    const bound = await exchange('web-server', one, { audience: MAIL })
    expect(await codeOf(await passOn(bound, undefined))).toBe('ERR_AUTHORITY_CERTIFICATE')
    expect((await claimsOf(await passOn(bound, two)))['cnf']).toEqual(boundTo(two))
  })

  test('by no key in the place of a certificate', async () => {
    const { access_token: token } = await bodyOf(await exchange('web-server', one, { audience: MAIL }))
    const form = {
      grant_type: EXCHANGE,
      subject_token: String(token),
      subject_token_type: ACCESS_TOKEN,
      audience: FILES,
    }
    const proof = await dpop.generateProof(await dpop.generateKeyPair('ES256'), `${ISSUER}/token`, 'POST')
    expect(await codeOf(await ask({ form, client: 'docs', headers: { dpop: proof } }))).toBe(
      'ERR_AUTHORITY_CERTIFICATE',
    )
  })

  test('and one that was not bound is not', async () => {
    expect(await claimsOf(await passOn(await exchange('web-server', one), two))).not.toHaveProperty('cnf')
  })
})

describe('an actor with a bound token', () => {
  test('acts with its certificate alone', async () => {
    const own = await ask({ form: { grant_type: 'client_credentials' }, client: 'mail', pair: one })
    const actor = { actor_token: String((await bodyOf(own))['access_token']), actor_token_type: ACCESS_TOKEN }
    const { access_token: token } = await bodyOf(await exchange('web-server', one))
    const subject = { subject_token: String(token), subject_token_type: ACCESS_TOKEN, audience: FILES }
    const form = { grant_type: EXCHANGE, ...subject, ...actor }
    expect(await claimsOf(await ask({ form, client: 'mail', pair: one }))).toMatchObject({ act: { sub: 'mail' } })
    expect(await codeOf(await ask({ form, client: 'mail', pair: two }))).toBe('ERR_AUTHORITY_ACTOR')
  })
})

describe("the authority's own API", () => {
  test('takes a bound token with its certificate alone', async () => {
    const form = { grant_type: 'client_credentials' }
    const { access_token: token } = await bodyOf(await ask({ form, client: 'admin', pair: one }))
    const headers = { authorization: `Bearer ${String(token)}` }
    expect((await ask({ headers, pair: one }, '/v1/clients')).status).toBe(200)
    for (const pair of [two, undefined]) {
      const answer = await ask({ headers, pair }, '/v1/clients')
      expect(answer.status).toBe(401)
      expect(await codeOf(answer)).toBe('ERR_AUTHORITY_UNAUTHENTICATED')
    }
  })
})
