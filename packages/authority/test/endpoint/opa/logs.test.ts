// POST /opa/v1/logs over sockets: into the audit of everybody, once, under the sender's own name; what is refused changes nothing.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { issueToken } from '@cardea/token'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../../tools/postgres.ts'
import { bodyOf, DOCS, type World } from '../../fixture.ts'
import { createReporting, event, log, type Reporting } from './reporting.ts'

const LOGS = '/opa/v1/logs'
const TOKEN = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl'

let reporting: Reporting
beforeAll(async () => {
  reporting = await createReporting({ limits: { opaEventsABatch: 5, opaLogBytes: 100_000, decisionBytes: 2000 } })
})
afterAll(() => reporting.close())

const of = (records: readonly Record<string, unknown>[], id: string): readonly Record<string, unknown>[] =>
  records.filter((record) => record['id'] === id)

describe('decisions of an OPA', () => {
  test('are records like those of guards, under the name of who posted them', async () => {
    const { post, records } = reporting
    const result = {
      decision: 'deny',
      reason: 'forbid',
      determining: ['apart'],
      principal: { type: 'User', id: 'ann' },
    }
    const facts = { action: 'view', resource: { type: 'Document', id: 'plan' }, tenant: 'acme', revision: 3 }
    const one = event({ decision_id: 'known', sender: 'mail', result: { ...result, ...facts } })
    const response = await post('docs', LOGS, log(one))
    expect(response.status).toBe(202)
    expect(await bodyOf(response)).toEqual({ accepted: 1, malformed: 0 })
    expect(of(await records(), 'known')).toEqual([
      {
        id: 'known',
        n: 0,
        start: 'opa-1',
        service: 'opa',
        at: '2027-01-15T08:00:00.123Z',
        sender: 'docs',
        decision: 'deny',
        reason: 'forbid',
        action: 'view',
        principal: 'User::"ann"',
        resource: 'Document::"plan"',
        tenant: 'acme',
        revision: 3,
        policies: ['apart'],
        path: 'app/allow',
        checkpoint: 'resource',
        correlation: 'known',
      },
    ])
  })

  test('count once, however often and in whatever batch they come', async () => {
    const { post, records } = reporting
    const [one, two, three] = [event({ result: true }), event({ result: false }), event()]
    await post('docs', LOGS, log(one, two, one))
    const before = await records()
    for (const batch of [[one], [two, one], [one, two]]) {
      expect((await post('docs', LOGS, log(...batch))).status).toBe(202)
    }
    expect(await records()).toEqual(before)
    await post('docs', LOGS, log(two, three))
    expect(await records()).toHaveLength(before.length + 1)
  })

  test('of a name that was used already do not replace what is there', async () => {
    const { post, records } = reporting
    await post('docs', LOGS, log(event({ decision_id: 'first', result: false })))
    await post('docs', LOGS, log(event({ decision_id: 'first', result: true })))
    expect(of(await records(), 'first')).toMatchObject([{ decision: 'deny' }])
  })

  test('of another instance or another client are others', async () => {
    const { post, records } = reporting
    const one = event({ decision_id: 'shared' })
    await post('docs', LOGS, log(one))
    await post('mail', LOGS, log(one))
    await post('docs', LOGS, log(event({ decision_id: 'shared', labels: { id: 'opa-2' } })))
    const found = of(await records(), 'shared').map(({ sender, start }) => `${String(sender)} ${String(start)}`)
    expect(found.toSorted()).toEqual(['docs opa-1', 'docs opa-2', 'mail opa-1'])
  })

  test('may come with a partition', async () => {
    expect((await reporting.post('docs', `${LOGS}/east`, log(event()))).status).toBe(202)
    expect((await reporting.post('docs', `${LOGS}/east/1`, log())).status).toBe(202)
  })

  test('that do not read are records that say so, once, and keep nothing else out', async () => {
    const { post, records } = reporting
    const bad = { labels: { id: 'opa-1' }, decision_id: 7, input: { token: TOKEN } }
    const response = await post('docs', LOGS, log(event({ decision_id: 'beside' }), bad))
    expect(await bodyOf(response)).toEqual({ accepted: 2, malformed: 1 })
    const before = await records()
    expect(before.filter(({ reason }) => reason === 'malformed')).toMatchObject([{ sender: 'docs', service: 'opa' }])
    expect(of(before, 'beside')).toHaveLength(1)
    await post('docs', LOGS, log(bad))
    expect(await records()).toEqual(before)
  })

  test('hold no token, wherever one stood', async () => {
    const { post, records } = reporting
    const uid = { type: 'Document', id: TOKEN }
    await post(
      'docs',
      LOGS,
      log(event({ path: TOKEN, input: { token: TOKEN, resource: uid }, result: { reason: TOKEN } })),
    )
    await post('docs', LOGS, log(event({ labels: { id: TOKEN }, decision_id: TOKEN, result: { decision: TOKEN } })))
    const kept = JSON.stringify(await records())
    for (const piece of TOKEN.split('.')) expect(kept).not.toContain(piece)
  })

  test('of a person are erased like those of guards', async () => {
    const { world, post, records } = reporting
    const result = { decision: 'allow', tenant: 'acme', principal: { type: 'User', id: 'eve' } }
    await post('docs', LOGS, log(event({ decision_id: 'of-eve', result })))
    const erased = await world.api('admin', 'POST', '/v1/audit/erase', { tenant: 'acme', entity: 'User::"eve"' })
    expect(erased.status).toBe(200)
    expect(of(await records(), 'of-eve')).toMatchObject([{ decision: 'allow' }])
    expect(JSON.stringify(await records())).not.toContain('User::\\"eve\\"')
  })
})

describe('a batch that is refused changes nothing:', () => {
  const noise = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 7919) % 251))
  const rows: readonly [string, Uint8Array | string, object, number, string][] = [
    ['not gzip', JSON.stringify([event()]), {}, 415, 'ERR_AUTHORITY_CONTENT_TYPE'],
    ['gzip that is not said', log(event()), { 'content-encoding': 'identity' }, 415, 'ERR_AUTHORITY_CONTENT_TYPE'],
    ['cut off', log(event()).subarray(0, 60), {}, 415, 'ERR_AUTHORITY_CONTENT_TYPE'],
    ['empty', '', {}, 415, 'ERR_AUTHORITY_CONTENT_TYPE'],
    ['no JSON by its type', log(event()), { 'content-type': 'text/plain' }, 415, 'ERR_AUTHORITY_CONTENT_TYPE'],
    ['a bomb', gzipSync(Buffer.alloc(1_500_000, '[')), {}, 413, 'ERR_AUTHORITY_REQUEST_TOO_LARGE'],
    ['too large as it comes', noise, {}, 413, 'ERR_AUTHORITY_REQUEST_TOO_LARGE'],
    ['too many events', log(1, 2, 3, 4, 5, 6), {}, 413, 'ERR_AUTHORITY_REQUEST_TOO_LARGE'],
    ['no array', gzipSync(JSON.stringify(event())), {}, 422, 'ERR_AUTHORITY_OPA_REPORT'],
    ['lines', gzipSync(`${JSON.stringify(event())}\n${JSON.stringify(event())}`), {}, 422, 'ERR_AUTHORITY_OPA_REPORT'],
    ['no JSON', gzipSync('[{"a":}'), {}, 422, 'ERR_AUTHORITY_OPA_REPORT'],
  ]
  test.each(rows)('%s', async (_, body, headers, status, code) => {
    const { post, records } = reporting
    const before = await records()
    const response = await post('docs', LOGS, body, headers)
    expect(response.status).toBe(status)
    expect(await bodyOf(response)).toMatchObject({ code })
    expect(await records()).toEqual(before)
  })

  const others = async (): Promise<readonly unknown[]> =>
    (await reporting.records()).filter(({ sender }) => sender !== 'authority')
  const tokens: readonly [string, (world: World) => Promise<string | undefined>, number, string][] = [
    ['without a token', async () => undefined, 401, 'ERR_AUTHORITY_UNAUTHENTICATED'],
    ['with no token', async () => 'Bearer nonsense', 401, 'ERR_AUTHORITY_UNAUTHENTICATED'],
    ['with a token for another audience', accessToken, 401, 'ERR_AUTHORITY_UNAUTHENTICATED'],
    ['with a token that somebody else signed', forged, 401, 'ERR_AUTHORITY_UNAUTHENTICATED'],
    ['with a token that was changed', changed, 401, 'ERR_AUTHORITY_UNAUTHENTICATED'],
    [
      'as a client that is no guard',
      async (world) => `Bearer ${await world.own('sharing')}`,
      403,
      'ERR_AUTHORITY_FORBIDDEN',
    ],
    ['as an auditor', async (world) => `Bearer ${await world.own('auditor')}`, 403, 'ERR_AUTHORITY_FORBIDDEN'],
  ]
  describe.each([
    [LOGS, () => log(event())],
    ['/opa/v1/status', () => JSON.stringify({ labels: { id: 'stranger' } })],
  ])('%s', (path, body) => {
    test.each(tokens)('%s', async (_, tokenOf, status, code) => {
      const before = await others()
      const authorization = await tokenOf(reporting.world)
      const response = await fetch(`${reporting.url}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(path === LOGS ? { 'content-encoding': 'gzip' } : {}),
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: body(),
      })
      expect(response.status).toBe(status)
      expect(await bodyOf(response)).toMatchObject({ code })
      expect(await others()).toEqual(before)
      expect(await reporting.opas()).toEqual([])
    })
  })
})

describe('a batch that comes again', () => {
  test('after a restart is known', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cardea-logs-'))
    const options = { store: join(folder, 'authority.sqlite'), key: Buffer.alloc(32, 7).toString('base64url') }
    const batch = [event({ result: true }), event(), 7]
    const mine = async (one: Reporting): Promise<readonly unknown[]> =>
      (await one.records()).filter(({ service }) => service === 'opa')
    const first = await createReporting(options)
    await first.post('docs', LOGS, log(...batch))
    const before = await mine(first)
    expect(before).toHaveLength(3)
    await first.close()
    const second = await createReporting({ ...options, publish: false })
    expect((await second.post('docs', LOGS, log(...batch))).status).toBe(202)
    expect(await mine(second)).toEqual(before)
    await second.close()
    rmSync(folder, { recursive: true })
  })

  describe('at another authority', () => {
    let server: PostgresServer
    beforeAll(async () => {
      server = await startPostgres()
    }, 60_000)
    afterAll(() => server.remove(), 60_000)

    test('is known, also at the same moment', async () => {
      const options = { store: await server.newDatabase(), key: Buffer.alloc(32, 7).toString('base64url') }
      const first = await createReporting(options)
      const { clock, provider } = first.world
      const second = await createReporting({ ...options, publish: false, clock, provider })
      const batch = Array.from({ length: 700 }, () => event({ result: true }))
      const answers = await Promise.all(
        [first, second, first, second].map((one) => one.post('docs', LOGS, log(...batch))),
      )
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202])
      const kept = (await second.records()).filter(({ service }) => service === 'opa')
      expect(kept).toHaveLength(700)
      await first.close()
      await second.close()
    }, 60_000)
  })
})

async function accessToken(world: World): Promise<string> {
  const { access_token: token } = await bodyOf(await world.exchange())
  expect(token).toEqual(expect.stringContaining('.'))
  return `Bearer ${String(token)}`
}

async function changed(world: World): Promise<string> {
  const [head, , signature] = (await world.own('docs')).split('.')
  const [, body] = (await world.own('mail')).split('.')
  return `Bearer ${head}.${body}.${signature}`
}

async function forged({ clock, provider, authority: { issuer } }: World): Promise<string> {
  const [iat, exp] = [clock.seconds, clock.seconds + 300]
  const claims = {
    iss: issuer,
    sub: 'docs',
    client_id: 'docs',
    aud: issuer,
    iat,
    exp,
    jti: 'j',
    roles: ['guard'],
    audiences: [DOCS],
  }
  return `Bearer ${await issueToken(claims, provider.key, { type: 'at+jwt' })}`
}
