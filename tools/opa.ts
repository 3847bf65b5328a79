// A stock Open Policy Agent for tests, benchmarks and the demo: the one on the PATH if it is new enough, else one that Go builds once
// into the cache of this checkout. Servers listen on loopback only.

import { execFile, spawn } from 'node:child_process'
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { runCommand } from './command.ts'
import { freePort } from './free-port.ts'

/** The version that is built where there is none. */
const OPA_VERSION = '1.22.2'

/** The path of a usable `opa`, or why there is none. */
export type FoundOpa = { readonly command: string } | { readonly missing: string }

/** Finds a stock `opa`, or builds it with Go: a minute or two, once a checkout. */
export function findOpa(): Promise<FoundOpa> {
  return (found ??= lookForOpa())
}

/** The path of a usable `opa`; ends the test as skipped, with the reason, where there is none. */
export async function requireOpa(skip: (reason: string) => never): Promise<string> {
  const opa = await findOpa()
  return 'command' in opa ? opa.command : skip(opa.missing)
}

export interface OpaServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly pid: number
  /** What it has printed so far. */
  output(): string
  stop(): Promise<void>
}

export interface OpaServerOptions {
  readonly command: string
  /** After `opa run --server`: files, `--config-file`, `--set` and the like. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Starts `opa run --server` on a free port of loopback and waits until it is healthy. */
export async function startOpa({ command, args = [], env = {} }: OpaServerOptions): Promise<OpaServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const flags = ['run', '--server', '--addr', `127.0.0.1:${port}`, '--disable-telemetry', '--log-level', 'error']
  const child = spawn(command, [...flags, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const output = (): string => Buffer.concat(chunks).toString('utf8')
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  // it does not outlive this process either
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    process.off('exit', kill)
    kill()
    await ended
  }
  for (let attempt = 0; attempt < START_ATTEMPTS && child.exitCode === null; attempt += 1) {
    const answer = await fetch(`${url}/health`).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok === true) return { url, pid: child.pid ?? 0, output, stop }
    await new Promise((resolve) => setTimeout(resolve, START_PAUSE_MS))
  }
  await stop()
  throw new Error(`opa did not start: ${output()}`)
}

export interface OpaQuery {
  /** Modules and data, by their paths in a folder. */
  readonly files: Iterable<readonly [path: string, text: string]>
  /** JSON; without it there is none. */
  readonly input?: string
  readonly query: string
}

/** What `opa eval` answers, over a folder of its own that is gone afterwards. Rejects where the query is undefined or the files do not load. */
export async function evalOpa(command: string, { files, input, query }: OpaQuery): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'cardea-opa-eval-'))
  try {
    // beside the data, for an input is none
    const inputFile = join(folder, 'input.json')
    const data = join(folder, 'data')
    await mkdir(data)
    if (input !== undefined) await writeFile(inputFile, input)
    for (const [path, text] of files) {
      await mkdir(dirname(join(data, path)), { recursive: true })
      await writeFile(join(data, path), text)
    }
    const asked = input === undefined ? [] : ['--input', inputFile]
    const args = ['eval', '--format', 'raw', ...asked, '--data', data, query]
    const { stdout } = await promisify(execFile)(command, args, { maxBuffer: MAX_ANSWER_BYTES })
    return JSON.parse(stdout)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024
const START_ATTEMPTS = 600
const START_PAUSE_MS = 50
const LEAST_VERSION = [1, 22] as const
const CACHE = join(import.meta.dirname, '..', 'node_modules', '.cache', 'cardea')

let found: Promise<FoundOpa> | undefined

async function lookForOpa(): Promise<FoundOpa> {
  const cached = join(CACHE, `opa-${OPA_VERSION}`)
  if (await isUsable('opa')) return { command: 'opa' }
  if (await isUsable(cached)) return { command: cached }
  return build(cached)
}

async function isUsable(command: string): Promise<boolean> {
  const { code, output } = await run(command, ['version'])
  const [, major, minor] = /^Version: (\d+)\.(\d+)\./m.exec(output) ?? []
  if (code !== 0 || major === undefined || minor === undefined) return false
  const [leastMajor, leastMinor] = LEAST_VERSION
  return Number(major) > leastMajor || (Number(major) === leastMajor && Number(minor) >= leastMinor)
}

/** Beside the cache and then renamed, so that two processes that build at once do not see each other's half. */
async function build(target: string): Promise<FoundOpa> {
  const go = await run('go', ['version'])
  if (go.code !== 0)
    return { missing: `needs \`opa\` ${LEAST_VERSION.join('.')} or newer on the PATH, or Go to build it` }
  await mkdir(CACHE, { recursive: true })
  const folder = await mkdtemp(join(tmpdir(), 'cardea-opa-'))
  try {
    const source = `github.com/open-policy-agent/opa@v${OPA_VERSION}`
    const { code, output } = await run('env', [`GOBIN=${folder}`, 'go', 'install', source])
    if (code !== 0) return { missing: `\`go install ${source}\` failed: ${output.trim().split('\n').at(-1)}` }
    const beside = `${target}-${process.pid}`
    await runCommand('cp', [join(folder, 'opa'), beside], folder)
    await rename(beside, target)
    await access(target)
    return { command: target }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Code 127 where there is no such command. */
async function run(command: string, args: readonly string[]): ReturnType<typeof runCommand> {
  try {
    return await runCommand(command, args, tmpdir())
  } catch (error) {
    return { code: 127, output: String(error) }
  }
}
