// A stock OPA that reports to an authority: its decisions arrive once, whatever happens on the way, and its status beside those of guards.

import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { maskPolicy } from '@cardea/opa'
import { afterEach, expect, test, vi } from 'vitest'
import { runCommand } from '../../../../../tools/command.ts'
import { type OpaServer, requireOpa, startOpa } from '../../../../../tools/opa.ts'
import { createReporting, type Reporting } from './reporting.ts'

vi.setConfig({ testTimeout: 60_000 })

const POLICY = 'package app\n\nallow if input.user == "ann"\n'
const TOKEN = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl'

const UUID = /^[\da-f]{8}-[\da-f-]{27}$/

const SECONDLY = { min_delay_seconds: 1, max_delay_seconds: 1 }

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** What becomes of the n-th decision log on its way. */
type Weather = (n: number) => 'through' | 'refused' | 'answer-lost'

interface Stage {
  readonly reporting: Reporting
  readonly opa: OpaServer
  /** The ids of decisions, in order. */
  ask(this: void, user: string): Promise<string>
  /** How many decision logs were sent. */
  sent(this: void): number
}

interface StageOptions {
  readonly weather?: Weather
  /** The bundle that is served, if one is. */
  readonly bundle?: () => Uint8Array<ArrayBuffer>
}

async function setStage(command: string, { weather = () => 'through', bundle }: StageOptions): Promise<Stage> {
  const reporting = await createReporting()
  closing.push(() => reporting.close())
  let logs = 0
  const proxy = createServer((request, response) => {
    void (async () => {
      const body = await bytesOf(request)
      if (request.method === 'GET') {
        response.end(bundle?.())
        return
      }
      const isLog = request.url?.startsWith('/opa/v1/logs') === true
      if (isLog) logs += 1
      const fate = isLog ? weather(logs) : 'through'
      let status = 500
      if (fate !== 'refused') {
        const { host: _host, connection: _connection, ...headers } = request.headers
        const { url: path = '', method = '' } = request
        const given = Object.entries(headers).map(([name, value]) => [name, String(value)])
        const answer = await fetch(`${reporting.url}${path}`, { method, headers: Object.fromEntries(given), body })
        await answer.arrayBuffer()
        if (fate === 'through') ({ status } = answer)
      }
      response.writeHead(status).end()
    })()
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  closing.push(async () => {
    proxy.closeAllConnections()
    await new Promise((resolve) => proxy.close(resolve))
  })
  const folder = await mkdtemp(join(tmpdir(), 'cardea-reports-'))
  closing.push(() => rm(folder, { recursive: true }))
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/opa/v1`
  const credentials = { bearer: { token_path: join(folder, 'token') } }
  const config = {
    // an OPA names each start of it, whatever is configured
    labels: { id: 'opa-of-docs' },
    services: { authority: { url, credentials } },
    decision_logs: {
      service: 'authority',
      partition_name: 'east',
      reporting: SECONDLY,
    },
    status: { service: 'authority' },
    ...(bundle === undefined ? {} : { bundles: { policy: { service: 'authority', polling: SECONDLY } } }),
  }
  await Promise.all([
    writeFile(join(folder, 'token'), await reporting.world.own('docs')),
    writeFile(join(folder, 'config.json'), JSON.stringify(config)),
    writeFile(join(folder, 'app.rego'), POLICY),
    writeFile(join(folder, 'mask.rego'), maskPolicy),
  ])
  const files = [join(folder, 'app.rego'), join(folder, 'mask.rego')]
  const opa = await startOpa({ command, args: ['--config-file', join(folder, 'config.json'), ...files] })
  closing.push(() => opa.stop())
  return {
    reporting,
    opa,
    sent: () => logs,
    async ask(user) {
      const body = JSON.stringify({ input: { user, token: TOKEN, action: 'view' } })
      const response = await fetch(`${opa.url}/v1/data/app/allow`, { method: 'POST', body })
      return ((await response.json()) as { decision_id: string }).decision_id
    },
  }
}

async function bytesOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  return new Uint8Array(Buffer.concat(chunks))
}

const weathers: readonly [string, Weather, number][] = [
  ['on a clear day', () => 'through', 1],
  ['although the first answers are 500', (n) => (n < 4 ? 'refused' : 'through'), 4],
  ['although the first answers are lost', (n) => (n < 4 ? 'answer-lost' : 'through'), 4],
]
test.for(weathers)('decisions arrive once %s', async ([, weather, least], { skip }) => {
  const stage = await setStage(await requireOpa(skip), { weather })
  const { reporting, ask, sent } = stage
  const ids = [await ask('ann'), await ask('bob'), await ask('ann')]
  const own = async (): Promise<readonly Record<string, unknown>[]> =>
    (await reporting.records()).filter(({ service }) => service === 'opa')
  await vi.waitFor(
    async () => {
      expect(sent()).toBeGreaterThanOrEqual(least)
      expect(await own()).toHaveLength(3)
    },
    { timeout: 30_000, interval: 100 },
  )
  // the next one is there as well, and none of the others again
  const last = await ask('bob')
  await vi.waitFor(async () => expect((await own()).map(({ id }) => id)).toContain(last), {
    timeout: 30_000,
    interval: 100,
  })
  const records = await own()
  expect(records.map(({ id }) => String(id)).toSorted()).toEqual([...ids, last].toSorted())
  const decisionOf = (id: string | undefined): unknown => records.find((record) => record['id'] === id)
  expect(decisionOf(ids[0])).toMatchObject({
    decision: 'allow',
    reason: 'rego_allow',
    path: 'app/allow',
    action: 'view',
  })
  expect(decisionOf(ids[1])).toMatchObject({
    decision: 'deny',
    reason: 'undefined',
    sender: 'docs',
    start: expect.stringMatching(UUID),
  })
  expect(JSON.stringify(records)).not.toContain(TOKEN.split('.')[1])
})

test('its status is there, and that its decisions do not arrive', async ({ skip }) => {
  const { reporting, ask } = await setStage(await requireOpa(skip), { weather: () => 'refused' })
  await ask('ann')
  await vi.waitFor(
    async () => {
      expect(await reporting.opas()).toMatchObject([
        {
          client: 'docs',
          instance: expect.stringMatching(UUID),
          version: expect.stringMatching(/^\d+\.\d+\.\d+/),
          bundles: [],
          logErrors: ['decision_log_error', 'http_500'],
        },
      ])
    },
    { timeout: 30_000, interval: 100 },
  )
})

test('the revision that it has is there, and an alarm when it is given an older one', async ({ skip }) => {
  const command = await requireOpa(skip)
  const folder = await mkdtemp(join(tmpdir(), 'cardea-revisions-'))
  closing.push(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'src'))
  await writeFile(join(folder, 'src', 'data.json'), '{"settings":{"a":1}}')
  await writeFile(join(folder, 'src', '.manifest'), '{"roots":["settings"]}')
  const build = async (revision: string): Promise<Uint8Array<ArrayBuffer>> => {
    const target = join(folder, `${revision}.tar.gz`)
    const built = await runCommand(command, ['build', '-b', 'src', '--revision', revision, '-o', target], folder)
    expect(built.code, built.output).toBe(0)
    return new Uint8Array(await readFile(target))
  }
  const older = await build('6-abc')
  let served = await build('7-abc')
  const { reporting } = await setStage(command, { bundle: () => served })
  const shows = (bundle: object): Promise<void> =>
    vi.waitFor(async () => expect(await reporting.opas()).toMatchObject([{ bundles: [bundle] }]), {
      timeout: 30_000,
      interval: 100,
    })
  await shows({ name: 'policy', kind: 'policy', revision: '7-abc', rolledBackFrom: null, errors: [] })
  served = new Uint8Array(Buffer.from('no bundle'))
  await shows({ revision: '7-abc', rolledBackFrom: null, errors: ['bundle_error'] })
  served = older
  await shows({ revision: '6-abc', rolledBackFrom: '7-abc', errors: [] })
})
