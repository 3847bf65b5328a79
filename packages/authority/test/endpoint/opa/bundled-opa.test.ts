// A stock OPA on the authority's bundles, over TLS, from the configuration that `cardea opa config` prints: it boots, discovers, activates,
// follows, and refuses what was not signed for it.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { opaBootConfiguration, OPA_SECRET_VARIABLE, type OpaObject } from '@cardea/opa'
import { generateSigningKey, type JsonWebKeySet, publicJwk } from '@cardea/token'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { freePort } from '../../../../../tools/free-port.ts'
import { type OpaServer, requireOpa, startOpa } from '../../../../../tools/opa.ts'
import { openWorkshop, type Workshop } from '../../certificates.ts'
import { createWorld, DOCS, MAIL, SECRETS, sources, type World } from '../../fixture.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 })

const CLIENTS = [
  { id: 'docs', secret: SECRETS.docs, roles: ['guard' as const], audiences: [DOCS] },
  { id: 'mail', secret: SECRETS.mail, roles: ['guard' as const], audiences: [MAIL] },
]

let workshop: Workshop
let world: World
let url: string
let folder: string
let opas: OpaServer[]
beforeEach(async () => {
  workshop = openWorkshop()
  const port = await freePort()
  url = `https://127.0.0.1:${port}`
  const audiences = [
    { id: DOCS, opa: true },
    { id: MAIL, opa: true },
  ]
  world = await createWorld({
    issuer: url,
    tls: workshop.files,
    audiences,
    clients: CLIENTS,
    providers: [],
    directory: [],
  })
  await world.authority.listen({ port })
  folder = await mkdtemp(join(tmpdir(), 'cardea-opa-'))
  opas = []
})
afterEach(async () => {
  await Promise.all(opas.map((opa) => opa.stop()))
  await world.authority.close()
  workshop.close()
  await rm(folder, { recursive: true })
})

interface Boot {
  readonly client?: keyof typeof SECRETS
  readonly audience?: string
  readonly keys?: JsonWebKeySet
  readonly secret?: string
}

/** The printed configuration, and where the files of this test are. */
async function boot(
  command: string,
  { client = 'docs', audience = DOCS, keys = world.authority.bundleKeys(), secret = SECRETS[client] }: Boot = {},
): Promise<OpaServer> {
  const printed = opaBootConfiguration({ url, audience, clientId: client, keys })
  const { cardea: service } = printed['services'] as { cardea: OpaObject }
  const configuration = {
    ...printed,
    services: { cardea: { ...service, tls: { ca_cert: workshop.files.ca } } },
    persistence_directory: folder,
  }
  const file = workshop.write(JSON.stringify(configuration))
  const opa = await startOpa({
    command,
    args: ['--config-file', file],
    env: { [OPA_SECRET_VARIABLE]: secret },
  })
  opas.push(opa)
  return opa
}

async function dataOf(opa: OpaServer, path: string): Promise<unknown> {
  const response = await fetch(`${opa.url}/v1/data/${path}`)
  return ((await response.json()) as { result?: unknown }).result
}

const isReady = async (opa: OpaServer): Promise<boolean> => (await fetch(`${opa.url}/health?bundles&plugins`)).ok

const eventually = (holds: () => Promise<void>): Promise<void> => vi.waitFor(holds, { timeout: 15_000, interval: 5 })

/** Until both bundles are activated. */
async function activated(opa: OpaServer): Promise<void> {
  await eventually(async () => {
    expect(await dataOf(opa, 'cardea_data/settings')).toBeDefined()
    expect(await dataOf(opa, 'cardea_data/news')).toBeDefined()
  })
}

/** Until OPA says so in its log. */
const complains = (opa: OpaServer, reason: RegExp): Promise<void> =>
  eventually(async () => expect(opa.output()).toMatch(reason))

const revision = async (opa: OpaServer): Promise<unknown> => dataOf(opa, 'cardea_data/settings/revision')

describe('a stock OPA', () => {
  test('boots from the printed configuration, discovers, and activates policy and news', async ({ skip }) => {
    const opa = await boot(await requireOpa(skip))
    await activated(opa)
    expect(await dataOf(opa, 'cardea_data/settings')).toMatchObject({ audience: DOCS, issuer: url, revision: 1 })
    expect(await dataOf(opa, 'cardea_data/news')).toMatchObject({ audience: DOCS, policy: { revision: 1 } })
  })

  test('hears of a revocation within two seconds', async ({ skip, annotate }) => {
    const opa = await boot(await requireOpa(skip))
    await activated(opa)
    const took: number[] = []
    for (let n = 0; n < 20; n += 1) {
      await world.authority.service.revoke({ kind: 'session', sid: `s${n}` })
      const answered = performance.now()
      await eventually(async () => {
        const revocations = (await dataOf(opa, 'cardea_data/news/revocations')) as Record<string, { sessions: object }>
        expect(Object.values(revocations).flatMap(({ sessions }) => Object.keys(sessions))).toContain(`s${n}`)
      })
      took.push(performance.now() - answered)
    }
    const sorted = took.toSorted((left, right) => left - right)
    const [middle = 0, most = Number.POSITIVE_INFINITY] = [sorted[10], sorted.at(-1)]
    await annotate(`p50 ${middle.toFixed(0)} ms, max ${most.toFixed(0)} ms`)
    expect(most).toBeLessThan(2000)
  })

  test('follows publications and two rotations of the key that signs them, and not a third', async ({ skip }) => {
    const opa = await boot(await requireOpa(skip))
    await activated(opa)
    const rotateAndPublish = async (): Promise<void> => {
      await world.authority.service.rotateKeys('bundle')
      await world.authority.service.publish(sources)
    }
    // signed by a key that was pinned, and that says the next one
    await rotateAndPublish()
    await eventually(async () => expect(await revision(opa)).toBe(3))
    await rotateAndPublish()
    await eventually(async () => expect(await revision(opa)).toBe(5))
    await complains(opa, /Discovery download failed: verification key corresponding to ID/)
    await rotateAndPublish()
    await complains(opa, /Bundle load failed: verification key corresponding to ID/)
    expect(await revision(opa)).toBe(5)
  })

  test('starts without the authority from what it has kept', async ({ skip }) => {
    const command = await requireOpa(skip)
    const before = await boot(command)
    await activated(before)
    await eventually(async () => expect(await isReady(before)).toBe(true))
    await before.stop()
    await world.authority.close()
    const opa = await boot(command)
    await activated(opa)
    expect(await revision(opa)).toBe(1)
  })
})

describe('a stock OPA activates nothing', () => {
  test('that is signed by a key which it does not believe', async ({ skip }) => {
    const keys = { keys: [publicJwk(await generateSigningKey('ES256'))] }
    const opa = await boot(await requireOpa(skip), { keys })
    await complains(opa, /verification key corresponding to ID .* not found/)
    expect(await dataOf(opa, 'cardea')).toBeUndefined()
    expect(await dataOf(opa, 'cardea_data')).toBeUndefined()
  })

  test('that is signed by another key under an id which it believes', async ({ skip }) => {
    const { keys: known } = world.authority.bundleKeys()
    const other = publicJwk(await generateSigningKey('ES256'))
    const opa = await boot(await requireOpa(skip), {
      keys: { keys: known.map(({ kid }) => ({ ...other, kid: String(kid) })) },
    })
    await complains(opa, /failed to verify JWT signature/)
    expect(await dataOf(opa, 'cardea')).toBeUndefined()
    expect(await dataOf(opa, 'cardea_data')).toBeUndefined()
  })

  test('of an audience that its client does not have', async ({ skip }) => {
    const opa = await boot(await requireOpa(skip), { audience: MAIL })
    await complains(opa, /server replied with Not Found/)
    expect(await dataOf(opa, 'cardea')).toBeUndefined()
    expect(await dataOf(opa, 'cardea_data')).toBeUndefined()
  })

  test('with a secret that is none', async ({ skip }) => {
    const opa = await boot(await requireOpa(skip), { secret: 'not the secret' })
    await complains(opa, /invalid_client/)
    expect(await dataOf(opa, 'cardea')).toBeUndefined()
    expect(await dataOf(opa, 'cardea_data')).toBeUndefined()
  })
})
