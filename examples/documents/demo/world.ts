// The parts of the tour, all real: an OpenID provider, an authority, the document service, each on a free loopback port.

import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Authority, createAuthority, createSilentLog } from '@cardea/authority'
import { createGuard, type DecisionEvent, type Guard, type GuardRequest } from '@cardea/guard'
import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import { freePort } from '../../../tools/free-port.ts'
import { fill } from '../people/documents.ts'
import { PEOPLE } from '../people/people.ts'
import { CLIENT_ID, CLIENT_SECRET, type RunningProvider, startProvider } from '../people/provider.ts'
import { schema } from '../schema.gen.ts'
import { createService } from '../service/app.ts'
import { type Database, openDatabase } from '../service/database.ts'
import { createSharing } from '../service/sharing.ts'
import { createAdmin, type Admin } from './admin.ts'

export const AUDIENCE = 'https://documents.example'
export const ANOTHER_AUDIENCE = 'https://calendar.example'

const TOKEN_SECONDS = 300
const OPA_CLIENT_ID = 'documents-opa'

export interface World {
  readonly provider: RunningProvider
  readonly authority: RunningAuthority
  /** In development: an answer explains itself. */
  readonly service: RunningService
  /** The same service as in production: an answer says nothing of why. */
  readonly bland: RunningService
  /** The same service, whose clock is ten minutes ahead. */
  readonly late: RunningService
  readonly admin: Admin
  /** What the service's own log says of each decision, newest last. */
  readonly decisions: readonly DecisionEvent[]
  /** SQL statements that the service has run, newest last. */
  readonly queries: readonly LoggedQuery[]
  /** Whose bundles an OPA beside another service may have. */
  readonly opaClient: { readonly id: string; readonly secret: string }
  /** For the files of whatever a step starts; gone with the tour. */
  readonly folder: string
  /** Called when the tour ends. */
  onClose(close: () => Promise<void>): void
  close(): Promise<void>
}

export interface RunningAuthority {
  readonly url: string
  /** What whoever follows it pins. */
  bundleKeys(): ReturnType<Authority['bundleKeys']>
  /** Stops it, as if its machine were gone. */
  stop(): Promise<void>
  /** Starts it again on the same database and port. */
  start(): Promise<void>
}

export interface RunningService {
  readonly port: number
  readonly guard: Guard
  readonly db: Kysely<Database>
}

export interface LoggedQuery {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

export interface PolicyText {
  readonly file: string
  readonly text: string
}

/** Starts everything in order and publishes the policy. `folder` holds the authority's database. */
export async function startWorld(folder: string): Promise<World> {
  const provider = await startProvider()
  const authority = await startAuthority(provider.issuer, folder)
  const admin = createAdmin(authority.url, 'admin', authority.secrets.admin)
  await admin.publish(await policyFiles())
  await seedGrants(admin)
  const queries: LoggedQuery[] = []
  const decisions: DecisionEvent[] = []
  const service = await startService(authority, { development: true, queries, decisions })
  const bland = await startService(authority, { development: false })
  const late = await startService(authority, { development: true, decisions, aheadSeconds: 600 })
  const closers: (() => Promise<void>)[] = []
  return {
    folder,
    opaClient: { id: OPA_CLIENT_ID, secret: authority.secrets.opa },
    onClose: (close) => void closers.push(close),
    provider,
    authority,
    service,
    bland,
    late,
    admin,
    queries,
    decisions,
    async close() {
      // one that fails leaves no other open
      await Promise.allSettled(closers.map((close) => close()))
      for (const { app, guard } of [service, bland, late]) {
        await app.close()
        await guard.close()
      }
      await authority.stop()
      await provider.close()
    },
  }
}

const POLICY_FOLDER = join(import.meta.dirname, '..', 'policy')

/** The schema and the policies as they stand in the example. */
export async function policyFiles(): Promise<{ schema: PolicyText; policies: PolicyText[] }> {
  const read = async (file: string): Promise<PolicyText> => ({
    file,
    text: await readFile(join(POLICY_FOLDER, file), 'utf8'),
  })
  return { schema: await read('schema.cedarschema'), policies: [await read('policies.cedar')] }
}

interface OwnAuthority extends RunningAuthority {
  readonly secrets: Readonly<Record<'admin' | 'service' | 'opa', string>>
}

async function startAuthority(providerIssuer: string, folder: string): Promise<OwnAuthority> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const secrets = { admin: secret(), service: secret(), opa: secret() }
  const open = async (): Promise<Authority> => {
    const authority = await createAuthority({
      issuer: url,
      store: join(folder, 'authority.sqlite'),
      development: true,
      log: createSilentLog(),
      audiences: [
        { id: AUDIENCE, tokenSeconds: TOKEN_SECONDS, opa: true },
        { id: ANOTHER_AUDIENCE, tokenSeconds: TOKEN_SECONDS },
      ],
      clients: [
        { id: 'admin', secret: secrets.admin, roles: ['admin'] },
        {
          id: 'documents-service',
          secret: secrets.service,
          roles: ['guard', 'granter'],
          audiences: [AUDIENCE],
          tenants: ['*'],
          templates: ['viewer', 'editor'],
        },
        { id: OPA_CLIENT_ID, secret: secrets.opa, roles: ['guard'], audiences: [AUDIENCE], tenants: ['*'] },
        { id: CLIENT_ID, secret: CLIENT_SECRET, audiences: [AUDIENCE, ANOTHER_AUDIENCE] },
      ],
      providers: [
        {
          issuer: providerIssuer,
          clients: [CLIENT_ID],
          tenants: ['acme', 'globex'],
          tenantClaim: 'tenant',
          // this provider puts no `typ` into its ID tokens
          idTokenType: 'none',
          attributes: { tenant: '$tenant', networks: 'networks', external: 'external' },
          parents: { Team: 'teams', Role: 'roles' },
        },
      ],
      directory: PEOPLE.map(({ id, tenant }) => ({ id, issuer: providerIssuer, tenant, subject: id })),
    })
    await authority.listen({ port })
    return authority
  }
  let running = await open()
  return {
    url,
    secrets,
    bundleKeys: () => running.bundleKeys(),
    stop: () => running.close(),
    async start() {
      running = await open()
    },
  }
}

interface ServiceMode {
  readonly development: boolean
  readonly queries?: LoggedQuery[]
  readonly decisions?: DecisionEvent[]
  /** How far its clock is ahead. */
  readonly aheadSeconds?: number
}

async function startService(
  authority: OwnAuthority,
  { development, queries = [], decisions = [], aheadSeconds = 0 }: ServiceMode,
): Promise<RunningService & { readonly app: FastifyInstance }> {
  const client = { id: 'documents-service', secret: authority.secrets.service }
  const guard = await createGuard({
    schema,
    authority: authority.url,
    audience: AUDIENCE,
    client,
    bundleKeys: authority.bundleKeys(),
    trustedProxies: ['127.0.0.1'],
    tenantOf: tenantOfHost,
    development,
    now: () => Date.now() / 1000 + aheadSeconds,
    onDecision: (event) => decisions.push(event),
    log: { info() {}, warn() {}, error() {} },
  })
  const db = openDatabase((query) => queries.push({ sql: query.sql, parameters: query.parameters }))
  await fill(db)
  const app = await createService({
    guard,
    db,
    sharing: createSharing({
      authority: authority.url,
      token: () => createAdmin(authority.url, client.id, client.secret).token(),
      tenants: new Map(PEOPLE.map((person) => [person.id, person.tenant])),
    }),
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, guard, db, port: (app.server.address() as AddressInfo).port }
}

/** `acme.localhost:3000` is acme's address; a token of another tenant is refused there. */
function tenantOfHost({ headers }: GuardRequest): string | undefined {
  return /^([a-z]+)\.localhost(?::\d+)?$/.exec(String(headers['host']))?.[1]
}

/** What people were given before the tour: Ann reads the plans, Nina has 200 grants through nine teams. */
async function seedGrants(admin: Admin): Promise<void> {
  await admin.grant({ tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource: 'Folder::"plans"' })
  const templates = ['viewer', 'editor'] as const
  const nina = PEOPLE.find((person) => person.id === 'nina')
  for (let at = 0; at < 200; at += 1) {
    const team = nina?.teams[at % nina.teams.length] ?? ''
    const template = templates[at % templates.length] ?? 'viewer'
    await admin.grant({ tenant: 'acme', grantee: `Team::"${team}"`, template, resource: `Document::"${randomUUID()}"` })
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}
