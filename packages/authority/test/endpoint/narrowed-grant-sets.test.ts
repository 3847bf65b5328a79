// A narrowed token whose grants go by reference is passed on like one that holds them: within the set that it names, as it was
// kept, and with the grants of now. A set that is gone bounds nothing, so nothing is passed on.

import { randomUUID } from 'node:crypto'
import { openGrantSet } from '@cardea/claims'
import { decodeToken } from '@cardea/token'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ACCESS_TOKEN, bodyOf, createWorld, DOCS, EXCHANGE, MAIL, NOW, SECRETS, type World } from '../fixture.ts'

type Client = 'docs' | 'mail'

const BUDGET = 1400
/** They weigh more than the budget. */
const MANY = 45

let world: World
let asked: string[]
beforeEach(async () => {
  world = await createWorld({
    audiences: [DOCS, MAIL].map((id) => ({ id, maxTokenBytes: BUDGET })),
    clients: [
      { id: 'web-server', secret: SECRETS['web-server'], audiences: [DOCS, MAIL] },
      { id: 'docs', secret: SECRETS.docs, roles: ['guard'], audiences: [DOCS], exchanges: [{ from: DOCS, to: MAIL }] },
      { id: 'mail', secret: SECRETS.mail, roles: ['guard'], audiences: [MAIL], exchanges: [{ from: MAIL, to: DOCS }] },
    ],
  })
  asked = Array.from({ length: MANY }, () => randomUUID()).toSorted()
  for (const id of [...asked, 'not asked for']) await give(id)
})
afterEach(() => world.authority.close())

async function give(id: string): Promise<string> {
  const grant = { tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource: `Document::"${id}"` }
  return (await world.authority.service.grant(grant)).id
}

async function takeBack(id: string): Promise<void> {
  const key = { tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource: `Document::"${id}"` }
  await world.authority.service.revoke({ kind: 'grant', ...key })
}

function ask(ids: readonly string[]): Record<string, string> {
  const one = { type: 'cardea_grant', privileges: ['viewer'], datatypes: ['Document'] }
  return { authorization_details: JSON.stringify(ids.map((identifier) => ({ ...one, identifier }))) }
}

async function textOf(response: Promise<Response>): Promise<string> {
  const body = await bodyOf(await response)
  expect(body['code']).toBeUndefined()
  return String(body['access_token'])
}

/** A token that names its grants, and is narrowed. */
async function called(): Promise<string> {
  const text = await textOf(world.exchange(ask(asked)))
  expect(decodeToken(text).unverifiedClaims).toMatchObject({ narrowed: true, grants_ref: expect.any(String) })
  return text
}

async function passOn(client: Client, subject: string, form: Record<string, string> = {}): Promise<Response> {
  const audience = client === 'docs' ? MAIL : DOCS
  const given = { grant_type: EXCHANGE, subject_token: subject, subject_token_type: ACCESS_TOKEN, audience }
  return world.token(client, { ...given, ...form })
}

/** Ids of the documents in the set that the token names, as the guard of its audience gets it. */
async function idsOf(text: string, guard: Client): Promise<string[]> {
  const response = await world.api(guard, 'POST', '/v1/grant-sets', { token: text })
  expect(response.status).toBe(200)
  const { grants_ref: digest } = decodeToken(text).unverifiedClaims
  if (typeof digest !== 'string') throw new TypeError('the token names no grants')
  return openGrantSet(await response.text(), digest)
    .grants.map(({ resource }) => resource.id)
    .toSorted()
}

describe('a narrowed token whose grants go by reference', () => {
  test('is passed on with all that it names, also twice', async () => {
    const second = await textOf(passOn('docs', await called()))
    expect(decodeToken(second).unverifiedClaims['narrowed']).toBe(true)
    expect(await idsOf(second, 'mail')).toEqual(asked)
    const third = await textOf(passOn('mail', second))
    expect(await idsOf(third, 'docs')).toEqual(asked)
  })

  test('is passed on within what it names, whatever is granted later or asked for', async () => {
    const subject = await called()
    await give('granted later')
    expect(await idsOf(await textOf(passOn('docs', subject)), 'mail')).toEqual(asked)
    const [first = '', second = ''] = asked
    const less = await passOn('docs', subject, ask([first, second, 'not asked for', 'granted later']))
    const details = (await bodyOf(less))['authorization_details'] as { readonly identifier: string }[]
    expect(details.map(({ identifier }) => identifier).toSorted()).toEqual([first, second])
    const more = await passOn('docs', subject, ask(['not asked for', 'granted later']))
    expect([more.status, (await bodyOf(more))['code']]).toEqual([400, 'ERR_AUTHORITY_DETAILS'])
  })

  test('is passed on without what was taken back meanwhile, until it is granted again', async () => {
    const subject = await called()
    const [first = '', ...others] = asked
    await takeBack(first)
    expect(await idsOf(await textOf(passOn('docs', subject)), 'mail')).toEqual(others)
    await give(first)
    expect(await idsOf(await textOf(passOn('docs', subject)), 'mail')).toEqual(asked)
  })

  test('is passed on by nobody when the set that it names is gone', async () => {
    const subject = await called()
    const whole = await textOf(world.exchange())
    world.clock.seconds = NOW + 300
    await world.authority.service.keepHouse()
    // the clock was ahead: the token lives, and what it names was forgotten
    world.clock.seconds = NOW + 299
    for (const form of [{}, ask(asked.slice(0, 1))]) {
      const response = await passOn('docs', subject, form)
      expect([response.status, (await bodyOf(response))['code']]).toEqual([400, 'ERR_AUTHORITY_SUBJECT_TOKEN'])
    }
    // one that is not narrowed needs none
    expect((await passOn('docs', whole)).status).toBe(200)
  })
})
