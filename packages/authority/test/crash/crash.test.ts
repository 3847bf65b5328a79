// `kill -9` right after an answer: nothing that was acknowledged is lost, on either store. `CARDEA_CRASH_TRIALS=20` makes so many trials of each kind.
// A kill does not test whether the disk has it: that both stores wait for the disk is asserted beside.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { generateSigningKey, issueToken, publicJwk, type SigningKey } from '@cardea/token'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../tools/postgres.ts'
import { hashRefreshToken } from '../../src/endpoint/token/refresh-token.ts'
import { newEpoch, openStore } from '../../src/store/open-store.ts'
import { openSqlite } from '../../src/store/sqlite/node-sqlite.ts'
import type { Store, StoreView } from '../../src/store/store.ts'
import { basic, DOCS, EXCHANGE, ID_TOKEN, IDP, ISSUER, POLICIES, SCHEMA, SECRETS } from '../fixture.ts'

const TRIALS = Number(process.env['CARDEA_CRASH_TRIALS'] ?? 1)
const KEY = Buffer.alloc(32, 7).toString('base64url')
const seconds = (): number => Math.floor(Date.now() / 1000)

const folder = mkdtempSync(join(tmpdir(), 'cardea-crash-'))
let server: PostgresServer
let providerKey: SigningKey
beforeAll(async () => {
  server = await startPostgres()
  providerKey = await generateSigningKey('ES256')
}, 60_000)
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server.remove()
}, 60_000)

interface Running {
  readonly url: string
  readonly process: ChildProcess
  /** A token for the API. */
  readonly admin: string
}

async function start(store: string): Promise<Running> {
  const options = {
    issuer: ISSUER,
    store,
    key: KEY,
    audiences: [{ id: DOCS }],
    clients: [
      { id: 'web-server', secret: SECRETS['web-server'], audiences: [DOCS] },
      { id: 'browser', audiences: [DOCS], session: true },
      { id: 'admin', secret: SECRETS.admin, roles: ['admin', 'granter'], tenants: ['*'], templates: ['*'] },
    ],
    providers: [
      {
        issuer: IDP,
        clients: ['web-server', 'browser'],
        tenants: ['acme'],
        attributes: { tenant: '$tenant' },
        algorithms: ['ES256'],
        keys: { keys: [publicJwk(providerKey)] },
      },
    ],
  }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'child.ts'), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  const admin = await post(url, '/token', { grant_type: 'client_credentials' }, { authorization: basic('admin') })
  return { url, process: child, admin: `Bearer ${String(admin['access_token'])}` }
}

async function kill({ process: child }: Running): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

type Answer = Record<string, unknown>

async function post(url: string, path: string, body: unknown, headers: Record<string, string>): Promise<Answer> {
  const isForm = path === '/token'
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json', ...headers },
    body: isForm ? new URLSearchParams(body as Record<string, string>) : JSON.stringify(body),
  })
  const answer = (await response.json()) as Answer
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
  return answer
}

/** An exchange of a new ID token, by a client with a secret or a public one. */
async function signIn(url: string, client: 'web-server' | 'browser', sub: string): Promise<Answer> {
  const iat = seconds() - 5
  const idToken = await issueToken({ iss: IDP, sub, aud: client, iat, exp: iat + 600 }, providerKey, { type: 'JWT' })
  const form = { grant_type: EXCHANGE, subject_token: idToken, subject_token_type: ID_TOKEN, audience: DOCS }
  return client === 'browser'
    ? post(url, '/token', { ...form, client_id: client }, {})
    : post(url, '/token', form, { authorization: basic(client) })
}

/** Grants whose record must be there, in this database. */
let recorded = 0

/** Something that is acknowledged, and what must be in the store from then on. */
type Kind = (running: Running, at: number) => Promise<(view: StoreView) => Promise<boolean>>

const KINDS: { readonly [name: string]: Kind } = {
  async grant({ url, admin }, at) {
    const resource = `Document::"${crypto.randomUUID()}"`
    const body = { tenant: 'acme', template: 'viewer', grantee: `User::"p${at}"`, resource }
    const { id } = await post(url, '/v1/grants', body, { authorization: admin })
    return async (view) => (await view.grant(String(id))) !== undefined
  },
  async 'record of a change'({ url, admin }, at) {
    const grantee = `User::"r${at}"`
    const body = { tenant: 'acme', template: 'viewer', grantee, resource: 'Document::"recorded"' }
    const before = recorded
    recorded += 1
    const { id } = await post(url, '/v1/grants', body, { authorization: admin })
    return async (view) => {
      const records = (await view.auditEntries(0, 100_000)).map(({ record }) => record['action'])
      const made = records.filter((action) => action === 'makeGrant').length
      return (await view.grant(String(id))) !== undefined && made > before
    }
  },
  async revocation({ url, admin }, at) {
    const sid = `session-${at}`
    await post(url, '/v1/revocations', { key: { kind: 'session', sid } }, { authorization: admin })
    return async (view) =>
      (await view.revocations(seconds())).some(({ key }) => key.kind === 'session' && key.sid === sid)
  },
  async 'key change'({ url, admin }) {
    const { pending } = await post(url, '/v1/keys/rotate', { now: true }, { authorization: admin })
    return async (view) => (await view.keys()).some(({ kid }) => kid === pending)
  },
  async publication({ url, admin }, at) {
    const current = await fetch(`${url}/v1/policies/current`, { headers: { authorization: admin } })
    const body = {
      schema: { file: 'schema.cedarschema', text: SCHEMA },
      policies: [{ file: 'policies.cedar', text: `${POLICIES}\n// ${at}` }],
    }
    const headers = { authorization: admin, 'if-match': current.headers.get('etag') ?? '' }
    const { revision } = await post(url, '/v1/policies', body, headers)
    return async (view) => ((await view.publication())?.revision ?? 0) >= Number(revision)
  },
  async 'sign-in'({ url }, at) {
    const { access_token } = await signIn(url, 'web-server', `subject-${at}`)
    const { sid } = JSON.parse(Buffer.from(String(access_token).split('.')[1] ?? '', 'base64url').toString())
    return async (view) => (await view.session(sid)) !== undefined
  },
  async refresh({ url }, at) {
    const { refresh_token: spent } = await signIn(url, 'browser', `subject-${at}`)
    const form = { grant_type: 'refresh_token', refresh_token: String(spent), client_id: 'browser' }
    const { refresh_token: successor } = await post(url, '/token', form, {})
    return async (view) => {
      const [before, after] = [spent, successor].map((text) => view.refreshToken(hashRefreshToken(String(text))))
      return (
        (await before)?.spentAtSeconds !== undefined &&
        (await after)?.spentAtSeconds === undefined &&
        (await after) !== undefined
      )
    }
  },
}

const open = (location: string): Promise<Store> => openStore({ location, now: seconds, newEpoch, failed: () => {} })

describe.each([
  ['SQLite', async () => join(folder, 'authority.sqlite')],
  ['PostgreSQL', () => server.newDatabase()],
])('a killed authority on %s', (_name, locate) => {
  test(
    'has lost nothing that it acknowledged',
    async () => {
      const location = await locate()
      recorded = 0
      const acknowledged: [string, (view: StoreView) => Promise<boolean>][] = []
      const publication = KINDS['publication']
      let at = 0
      for (let trial = 0; trial < TRIALS; trial += 1) {
        for (const [name, act] of Object.entries(KINDS)) {
          const running = await start(location)
          at += 1
          // grants and tokens need a policy
          if (at === 1) acknowledged.push(['publication', (await publication?.(running, 0)) ?? (async () => false)])
          acknowledged.push([name, await act(running, at)])
          await kill(running)
          const store = await open(location)
          const lost = await store.read(async (view) => {
            const missing = []
            for (const [what, isThere] of acknowledged) if (!(await isThere(view))) missing.push(what)
            return missing
          })
          await store.close()
          expect(lost).toEqual([])
        }
      }
      expect(acknowledged).toHaveLength(1 + TRIALS * Object.keys(KINDS).length)
    },
    120_000 * TRIALS,
  )
})

describe('an acknowledged write', () => {
  test('is on disk: SQLite syncs its log with each commit', () => {
    const database = openSqlite(join(folder, 'pragma.sqlite'))
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    database.close()
  })
})
