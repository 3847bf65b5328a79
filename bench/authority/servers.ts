// The servers of a run, each a process of its own: ours on SQLite, ours on PostgreSQL, and the peer; and what is asked of each. One
// on PostgreSQL that does not start is a gap with a reason: the others are measured all the same.

import { type ChildProcess, startChild } from '../process.ts'
import { clientCredentials, type Form, type Forms, refreshForms } from './forms.ts'
import { createTarget, refreshTokens, type Target } from './load.ts'
import { type Database, openDatabase } from './postgres.ts'
import type { ServeOurs } from './serve-ours.ts'

export interface Server {
  readonly target: Target
  /** Nanoseconds that all of its processes have had of a core; `undefined` where nobody can tell. */
  core(): Promise<number | undefined>
  stop(): Promise<void>
}

export interface TokenSubject {
  readonly name: string
  readonly server: Server
  readonly forms: (count: number) => Promise<readonly Form[]> | readonly Form[]
}

const PEER = 'oidc-provider client credentials'
export const OURS = ['exchange', 'exchange again', 'refresh', 'client credentials'] as const
type OurSubject = (typeof OURS)[number]

/** Throws when the child does not start. */
export async function openServer(child: ChildProcess, concurrency: number): Promise<Server> {
  try {
    const { url } = await child.ask<{ readonly url: string }>('started')
    const target = createTarget(url, concurrency)
    return {
      target,
      core: () => child.ask<number>('core'),
      async stop() {
        target.agent.destroy()
        await child.stop()
      },
    }
  } catch (error) {
    await child.stop()
    throw error
  }
}

/** An authority on PostgreSQL; or why there is none, on one line. */
export async function openOnPostgres(
  given: string | undefined,
  serve: ServeOurs,
  concurrency: number,
): Promise<Server | string> {
  let database: Database | undefined
  try {
    database = await openDatabase(given)
    const child = startChild('authority/serve-ours.ts', { ...serve, database: database.url } satisfies ServeOurs)
    return over(await openServer(child, concurrency), database)
  } catch (error) {
    await database?.close()
    console.error(error)
    return lineOf(error)
  }
}

/** `people` sign-ins go on by refresh tokens. */
export async function subjectsOf(
  server: Server,
  forms: Forms,
  people: number,
  nameOf: (subject: OurSubject) => string,
): Promise<TokenSubject[]> {
  const refresh = await refreshTokens(server.target, await forms.signIn(people))
  return [
    { name: nameOf('exchange'), server, forms: forms.exchange },
    { name: nameOf('exchange again'), server, forms: forms.exchangeAgain },
    { name: nameOf('refresh'), server, forms: (count) => refreshForms(refresh, count) },
    { name: nameOf('client credentials'), server, forms: clientCredentials },
  ]
}

export function onPostgres(subject: OurSubject): string {
  return `${subject}, PostgreSQL`
}

export function peerSubject(server: Server): TokenSubject {
  return { name: PEER, server, forms: clientCredentials }
}

/** The authority with its database. */
function over(server: Server, database: Database): Server {
  return {
    target: server.target,
    async core() {
      const [own, behind] = await Promise.all([server.core(), database.core()])
      return own === undefined || behind === undefined ? undefined : own + behind
    },
    async stop() {
      await server.stop()
      await database.close()
    },
  }
}

/** What the error says, and what PostgreSQL gave as its fault among all that it said. */
function lineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const fault = lines.find((line, at) => at > 0 && /FATAL:|initdb: error:/.test(line))
  // a server that ends at once gives no error of its own
  const said = lines[0]?.replace(/: undefined$/, '') ?? 'it did not start'
  return fault === undefined ? said : `${said}; ${fault}`
}
