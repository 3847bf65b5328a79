// A stock OPA behind a proxy that changes what it passes on, or counts it; over plain HTTP on loopback, where OPA takes its token from a file.

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { serve } from '@hono/node-server'
import { OPA_TOKEN_FILE, opaBootConfiguration, type OpaObject } from '@cardea/opa'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type OpaServer, requireOpa, startOpa } from '../../../../../tools/opa.ts'
import { createWorld, DOCS, ISSUER, MAIL, SECRETS, sources, type World } from '../../fixture.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 })

let world: World
let folder: string
/** Names of the bundles that were asked for. */
let asked: string[]
/** What becomes of an answer with a bundle of this kind. */
let change: (kind: string, bundle: Uint8Array) => Promise<Uint8Array> | Uint8Array
let server: ReturnType<typeof serve>
let opas: OpaServer[]
beforeEach(async () => {
  world = await createWorld({
    audiences: [
      { id: DOCS, opa: true },
      { id: MAIL, opa: true },
    ],
    clients: [{ id: 'docs', secret: SECRETS.docs, roles: ['guard'], audiences: [DOCS, MAIL] }],
    providers: [],
    directory: [],
  })
  folder = await mkdtemp(join(tmpdir(), 'cardea-proxied-'))
  asked = []
  opas = []
  change = (_, bundle) => bundle
  server = serve({ port: 0, hostname: '127.0.0.1', fetch: passOn })
  await once(server, 'listening')
})
afterEach(async () => {
  await Promise.all(opas.map((opa) => opa.stop()))
  server.close()
  await world.authority.close()
  await rm(folder, { recursive: true })
})

async function passOn(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const { headers, signal } = request
  const kind = pathname.split('/').at(-1) ?? ''
  asked.push(kind)
  const answer = await world.authority.app.request(`${ISSUER}${pathname}${search}`, { headers, signal })
  if (answer.status !== 200) return answer
  const bundle = await change(kind, new Uint8Array(await answer.arrayBuffer()))
  return new Response(Buffer.from(bundle), { headers: answer.headers })
}

async function boot(command: string, changes: OpaObject = {}): Promise<OpaServer> {
  const tokenFile = join(folder, OPA_TOKEN_FILE)
  await writeFile(tokenFile, await world.own('docs'))
  const { port } = server.address() as AddressInfo
  const keys = world.authority.bundleKeys()
  const url = `http://127.0.0.1:${port}`
  const printed = opaBootConfiguration({ url, audience: DOCS, clientId: 'docs', keys })
  expect(printed['services']).toEqual({
    cardea: { url: `${url}/opa/v1`, credentials: { bearer: { token_path: OPA_TOKEN_FILE } } },
  })
  const services = { cardea: { url: `${url}/opa/v1`, credentials: { bearer: { token_path: tokenFile } } } }
  const file = join(folder, 'opa.json')
  await writeFile(file, JSON.stringify({ ...printed, services, persistence_directory: folder, ...changes }))
  const opa = await startOpa({ command, args: ['--config-file', file] })
  opas.push(opa)
  return opa
}

async function dataOf(opa: OpaServer, path: string): Promise<unknown> {
  const response = await fetch(`${opa.url}/v1/data/${path}`)
  return ((await response.json()) as { result?: unknown }).result
}

const eventually = (holds: () => Promise<void> | void): Promise<void> =>
  vi.waitFor(holds, { timeout: 15_000, interval: 5 })

const activated = (opa: OpaServer): Promise<void> =>
  eventually(async () => {
    expect(await dataOf(opa, 'cardea_data/settings')).toBeDefined()
    expect(await dataOf(opa, 'cardea_data/news')).toBeDefined()
  })

test('a question waits, and the next one is not asked at once', async ({ skip }) => {
  const opa = await boot(await requireOpa(skip))
  await activated(opa)
  await world.authority.service.revoke({ kind: 'session', sid: 's1' })
  await eventually(async () => {
    expect(JSON.stringify(await dataOf(opa, 'cardea_data/news'))).toContain('"s1"')
    expect(asked.filter((name) => name === 'news').length).toBeGreaterThan(2)
  })
  const questions = (kind: string): number => asked.filter((name) => name === kind).length
  // the first, and the one that is held; of news one more for the revocation, and one should they have got old
  expect([questions('policy'), questions('discovery')]).toEqual([2, 2])
  expect(questions('news')).toBeLessThanOrEqual(4)
})

test('a byte that was changed on the way is refused, and what was there stays', async ({ skip }) => {
  const opa = await boot(await requireOpa(skip))
  await activated(opa)
  change = (kind, bundle) => (kind === 'policy' ? raiseRevision(bundle) : bundle)
  await world.authority.service.publish(sources)
  await eventually(() => expect(opa.output()).toMatch(/data\.json: digest mismatch/))
  expect(await dataOf(opa, 'cardea_data/settings/revision')).toBe(1)
  // and when nobody changes it any more, it goes on
  change = (_, bundle) => bundle
  await eventually(async () => expect(await dataOf(opa, 'cardea_data/settings/revision')).toBe(2))
})

test('a bundle of another kind or audience is refused though its signature is right', async ({ skip }) => {
  const command = await requireOpa(skip)
  for (const [kind, audience] of [
    ['news', DOCS],
    ['policy', MAIL],
  ] as const) {
    const other = await world.authority.app.request(
      `${ISSUER}/opa/v1/bundles/${kind}?audience=${encodeURIComponent(audience)}`,
      { headers: { authorization: `Bearer ${await world.own('docs')}` } },
    )
    const instead = new Uint8Array(await other.arrayBuffer())
    change = (asked, bundle) => (asked === 'policy' ? instead : bundle)
    const opa = await boot(command)
    await eventually(() => expect(opa.output()).toMatch(/scope mismatch/))
    expect(await dataOf(opa, 'cardea_data/settings')).toBeUndefined()
  }
})

test('a delta bundle, which nobody signs, is refused', async ({ skip }) => {
  const patch = { data: [{ op: 'replace', path: '/cardea_data/news/revocations', value: {} }] }
  const files = { '.manifest': { revision: '9', roots: ['cardea_data/news'] }, 'patch.json': patch }
  const entries = Object.entries(files).map(([name, json]) => {
    const body = JSON.stringify(json)
    return { header: { name, size: body.length }, body }
  })
  const delta = gzipSync(await packTar(entries))
  const opa = await boot(await requireOpa(skip))
  await activated(opa)
  change = (kind, bundle) => (kind === 'news' ? delta : bundle)
  await world.authority.service.revoke({ kind: 'session', sid: 's1' })
  await eventually(() => expect(opa.output()).toMatch(/delta bundle/))
  expect(await dataOf(opa, 'cardea_data/news')).toBeDefined()
})

/** In the data, whose number is the same length. */
function raiseRevision(bundle: Uint8Array): Uint8Array {
  const archive = gunzipSync(bundle)
  const at = archive.indexOf('"revision":2}')
  if (at === -1) throw new Error('the number is written in another way')
  archive.write('"revision":9}', at)
  return gzipSync(archive)
}
