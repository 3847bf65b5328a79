// A `cardea dev` that runs in a folder of its own until the tests of the file have ended.

import { join } from 'node:path'
import { type Files, freePort, makeProject } from './project.ts'
import { cardea, type Result, type Running, start } from './run.ts'

export interface Dev {
  readonly cwd: string
  readonly url: string
  readonly running: Running
  /** Another command, in the same folder, that finds this authority. */
  cardea(...args: readonly string[]): Promise<Result>
  /** The same as JSON. Rejects when it fails. */
  json(...args: readonly string[]): Promise<unknown>
}

/** Starts it and waits until it watches. It runs until the tests of the file have ended. */
export async function startDev(files: Files = {}, env: Readonly<Record<string, string>> = {}): Promise<Dev> {
  const cwd = await makeProject(files)
  const url = `http://127.0.0.1:${await freePort()}`
  const running = start(['dev', '--url', url], { cwd, env })
  await running.printed(/Ctrl-C ends/)
  const run = (...args: readonly string[]): Promise<Result> =>
    cardea(args, { cwd, env: { ...env, CARDEA_AUTHORITY_URL: url } })
  return {
    cwd,
    url,
    running,
    cardea: run,
    async json(...args) {
      const { code, stdout, stderr } = await run(...args, '--json')
      if (code !== 0) throw new Error(`cardea ${args.join(' ')}: ${stderr}`)
      return JSON.parse(stdout)
    },
  }
}

export const developmentFile = (cwd: string, name: string): string => join(cwd, '.cardea', name)
