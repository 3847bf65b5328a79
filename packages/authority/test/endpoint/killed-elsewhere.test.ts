// A key is killed at one authority while another has not heard of it and signs with it, as a thief would, with numbers of after the kill:
// no revocation touches those tokens. Nothing may come of them at any authority: no token for the next service, no introspection.

import { setImmediate } from 'node:timers/promises'
import { decodeToken } from '@cardea/token'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../tools/postgres.ts'
import { ACCESS_TOKEN, bodyOf, DOCS, EXCHANGE, ID_TOKEN, ISSUER, MAIL, postForm, type World } from '../fixture.ts'
import { createModelWorld } from './model/real.ts'

/** So many tokens of after a kill must have been tried. */
const ENOUGH = 20
const MOST_ROUNDS = 100

interface Used {
  readonly seq: number
  readonly status: number
  readonly active: unknown
}

let server: PostgresServer
let here: World
let elsewhere: World
beforeAll(async () => {
  server = await startPostgres()
  const store = await server.newDatabase()
  const key = Buffer.alloc(32, 7).toString('base64url')
  here = await createModelWorld({ store, key })
  const { clock, provider } = here
  elsewhere = await createModelWorld({ store, key, publish: false, clock, provider })
}, 60_000)
afterAll(async () => {
  await here.authority.close()
  await elsewhere.authority.close()
  await server.remove()
}, 60_000)

async function signedInAt(world: World, idToken: string): Promise<string> {
  const form = { grant_type: EXCHANGE, subject_token: idToken, subject_token_type: ID_TOKEN, audience: DOCS }
  return String((await bodyOf(await world.token('backend', form)))['access_token'])
}

const keyOf = (text: string): unknown => decodeToken(text).unverifiedHeader['kid']

/** What comes of a token that the key has signed, or `undefined` when it was another key. */
async function used(idToken: string, kid: unknown): Promise<Used | undefined> {
  const text = await signedInAt(elsewhere, idToken)
  if (keyOf(text) !== kid) return undefined
  const subject = { subject_token: text, subject_token_type: ACCESS_TOKEN, audience: MAIL }
  const [passed, shown] = await Promise.all([
    elsewhere.token('docs', { grant_type: EXCHANGE, ...subject }),
    postForm(elsewhere.authority, '/introspect', 'docs', { token: text }),
  ])
  const { active } = await bodyOf(shown)
  return { seq: Number(decodeToken(text).unverifiedClaims['seq']), status: passed.status, active }
}

test('what a key signed after it was killed elsewhere is passed on and shown by nobody', async () => {
  let tried = 0
  for (let round = 0; round < MOST_ROUNDS && tried < ENOUGH; round += 1) {
    const idToken = await here.provider.idToken({ aud: 'backend', nonce: `${round}` })
    const kid = keyOf(await signedInAt(here, idToken))
    if (typeof kid !== 'string') throw new TypeError('the token names no key')
    const kill = { isOver: false }
    const killing = here.authority.service.revoke({ kind: 'key', kid }).finally(() => (kill.isOver = true))
    const uses: Promise<Used | undefined>[] = []
    while (!kill.isOver) {
      uses.push(used(idToken, kid))
      for (let turn = 0; turn < 5; turn += 1) await setImmediate()
    }
    const { seq } = (await killing).position
    const late = (await Promise.all(uses)).filter((one) => one !== undefined && one.seq >= seq)
    for (const one of late) expect(one).toMatchObject({ status: 400, active: false })
    tried += late.length
  }
  expect(tried).toBeGreaterThanOrEqual(ENOUGH)
}, 60_000)

test('nor is anything changed by its holder, who calls himself an administrator', async () => {
  let tried = 0
  for (let round = 0; round < MOST_ROUNDS && tried < ENOUGH; round += 1) {
    const kid = keyOf(await here.own('admin'))
    if (typeof kid !== 'string') throw new TypeError('the token names no key')
    const kill = { isOver: false }
    const killing = here.authority.service.revoke({ kind: 'key', kid }).finally(() => (kill.isOver = true))
    const changes: Promise<readonly [number, number] | undefined>[] = []
    while (!kill.isOver) {
      changes.push(changed(kid, `round-${round}-${changes.length}`))
      for (let turn = 0; turn < 5; turn += 1) await setImmediate()
    }
    const { seq } = (await killing).position
    const late = (await Promise.all(changes)).filter((one) => one !== undefined && one[0] >= seq)
    for (const one of late) expect(one?.[1]).toBe(401)
    tried += late.length
  }
  expect(tried).toBeGreaterThanOrEqual(ENOUGH)
}, 60_000)

/** Where in the log the token was made, and the answer to a change with it; `undefined` when another key signed it. */
async function changed(kid: unknown, sid: string): Promise<readonly [number, number] | undefined> {
  const token = await elsewhere.own('admin')
  if (keyOf(token) !== kid) return undefined
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ key: { kind: 'session', sid } })
  const answer = await elsewhere.authority.app.request(`${ISSUER}/v1/revocations`, { method: 'POST', headers, body })
  return [Number(decodeToken(token).unverifiedClaims['seq']), answer.status]
}
