// The sibling of the document service in Python, beside a stock OPA that follows the authority. Both end with the tour.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { opaBootConfiguration } from '@cardea/opa'
import { freePort } from '../../../tools/free-port.ts'
import { findOpa, type OpaServer, startOpa } from '../../../tools/opa.ts'
import { runCommand } from '../../../tools/command.ts'
import { DOCUMENTS } from '../people/documents.ts'
import { createAdmin } from './admin.ts'
import { eventually } from './eventually.ts'
import { send } from './http.ts'
import { AUDIENCE, type World } from './world.ts'

export interface Sibling {
  readonly port: number
}

const SERVICE = join(import.meta.dirname, '..', '..', 'polyglot', 'service.py')
const START_PAUSE_MILLISECONDS = 20

/**
 * Starts both; or says what this machine lacks. `say` hears of what takes long.
 * @throws Error where everything is there and one of them does not start, or the OPA gets no policies
 */
export async function startSibling(world: World, say: (text: string) => void): Promise<Sibling | { missing: string }> {
  const python = await runCommand('python3', ['--version'], world.folder).catch(() => undefined)
  if (python?.code !== 0) return { missing: 'needs `python3` on the PATH' }
  say('a stock OPA is looked for; where there is none, Go builds it, which takes a minute or two the first time')
  const found = await findOpa()
  if ('missing' in found) return found
  const opa = await startFollower(world, found.command)
  return { port: await startService(world, opa.url) }
}

/** A stock OPA on the bundles of the tour's authority, with policies and news; `files` are loaded beside them. Ends with `world`. */
export async function startFollower(world: World, command: string, files: readonly string[] = []): Promise<OpaServer> {
  const token = await keepToken(world)
  const opa = await startOpa({ command, args: ['--config-file', await configure(world, token), ...files] })
  world.onClose(() => opa.stop())
  const isReady = await eventually(
    () => isAllowedToAsk(opa.url),
    (ready) => ready,
    START_PAUSE_MILLISECONDS,
  )
  if (!isReady) throw new Error(`the OPA got no policies: ${opa.output()}`)
  return opa
}

/** OPA sends secrets over https only, and the tour speaks http on loopback: it reads a token from a file, which is kept fresh. */
async function keepToken(world: World): Promise<string> {
  const { authority, folder, opaClient } = world
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
  world.onClose(async () => clearInterval(timer))
  return file
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

async function startService(world: World, opaUrl: string): Promise<number> {
  const port = await freePort()
  const documents = join(world.folder, 'documents.json')
  await writeFile(documents, JSON.stringify(Object.fromEntries(DOCUMENTS.map((row) => [row.id, row]))))
  const env = { ...process.env, OPA: new URL(opaUrl).host, PORT: String(port), DOCUMENTS: documents }
  const child = spawn('python3', [SERVICE], { env, stdio: 'ignore' })
  const ended = once(child, 'close')
  const kill = (): void => void child.kill('SIGKILL')
  // also when this process breaks off
  process.once('exit', kill)
  world.onClose(async () => {
    process.off('exit', kill)
    kill()
    await ended
  })
  const url = `http://127.0.0.1:${port}/documents/x`
  const answers = await eventually(
    () =>
      send({ method: 'GET', url }).then(
        () => true,
        () => false,
      ),
    (isThere) => isThere || child.exitCode !== null,
    START_PAUSE_MILLISECONDS,
  )
  if (!answers) throw new Error('the service in Python does not answer')
  return port
}

async function isAllowedToAsk(opaUrl: string): Promise<boolean> {
  const response = await fetch(`${opaUrl}/health?bundles`)
  await response.body?.cancel()
  const { result } = (await (await fetch(`${opaUrl}/v1/data/cardea_data/news/time`)).json()) as {
    readonly result?: unknown
  }
  return response.ok && result !== undefined
}
