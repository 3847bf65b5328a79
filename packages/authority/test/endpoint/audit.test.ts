// The audit over HTTP, on either database: it is whole until somebody touches the database, and then it says what was touched.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type AuditReport, createFeedClient, verifyAudit } from '@cardea/feed'
import { createLocalKeys, type JsonWebKeySet } from '@cardea/token'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../tools/postgres.ts'
import { bodyOf, createWorld, DOCS, ISSUER, type World } from '../fixture.ts'

const KEY = Buffer.alloc(32, 7).toString('base64url')

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.remove(), 60_000)

interface Place {
  readonly store: string
  /** As somebody who has the database, while no authority runs. */
  run(sql: string): Promise<void>
  remove(): void
}

async function sqlitePlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'cardea-audit-'))
  const store = join(folder, 'authority.sqlite')
  return {
    store,
    async run(sql) {
      const database = new DatabaseSync(store)
      database.exec(sql)
      database.close()
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}

async function postgresPlace(): Promise<Place> {
  const store = await server.newDatabase()
  return {
    store,
    async run(sql) {
      const client = new Client({ connectionString: store })
      await client.connect()
      await client.query(`SET search_path = cardea; ${sql}`)
      await client.end()
    },
    remove: () => {},
  }
}

describe.each([
  ['SQLite', sqlitePlace],
  ['PostgreSQL', postgresPlace],
])('on %s', (_, makePlace) => {
  let place: Place
  let world: World
  const open = (options: Partial<Parameters<typeof createWorld>[0]> = {}): Promise<World> =>
    createWorld({ store: place.store, key: KEY, ...options })
  beforeEach(async () => {
    place = await makePlace()
    world = await open()
    for (const nonce of ['1', '2', '3', '4']) {
      const response = await world.exchange({ subject_token: await world.provider.idToken({ nonce }) })
      expect(response.status).toBe(200)
    }
    await world.authority.service.keepHouse()
  }, 60_000)
  afterEach(async () => {
    await world.authority.close()
    place.remove()
  })

  async function reopened(sql?: string): Promise<void> {
    const { clock, provider } = world
    await world.authority.close()
    if (sql !== undefined) await place.run(sql)
    world = await open({ clock, provider, publish: false })
  }

  test('is whole, vouched for to the last record, and shows no secret', async () => {
    const report = await verify()
    expect(report).toMatchObject({ findings: [], erased: 0 })
    expect(report.records).toBeGreaterThan(3)
    expect(report.vouchedFor).toBe(report.head?.count)
    const text = await exported()
    expect(text).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]*sub|"d":|cardea_rt_/)
  })

  test('goes on after a start, in the same chain', async () => {
    const before = (await verify()).head?.count ?? 0
    await reopened()
    await world.exchange()
    const after = await verify()
    expect(after.findings).toEqual([])
    expect(after.head?.count).toBeGreaterThan(before)
  })

  test.each<[string, string, string]>([
    [
      'one changed byte',
      `UPDATE decisions SET record_json = replace(record_json, 'permit', 'pe_mit') WHERE count = 2`,
      'changed',
    ],
    ['one missing record', 'DELETE FROM decisions WHERE count = 3', 'missing'],
    ['another sender', `UPDATE decisions SET sender = 'somebody' WHERE count = 1`, 'changed'],
    // the records that came since stand where the old ones were
    ['a tail that was cut off', 'DELETE FROM decisions WHERE count >= 4', 'missing'],
    [
      'a tail that was cut off with the end of the chain',
      `UPDATE audit SET hash = (SELECT hash FROM decisions WHERE count = 3), count = 3; DELETE FROM decisions WHERE count >= 4`,
      'checkpoint-differs',
    ],
    [
      'a checkpoint that was changed',
      `UPDATE checkpoints SET signed = replace(signed, '.', '.A')`,
      'checkpoint-signature',
    ],
    [
      'a beginning that was cut off',
      `UPDATE audit SET pruned_count = 2, pruned_hash = (SELECT hash FROM decisions WHERE count = 2); DELETE FROM decisions WHERE count <= 2`,
      'beginning-cut',
    ],
  ])('finds %s', async (_name, sql, fault) => {
    await reopened(sql)
    expect((await verify()).findings.map((finding) => finding.fault)).toContain(fault)
  })

  test('finds a tail that was cut off together with its checkpoint, by what a guard remembers', async () => {
    const cut = (await verify()).head?.count ?? 0
    await world.exchange({ subject_token: await world.provider.idToken({ nonce: 'later' }) })
    await world.authority.service.keepHouse()
    const { count, hash } = (await verify()).head ?? { count: 0, hash: '' }
    const guard = await follow()
    expect(guard.position()).toBeDefined()
    await reopened(
      `UPDATE audit SET hash = (SELECT hash FROM decisions WHERE count = ${cut}), count = ${cut};
       DELETE FROM decisions WHERE count > ${cut}; DELETE FROM checkpoints WHERE count > ${cut}`,
    )
    // before the guard is back nobody knows
    expect((await verify()).findings).toEqual([])
    await guard.tells(count, hash)
    const { findings } = await verify()
    expect(findings).not.toEqual([])
    for (const finding of findings) {
      expect(finding).toMatchObject({ fault: expect.stringMatching(/^(cut|checkpoint-differs)$/), count })
    }
    await guard.close()
  })

  test('takes a person out, who is then in no answer, and is whole', async () => {
    const erase = await world.api('admin', 'POST', '/v1/audit/erase', { tenant: 'acme', entity: 'User::"ann"' })
    expect(erase.status).toBe(200)
    expect((await bodyOf(erase))['records']).toBe(4)
    expect(await exported()).not.toContain('ann')
    const log = await bodyOf(await world.api('auditor', 'GET', '/v1/log?limit=1000'))
    expect(JSON.stringify(log)).not.toMatch(/ann|erased/)
    expect(await verify()).toMatchObject({ findings: [], erased: 4 })
    const again = await world.api('admin', 'POST', '/v1/audit/erase', { tenant: 'acme', entity: 'User::"ann"' })
    expect(again.status).toBe(404)
  })

  test('keeps verifying when the key of checkpoints is rotated; what a killed one signed counts no more', async () => {
    const { active } = await world.authority.service.rotateKeys('audit')
    await world.exchange({ subject_token: await world.provider.idToken({ nonce: 'rotated' }) })
    expect((await verify()).findings).toEqual([])
    await world.authority.service.revoke({ kind: 'key', kid: active ?? '' })
    expect((await verify()).findings.map(({ fault }) => fault)).toContain('checkpoint-signature')
  })

  test('lets go of old records up to a checkpoint, and is whole', async () => {
    world.clock.seconds += 31 * 86_400
    await world.authority.service.keepHouse()
    await world.exchange({ subject_token: await world.provider.idToken({ nonce: 'new' }) })
    const report = await verify()
    expect(report.findings).toEqual([])
    expect(report.records).toBeLessThan(report.head?.count ?? 0)
  })

  async function exported(): Promise<string> {
    const response = await world.api('auditor', 'GET', '/v1/audit')
    expect(response.status).toBe(200)
    return response.text()
  }

  async function verify(): Promise<AuditReport> {
    const keys = await bodyOf(await world.authority.app.request(`${ISSUER}/v1/audit-keys`))
    const text = await exported()
    async function* lines(): AsyncGenerator {
      for (const line of text.trimEnd().split('\n')) yield JSON.parse(line)
    }
    return verifyAudit(lines(), {
      keys: createLocalKeys(keys as unknown as JsonWebKeySet),
      issuer: ISSUER,
      now: () => world.clock.seconds,
    })
  }

  /** A guard that hears of the newest checkpoint. */
  async function follow(): Promise<Guard> {
    const client = createFeedClient({
      authority: ISSUER,
      audience: DOCS,
      credentials: () => world.own('docs'),
      bundleKeys: createLocalKeys(world.authority.bundleKeys()),
      fetch: async (input, init) => world.authority.app.request(input instanceof Request ? input.url : input, init),
      now: () => world.clock.seconds,
    })
    await client.start()
    return {
      position: () => client.state().position,
      async tells(count, hash) {
        const query = `audience=${DOCS}&start=s&started=1&applied=1&applied_epoch=${client.state().position.epoch}&audited=${count}.${hash}`
        expect((await world.api('docs', 'GET', `/v1/feed/head?${query}`)).status).toBe(200)
      },
      close: () => client.close(),
    }
  }
})

interface Guard {
  position(): unknown
  tells(count: number, hash: string): Promise<void>
  close(): Promise<void>
}

test('is for auditors and administrators, and nobody else erases than these', async () => {
  const world = await createWorld()
  for (const client of ['docs', 'sharing', 'web-server'] as const) {
    expect((await world.api(client, 'GET', '/v1/audit')).status).toBe(403)
  }
  const body = { tenant: 'acme', entity: 'User::"ann"' }
  for (const client of ['docs', 'sharing', 'auditor'] as const) {
    expect((await world.api(client, 'POST', '/v1/audit/erase', body)).status).toBe(403)
  }
  await world.authority.close()
})
