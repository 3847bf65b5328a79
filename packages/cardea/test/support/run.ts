// Runs the command as a user does: a process of its own, in a folder, with an environment that holds nothing by accident. INVARIANT: no
// error output ever holds a token, or a secret that a test has planted; every run is checked.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { afterAll } from 'vitest'

export interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** A secret to plant: wherever it stands in an error output, the run fails. */
export const PLANTED_SECRET = 'planted-secret-that-nobody-may-see-0123456789'

const BIN = fileURLToPath(new URL('../../bin/cardea.js', import.meta.url))

/** Hundreds of processes load the same modules; this halves what each takes. */
const COMPILE_CACHE = join(tmpdir(), 'cardea-test-compile-cache')

const running = new Set<Running>()
afterAll(() => Promise.all([...running].map((one) => one.stop())))

/** Runs `cardea ...args` to its end. */
export async function cardea(args: readonly string[], options: RunOptions): Promise<Result> {
  const { child, ended } = start(args, options)
  child.stdin.end(options.input ?? '')
  return ended
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<Result>
  /** What it has printed on standard output so far. */
  output(): string
  /** Waits until what it printed after the `from`-th character matches; returns that. Rejects when it ends before. */
  printed(pattern: RegExp, from?: number): Promise<string>
  /** Asks it to stop, as an operator or a container does. */
  stop(signal?: NodeJS.Signals): Promise<Result>
}

/** Starts `cardea ...args`. What still runs when the tests of the file have ended is stopped. */
export function start(args: readonly string[], { cwd, env = {} }: RunOptions): Running {
  const child = spawn(process.execPath, ['--conditions=@cardea/source', BIN, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
  })
  const stdout: string[] = []
  const stderr: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text))
  const output = (): string => stdout.join('')
  const exited = once(child, 'exit')
  const ended = once(child, 'close').then(([code]: unknown[]): Result => {
    const result = { code: typeof code === 'number' ? code : null, stdout: output(), stderr: stderr.join('') }
    assertNoSecret(args, result)
    return result
  })
  const self: Running = {
    child,
    ended,
    output,
    async printed(pattern, from = 0) {
      while (!pattern.test(output().slice(from))) {
        if (child.exitCode !== null) throw new Error(`it ended early: ${output()}${stderr.join('')}`)
        await Promise.race([once(child.stdout, 'data'), exited])
      }
      return output().slice(from)
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
  running.add(self)
  void ended.catch(() => undefined).finally(() => running.delete(self))
  return self
}

/** Everything an error looks like at once: the exit code, one line with its code, perhaps a hint, no stack. */
export function errorOf({ code, stderr }: Result): { readonly code: number | null; readonly text: string } {
  const text = stripVTControlCharacters(stderr)
  if (/^\s+at |bug of ours/m.test(text)) throw new Error(`a stack was shown: ${text}`)
  return { code, text }
}

function assertNoSecret(args: readonly string[], { stderr }: Result): void {
  if (/eyJ[\w-]{8,}/.test(stderr) || stderr.includes(PLANTED_SECRET)) {
    throw new Error(`\`cardea ${args[0] ?? ''}\` shows a secret in its error output`)
  }
}
