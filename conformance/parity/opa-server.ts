// A stock OPA that takes each batch as the next signed bundle, by long polling, the way it takes policies from an authority.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateSigningKey, publicJwk } from '@cardea/token'
import { buildOpaBundle, opaVerificationKeys } from '@cardea/opa'
import { startOpa } from '../../tools/opa.ts'
import type { Batch, RegoAnswers, RegoEngine } from './engine.ts'

const SCOPE = 'parity'
const WAIT_MS = 120_000
const PAUSE_MS = 20

/** Starts it. `command`: see `findOpa`. */
export async function startOpaServer(command: string): Promise<RegoEngine> {
  const key = await generateSigningKey('ES256')
  const service = await startBundleService()
  const folder = await mkdtemp(join(tmpdir(), 'cardea-parity-'))
  const configuration = join(folder, 'opa.json')
  const signing = { keyid: key.kid, scope: SCOPE }
  const polling = { long_polling_timeout_seconds: 30, min_delay_seconds: 0, max_delay_seconds: 1 }
  const bundles = { parity: { service: 'parity', resource: 'bundle', signing, polling } }
  const keys = opaVerificationKeys({ keys: [publicJwk(key)] })
  await writeFile(configuration, JSON.stringify({ services: { parity: { url: service.url } }, keys, bundles }))
  const opa = await startOpa({ command, args: ['--config-file', configuration] })

  async function ask({ number, modules, data }: Batch): Promise<RegoAnswers> {
    const content = {
      revision: String(number),
      roots: ['parity', 'parity_data', 'cardea/cedar'],
      data,
      modules,
    }
    service.offer(number, (await buildOpaBundle(content, { key, scope: SCOPE })).bytes)
    for (const end = Date.now() + WAIT_MS; Date.now() < end; ) {
      const { number: active } = (await get('parity_data/number')) as { readonly number?: number }
      if (active === number) return (await get('parity/all/answers')) as unknown as RegoAnswers
      // an OPA that refused a bundle asks for it again
      if (service.asked(number) > 1) break
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    throw new Error(`opa does not take batch ${number}: ${opa.output().slice(-2000)}`)
  }

  async function get(path: string): Promise<object> {
    const response = await fetch(`${opa.url}/v1/data/${path}`, { method: 'POST', body: '{}' })
    const { result } = (await response.json()) as { readonly result?: unknown }
    return typeof result === 'object' && result !== null ? result : { number: result }
  }

  return {
    name: 'opa',
    ask,
    async close() {
      await opa.stop()
      await service.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface BundleService {
  readonly url: string
  offer(number: number, bytes: Uint8Array): void
  /** How often a bundle was handed out. */
  asked(number: number): number
  close(): Promise<void>
}

/** Holds a question for a bundle until there is one that the OPA does not have. */
export async function startBundleService(): Promise<BundleService> {
  let offered: { readonly number: number; readonly bytes: Uint8Array } | undefined
  const counts = new Map<number, number>()
  const held = new Set<() => void>()
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const answer = (): void => {
      if (offered === undefined || request.headers['if-none-match'] === `"${offered.number}"`)
        return void held.add(answer)
      held.delete(answer)
      counts.set(offered.number, (counts.get(offered.number) ?? 0) + 1)
      response.setHeader('content-type', 'application/vnd.openpolicyagent.bundles')
      response.setHeader('etag', `"${offered.number}"`)
      response.end(offered.bytes)
    }
    answer()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    offer(number, bytes) {
      offered = { number, bytes }
      for (const answer of held) answer()
    },
    asked: (number) => counts.get(number) ?? 0,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
