// The sibling of the document service in Python, beside a stock OPA that follows the authority. Both end with the tour.

import { type ChildProcess, spawn } from 'node:child_process'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { opaBootConfiguration } from '@cardea/opa'
import { freePort } from '../../../tools/free-port.ts'
import { findOpa, startOpa } from '../../../tools/opa.ts'
import { runCommand } from '../../../tools/command.ts'
import { DOCUMENTS } from '../people/documents.ts'
import { createAdmin } from './admin.ts'
import { eventually } from './eventually.ts'
import { send } from './http.ts'
import { AUDIENCE, type World } from './world.ts'

export interface Sibling {
  readonly port: number
  close(): Promise<void>
}

const SERVICE = join(import.meta.dirname, '..', '..', 'polyglot', 'service.py')

/** Starts both and waits until the OPA has policies and news; or says what is missing. `say` hears of what takes long. */
export async function startSibling(world: World, say: (text: string) => void): Promise<Sibling | { missing: string }> {
  const python = await runCommand('python3', ['--version'], world.folder).catch(() => undefined)
  if (python?.code !== 0) return { missing: 'needs `python3` on the PATH' }
  say('a stock OPA is looked for; where there is none, Go builds it, which takes a minute or two the first time')
  const found = await findOpa()
  if ('missing' in found) return found
  const token = await keepToken(world)
  const opa = await startOpa({ command: found.command, args: ['--config-file', await configure(world, token.file)] })
  const service = await startService(opa.url, world.folder)
  // also when the tour breaks off
  process.once('exit', () => void service.process.kill('SIGKILL'))
  const close = async (): Promise<void> => {
    token.stop()
    service.process.kill('SIGKILL')
    await opa.stop()
  }
  const isReady = await eventually(
    () => isAllowedToAsk(opa.url),
    (ready) => ready,
    20,
  )
  if (isReady) return { port: service.port, close }
  await close()
  return { missing: `the OPA got no policies: ${opa.output()}` }
}

/** OPA sends secrets over https only, and the tour speaks http on loopback: it reads a token from a file, which is kept fresh. */
async function keepToken({ authority, folder, opaClient }: World): Promise<{ file: string; stop(): void }> {
  const file = join(folder, 'opa-token')
  const write = async (): Promise<void> => {
    await writeFile(`${file}.new`, await createAdmin(authority.url, opaClient.id, opaClient.secret).token(), {
      mode: 0o600,
    })
    await rename(`${file}.new`, file)
  }
  await write()
  // a token lives five minutes; an authority that is down has the next try
  const timer = setInterval(() => void write().catch(() => undefined), 120_000)
  return { file, stop: () => clearInterval(timer) }
}

/** What `cardea opa config` prints, with the places of the tour. */
async function configure({ authority, folder, opaClient }: World, tokenFile: string): Promise<string> {
  const keys = authority.bundleKeys()
  const boot = opaBootConfiguration({ url: authority.url, audience: AUDIENCE, clientId: opaClient.id, keys })
  const { cardea: service } = boot['services'] as { readonly cardea: object }
  const credentials = { bearer: { token_path: tokenFile } }
  const file = join(folder, 'opa.json')
  const places = { services: { cardea: { ...service, credentials } }, persistence_directory: join(folder, 'opa') }
  await writeFile(file, JSON.stringify({ ...boot, ...places }))
  return file
}

async function startService(opaUrl: string, folder: string): Promise<{ port: number; process: ChildProcess }> {
  const port = await freePort()
  const documents = join(folder, 'documents.json')
  await writeFile(documents, JSON.stringify(Object.fromEntries(DOCUMENTS.map((row) => [row.id, row]))))
  const env = { ...process.env, OPA: new URL(opaUrl).host, PORT: String(port), DOCUMENTS: documents }
  const child = spawn('python3', [SERVICE], { env, stdio: 'ignore' })
  await eventually(
    () =>
      send({ method: 'GET', url: `http://127.0.0.1:${port}/documents/x` }).then(
        () => true,
        () => false,
      ),
    (answers) => answers,
    20,
  )
  return { port, process: child }
}

async function isAllowedToAsk(opaUrl: string): Promise<boolean> {
  const response = await fetch(`${opaUrl}/health?bundles`)
  await response.body?.cancel()
  const { result } = (await (await fetch(`${opaUrl}/v1/data/cardea/news/time`)).json()) as { readonly result?: unknown }
  return response.ok && result !== undefined
}
