// A service that passes its caller on: RFC 8693 with our own access tokens, actors, and how far it goes.

import {
  createLocalKeys,
  createVerifier,
  generateSigningKey,
  type TokenClaims,
  type VerifiedToken,
} from '@cardea/token'
import * as dpop from 'dpop'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ACCESS_TOKEN,
  bodyOf,
  createWorld,
  DOCS,
  EXCHANGE,
  hear,
  ID_TOKEN,
  ISSUER,
  keySetOf,
  MAIL,
  SECRETS,
  type World,
} from '../fixture.ts'

const FILES = 'https://files.example'
const PRINT = 'https://print.example'
const LAST = 'https://last.example'

type Form = Record<string, string>
type Client = 'docs' | 'mail' | 'sharing' | 'web-server' | 'backend'

let world: World
beforeEach(async () => {
  // a real clock, for DPoP proofs
  world = await createWorld({
    clock: { seconds: Math.floor(Date.now() / 1000) },
    audiences: [DOCS, MAIL, FILES, PRINT, LAST].map((id) => ({ id, tokenSeconds: id === FILES ? 900 : 300 })),
    clients: [
      { id: 'web-server', secret: SECRETS['web-server'], audiences: [DOCS, MAIL], session: true },
      { id: 'docs', secret: SECRETS.docs, roles: ['guard'], audiences: [DOCS], exchanges: [{ from: DOCS, to: MAIL }] },
      {
        id: 'mail',
        secret: SECRETS.mail,
        exchanges: [
          { from: MAIL, to: FILES },
          { from: FILES, to: PRINT },
          { from: PRINT, to: LAST },
          { from: MAIL, to: MAIL },
        ],
      },
      { id: 'sharing', secret: SECRETS.sharing, audiences: [DOCS, MAIL] },
      { id: 'browser', audiences: [DOCS, MAIL] },
      { id: 'admin', secret: SECRETS.admin, roles: ['admin'] },
    ],
    providers: [{ ...(await providerOf()), clients: ['web-server'] }],
  })
})
afterEach(() => world.authority.close())

async function providerOf(): Promise<NonNullable<World['options']['providers']>[number]> {
  const made = await createWorld({ publish: false })
  await made.authority.close()
  const [provider] = made.options.providers ?? []
  if (provider === undefined) throw new Error('the fixture has a provider')
  return provider
}

async function textOf(response: Response | Promise<Response>): Promise<string> {
  const { access_token: text } = await bodyOf((await response).clone())
  expect(text).toEqual(expect.any(String))
  return String(text)
}

/** Ann's token for the document service. */
async function called(form: Form = {}, headers: Form = {}): Promise<string> {
  return textOf(world.exchange(form, headers))
}

async function passOn(client: Client, subject: string, form: Form = {}, headers: Form = {}): Promise<Response> {
  const given = { grant_type: EXCHANGE, subject_token: subject, subject_token_type: ACCESS_TOKEN, audience: MAIL }
  return world.token(client, { ...given, ...form }, headers)
}

async function actorOf(client: Client, headers: Form = {}): Promise<Form> {
  const text = await textOf(world.token(client, { grant_type: 'client_credentials' }, headers))
  return { actor_token: text, actor_token_type: ACCESS_TOKEN }
}

async function verified(text: string | Response, audience: string = MAIL): Promise<VerifiedToken> {
  const keys = createLocalKeys(await keySetOf(world))
  const verifier = createVerifier({ issuer: ISSUER, audience, keys, now: () => world.clock.seconds })
  return verifier.verify(typeof text === 'string' ? text : await textOf(text))
}

async function claimsOf(text: string | Response, audience: string = MAIL): Promise<TokenClaims> {
  return (await verified(text, audience)).claims
}

async function expectRefused(response: Response, code: string): Promise<void> {
  expect(await bodyOf(response)).toMatchObject({ code })
  expect(response.status).toBe(400)
}

describe('a service that was called', () => {
  test('gets a token of the same sign-in for the service that it calls, and no refresh token', async () => {
    const subject = await called()
    const was = await verified(subject, DOCS)
    const response = await passOn('docs', subject)
    expect(response.status).toBe(200)
    const body = await bodyOf(response.clone())
    expect(body).toMatchObject({ issued_token_type: ACCESS_TOKEN, token_type: 'Bearer' })
    expect(body).not.toHaveProperty('refresh_token')
    const is = await claimsOf(response)
    for (const name of ['sub', 'sid', 'tenant', 'acr', 'amr', 'auth_time', 'attrs']) {
      expect([name, is[name]]).toEqual([name, was.claims[name]])
    }
    expect(is).toMatchObject({ aud: MAIL, client_id: 'docs' })
    expect(is.derived_from).toEqual([{ iss: ISSUER, jti: was.claims.jti, kid: was.keyId, client_id: 'web-server' }])
    expect(is.act).toBeUndefined()
  })

  test('acts as itself when it proves that, before whoever acted before', async () => {
    const first = await passOn('docs', await called(), await actorOf('docs'))
    expect((await claimsOf(first)).act).toEqual({ sub: 'docs' })
    const form = { audience: FILES, ...(await actorOf('mail')) }
    const second = await passOn('mail', await textOf(first), form)
    expect((await claimsOf(second, FILES)).act).toEqual({ sub: 'mail', act: { sub: 'docs' } })
    // who acted is not lost by who does not say that it acts
    const silent = await passOn('mail', await textOf(first), { audience: FILES })
    expect((await claimsOf(silent, FILES)).act).toEqual({ sub: 'docs' })
  })

  test('gets nothing that lives longer than what it was given, or than its own token', async () => {
    const subject = await called()
    const { exp } = await claimsOf(subject, DOCS)
    world.clock.seconds += 200
    expect((await claimsOf(await passOn('docs', subject))).exp).toBe(exp)
    const actor = await actorOf('docs')
    const fresh = await called()
    world.clock.seconds += 250
    expect((await claimsOf(await passOn('docs', fresh, actor))).exp).toBe(world.clock.seconds + 50)
  })

  test('gets the grants of now', async () => {
    const subject = await called()
    const plain = await claimsOf(await passOn('docs', subject))
    const grant = { tenant: 'acme', template: 'viewer', grantee: 'User::"ann"', resource: 'Document::"plan"' }
    await world.authority.service.grant(grant)
    expect((await claimsOf(await passOn('docs', subject)))['grants']).not.toEqual(plain['grants'])
  })

  test('passes on three times and no further, nor has more than three act', async () => {
    let text = await called()
    const steps = [
      ['docs', MAIL],
      ['mail', FILES],
      ['mail', PRINT],
    ] as const
    for (const [client, audience] of steps) {
      text = await textOf(passOn(client, text, { audience, ...(await actorOf(client)) }))
    }
    const claims = await claimsOf(text, PRINT)
    expect(claims.act).toEqual({ sub: 'mail', act: { sub: 'mail', act: { sub: 'docs' } } })
    expect(claims.derived_from).toHaveLength(3)
    await expectRefused(await passOn('mail', text, { audience: LAST }), 'ERR_AUTHORITY_DELEGATION_DEPTH')
  })

  test('must prove a key for a token that was bound to one, and is bound to its own', async () => {
    const proof = async (pair: dpop.KeyPair): Promise<Form> => ({
      dpop: await dpop.generateProof(pair, `${ISSUER}/token`, 'POST'),
    })
    const subject = await called({}, await proof(await dpop.generateKeyPair('ES256')))
    await expectRefused(await passOn('docs', subject), 'ERR_AUTHORITY_DPOP')
    const own = await dpop.generateKeyPair('ES256')
    const response = await passOn('docs', subject, {}, await proof(own))
    const thumbprint = await dpop.calculateThumbprint(own.publicKey)
    expect((await claimsOf(response)).cnf).toEqual({ jkt: thumbprint })
    const actor = await actorOf('docs', await proof(own))
    expect((await passOn('docs', subject, actor, await proof(own))).status).toBe(200)
    const other = await proof(await dpop.generateKeyPair('ES256'))
    await expectRefused(await passOn('docs', subject, actor, other), 'ERR_AUTHORITY_ACTOR')
  })

  test('must say its own address range for a token that was bound to one', async () => {
    const subject = await called({ bind_address: '10.0.0.0/8' })
    await expectRefused(await passOn('docs', subject), 'ERR_AUTHORITY_BIND_ADDRESS')
    const response = await passOn('docs', subject, { bind_address: '192.0.2.7' })
    expect((await claimsOf(response)).net).toEqual(['192.0.2.7/32'])
  })
})

describe('nothing is passed on', () => {
  const policies: readonly [string, Client, Form][] = [
    ['by a client that may not, though it may get tokens for both', 'sharing', {}],
    ['by the client that the token was made for', 'web-server', {}],
    ['for an audience that it may not', 'docs', { audience: FILES }],
    ['for the same audience', 'docs', { audience: DOCS }],
    ['for the authority itself', 'docs', { audience: ISSUER }],
    ['for an unknown audience', 'docs', { audience: 'https://unknown.example' }],
  ]
  test.each(policies)('%s', async (_, client, form) => {
    const response = await passOn(client, await called(), form)
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_target', code: 'ERR_AUTHORITY_TARGET' })
  })

  test('by a service that came by the token of another one', async () => {
    await expectRefused(await passOn('mail', await called(), { audience: FILES }), 'ERR_AUTHORITY_TARGET')
  })

  test('by a public client', async () => {
    const subject = await called()
    const form = { grant_type: EXCHANGE, client_id: 'browser', subject_token: subject, audience: MAIL }
    const response = await world.token(undefined, { ...form, subject_token_type: ACCESS_TOKEN })
    await expectRefused(response, 'ERR_AUTHORITY_TARGET')
  })

  const texts: readonly [string, () => Promise<string>][] = [
    ['an ID token', () => world.provider.idToken()],
    ["a client's own token", async () => String((await actorOf('docs'))['actor_token'])],
    ['a refresh token', async () => String((await bodyOf(await world.exchange()))['refresh_token'])],
    ['nonsense', async () => 'nonsense'],
    ['one that has expired', async () => await later(called, 300)],
    ['one with a bit flipped', async () => flipped(await called())],
    [
      'one of nobody',
      async () =>
        world.provider.idToken(
          { iss: ISSUER, aud: DOCS, client_id: 'web-server', jti: 'j', sid: 's', exp: world.clock.seconds + 60 },
          await generateSigningKey('ES256'),
          'at+jwt',
        ),
    ],
  ]
  test.each(texts)('with %s for the token', async (_, make) => {
    await expectRefused(await passOn('docs', await make()), 'ERR_AUTHORITY_SUBJECT_TOKEN')
  })

  const revocations: readonly [string, (claims: TokenClaims, kid: string) => object, string][] = [
    ['the token', ({ iss, jti }) => ({ kind: 'token', iss, jti }), 'ERR_AUTHORITY_SUBJECT_REVOKED'],
    ['its session', ({ sid }) => ({ kind: 'session', sid }), 'ERR_AUTHORITY_SESSION_ENDED'],
    ['its person', ({ tenant, sub }) => ({ kind: 'principal', tenant, sub }), 'ERR_AUTHORITY_SESSION_ENDED'],
    ['its client', () => ({ kind: 'client', clientId: 'web-server' }), 'ERR_AUTHORITY_SESSION_ENDED'],
    ['its key', (_, kid) => ({ kind: 'key', kid }), 'ERR_AUTHORITY_SUBJECT_TOKEN'],
  ]
  test.each(revocations)('after %s was revoked, and what was passed on before is dead too', async (_, keyOf, code) => {
    const subject = await called()
    const { claims, keyId } = await verified(subject, DOCS)
    const first = await passOn('docs', subject)
    const second = await verified(await passOn('mail', await textOf(first), { audience: FILES }), FILES)
    const derived = [await verified(first), second]
    const key = keyOf(claims, keyId)
    expect((await world.api('admin', 'POST', '/v1/revocations', { key })).status).toBe(201)
    await expectRefused(await passOn('docs', subject), code)
    const { revocations: known } = await hear(world)
    for (const token of derived) expect(known.matchToken(token)).toBeDefined()
  })
})

describe('nobody acts', () => {
  const actors: readonly [string, () => Promise<Form>, string][] = [
    ['as another client', () => actorOf('mail'), 'ERR_AUTHORITY_ACTOR'],
    [
      'as a person',
      async () => ({ actor_token: await called(), actor_token_type: ACCESS_TOKEN }),
      'ERR_AUTHORITY_ACTOR',
    ],
    ['by nonsense', async () => ({ actor_token: 'x.y.z', actor_token_type: ACCESS_TOKEN }), 'ERR_AUTHORITY_ACTOR'],
    ['by a token that has expired', () => later(async () => actorOf('docs'), 300), 'ERR_AUTHORITY_ACTOR'],
    [
      'by a token of another kind',
      async () => ({ ...(await actorOf('docs')), actor_token_type: ID_TOKEN }),
      'ERR_AUTHORITY_TOKEN_TYPE',
    ],
    ['by a token of no kind', async () => ({ actor_token: 'x' }), 'ERR_AUTHORITY_TOKEN_TYPE'],
    ['by a kind without a token', async () => ({ actor_token_type: ACCESS_TOKEN }), 'ERR_AUTHORITY_TOKEN_TYPE'],
  ]
  test.each(actors)('%s', async (_, make, code) => {
    const form = await make()
    await expectRefused(await passOn('docs', await called(), form), code)
  })

  test('by a token that was revoked', async () => {
    const form = await actorOf('docs')
    const { jti = '' } = await claimsOf(String(form['actor_token']), ISSUER)
    await world.authority.service.revoke({ kind: 'token', iss: ISSUER, jti })
    await expectRefused(await passOn('docs', await called(), form), 'ERR_AUTHORITY_ACTOR')
  })

  const others: readonly [string, unknown][] = [
    ['nothing', undefined],
    ['somebody else', { sub: 'docs' }],
    ['the client of another issuer', { sub: 'web-server', iss: 'https://other.example' }],
    ['more than we can compare', { sub: 'web-server', email: 'a@b.example' }],
    ['a list', [{ sub: 'web-server' }]],
    ['a text', 'web-server'],
  ]
  test.each(others)('for whom signed in, where `may_act` says %s', async (_, mayAct) => {
    const idToken = await world.provider.idToken(mayAct === undefined ? {} : { may_act: mayAct as never })
    const response = await world.exchange({ subject_token: idToken, ...(await actorOf('web-server')) })
    await expectRefused(response, 'ERR_AUTHORITY_ACTOR')
  })

  test('but whom `may_act` names, and then without a refresh token, which would forget it', async () => {
    for (const mayAct of [{ sub: 'web-server' }, { sub: 'web-server', iss: ISSUER }]) {
      const idToken = await world.provider.idToken({ may_act: mayAct, nonce: JSON.stringify(mayAct) })
      const response = await world.exchange({ subject_token: idToken, ...(await actorOf('web-server')) })
      expect((await claimsOf(response, DOCS)).act).toEqual({ sub: 'web-server' })
      expect(await bodyOf(response)).not.toHaveProperty('refresh_token')
    }
  })
})

async function later<T>(make: () => Promise<T>, seconds: number): Promise<T> {
  const made = await make()
  world.clock.seconds += seconds
  return made
}

function flipped(text: string): string {
  const at = text.lastIndexOf('.') + 10
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}
