// Who a client is at /token: one way to say it, and one answer to everything that is wrong.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { basic, bodyOf, createWorld, DOCS, EXCHANGE, ID_TOKEN, ISSUER, SECRETS, type World } from '../fixture.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.authority.close())

async function post(body: string, headers: Record<string, string> = {}): Promise<Response> {
  return world.authority.app.request(`${ISSUER}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  })
}

describe('client credentials', () => {
  test('give an enrolled client a token for the authority', async () => {
    const response = await world.token('docs', { grant_type: 'client_credentials' })
    expect(response.status).toBe(200)
    expect(await bodyOf(response)).toMatchObject({ token_type: 'Bearer', expires_in: 300 })
  })

  test('do not serve an audience whose policies know no clients', async () => {
    const response = await world.token('docs', { grant_type: 'client_credentials', audience: DOCS })
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_grant', code: 'ERR_AUTHORITY_CLAIMS' })
  })

  test("do not reach an audience that is not the client's", async () => {
    const response = await world.token('sharing', { grant_type: 'client_credentials', audience: DOCS })
    expect(await bodyOf(response)).toMatchObject({ error: 'invalid_target' })
  })
})

describe('a client that does not authenticate', () => {
  const form = 'grant_type=client_credentials'
  const cases: readonly [string, () => Promise<Response>][] = [
    ['an unknown client', () => post(form, { authorization: basic('nobody', 'x') })],
    ['a wrong secret', () => post(form, { authorization: basic('docs', 'wrong') })],
    ['an empty secret', () => post(form, { authorization: basic('docs', '') })],
    ['the digest for the secret', () => post(form, { authorization: basic('docs', '-'.repeat(43)) })],
    ["a public client's name with a secret", () => post(form, { authorization: basic('browser', 'x') })],
    ["a confidential client's name alone", () => post(`${form}&client_id=docs`)],
    ['nothing', () => post(form)],
    ['a bearer token', () => post(form, { authorization: 'Bearer x.y.z' })],
    ['Basic without a colon', () => post(form, { authorization: `Basic ${Buffer.from('docs').toString('base64')}` })],
    ['Basic that is not base64', () => post(form, { authorization: 'Basic !!!' })],
    [
      'Basic with broken escapes',
      () => post(form, { authorization: `Basic ${Buffer.from('%zz:x').toString('base64')}` }),
    ],
    ['a public client that asks for itself', () => post(`${form}&client_id=browser`)],
  ]
  test.each(cases)('%s gets the one answer', async (_, ask) => {
    const response = await ask()
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="cardea", charset="UTF-8"')
    const { correlation, ...rest } = await bodyOf(response)
    expect(correlation).toEqual(expect.any(String))
    expect(rest).toEqual({
      error: 'invalid_client',
      error_description: 'the client did not authenticate',
      code: 'ERR_AUTHORITY_CLIENT',
    })
  })
})

describe('a request that is malformed', () => {
  const auth = { authorization: basic('docs') }
  const cases: readonly [string, () => Promise<Response>, number, string, string][] = [
    [
      'a repeated parameter',
      () => post('grant_type=client_credentials&grant_type=x', auth),
      400,
      'invalid_request',
      'ERR_AUTHORITY_PARAMETER_REPEATED',
    ],
    [
      'a secret in the body',
      () => post(`grant_type=client_credentials&client_id=docs&client_secret=${SECRETS.docs}`),
      400,
      'invalid_request',
      'ERR_AUTHORITY_REQUEST',
    ],
    [
      'two names',
      () => post('grant_type=client_credentials&client_id=mail', auth),
      400,
      'invalid_request',
      'ERR_AUTHORITY_REQUEST',
    ],
    [
      'an unknown grant type',
      () => post('grant_type=password', auth),
      400,
      'unsupported_grant_type',
      'ERR_AUTHORITY_GRANT_TYPE',
    ],
    ['no grant type', () => post('', auth), 400, 'unsupported_grant_type', 'ERR_AUTHORITY_GRANT_TYPE'],
    [
      'JSON',
      () => post('{}', { ...auth, 'content-type': 'application/json' }),
      415,
      'invalid_request',
      'ERR_AUTHORITY_CONTENT_TYPE',
    ],
    [
      'another charset',
      () => post('', { ...auth, 'content-type': 'application/x-www-form-urlencoded; charset=utf-16' }),
      415,
      'invalid_request',
      'ERR_AUTHORITY_CONTENT_TYPE',
    ],
    [
      'a body that is too large',
      () => post(`a=${'x'.repeat(70_000)}`, auth),
      413,
      'invalid_request',
      'ERR_AUTHORITY_REQUEST_TOO_LARGE',
    ],
    [
      'a subject token that is missing',
      () => post(`grant_type=${EXCHANGE}&subject_token_type=${ID_TOKEN}`, auth),
      400,
      'invalid_request',
      'ERR_AUTHORITY_REQUEST',
    ],
  ]
  test.each(cases)('%s', async (_, ask, status, error, code) => {
    const response = await ask()
    expect(response.status).toBe(status)
    expect(await bodyOf(response)).toMatchObject({ error, code })
  })

  test('no answer repeats what was sent', async () => {
    const marker = 'marker-of-a-secret'
    const answers = await Promise.all([
      post(`grant_type=${marker}`, auth),
      post(`grant_type=${EXCHANGE}&subject_token=${marker}&subject_token_type=${ID_TOKEN}&audience=${DOCS}`, {
        authorization: basic('web-server'),
      }),
      post(`grant_type=client_credentials`, { authorization: basic(marker, marker) }),
      world.api('admin', 'POST', '/v1/revocations', { key: { kind: marker } }),
    ])
    for (const answer of answers) expect(await answer.text()).not.toContain(marker)
  })
})
