// `authority`: what one token costs at the authority, on SQLite and on PostgreSQL, and at `oidc-provider`, each in a process of its
// own, and what 200 grants weigh in a token.

import { generateSigningKey, publicJwk } from '@cardea/token'
import { median } from '../harness.ts'
import { startChild } from '../process.ts'
import { type Figure, type Results, round, rowsOf, type Unmeasured } from '../report.ts'
import { createForms } from './forms.ts'
import { sendAll } from './load.ts'
import type { ServeOurs } from './serve-ours.ts'
import {
  onPostgres,
  openOnPostgres,
  openServer,
  OURS,
  peerSubject,
  type Server,
  subjectsOf,
  type TokenSubject,
} from './servers.ts'
import { grantBytes } from './token-size.ts'

export interface AuthorityBench {
  readonly people: number
  readonly grants: number
  readonly concurrency: number
  readonly rounds: number
  readonly requestsARound: number
  /** Before the rounds, of each subject. */
  readonly warmUp: number
  /** An empty PostgreSQL database. Without it a server is started for the run. */
  readonly database?: string | undefined
}

export const AUTHORITY_BENCH: AuthorityBench = {
  people: 1000,
  grants: 20,
  concurrency: 64,
  rounds: 15,
  requestsARound: 1000,
  warmUp: 4000,
}

/** Tokens are asked for in interleaved rounds; a figure is the median of the rounds. */
export async function benchAuthority(bench: AuthorityBench): Promise<Results> {
  const key = await generateSigningKey('RS256')
  const { people, grants, concurrency, database } = bench
  const serve: ServeOurs = { people, grants, database: undefined, keys: { keys: [publicJwk(key)] } }
  const servers: Server[] = []
  const keep = (server: Server): Server => {
    servers.push(server)
    return server
  }
  try {
    const sqlite = keep(await openServer(startChild('authority/serve-ours.ts', serve), concurrency))
    const peer = keep(await openServer(startChild('authority/serve-peer.ts'), concurrency))
    const postgres = await openOnPostgres(database, serve, concurrency)
    if (typeof postgres !== 'string') keep(postgres)
    const forms = await createForms(key, people, people)
    const subjects = await subjectsOf(sqlite, forms, people, (name) => name)
    if (typeof postgres !== 'string') subjects.push(...(await subjectsOf(postgres, forms, people, onPostgres)))
    const { wall, core } = await measureSubjects([...subjects, peerSubject(peer)], bench)
    return {
      rows: [
        ...rowsOf('authority', 'token', concurrency, wall),
        ...rowsOf('authority', 'token, core time', concurrency, core),
      ],
      figures: [...tokensASecond(wall), ...grantBytes(200)],
      unmeasured: unmeasured(wall, core, concurrency, typeof postgres === 'string' ? postgres : undefined),
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

type Medians = ReadonlyMap<string, number>

/** Medians of nanoseconds a token, by subject: by the clock, and of a core in the server. Sign-ins are made before the clock starts. */
async function measureSubjects(
  subjects: readonly TokenSubject[],
  { rounds, requestsARound, warmUp, concurrency }: AuthorityBench,
): Promise<Record<'wall' | 'core', Medians>> {
  for (const { server, forms } of subjects) await sendAll(server.target, await forms(warmUp), concurrency)
  const wall = new Map(subjects.map(({ name }) => [name, [] as number[]]))
  const core = new Map<string, number[]>()
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const { name, server, forms } of subjects) {
      const made = await forms(requestsARound)
      const before = await server.core()
      wall.get(name)?.push((await sendAll(server.target, made, concurrency)) / requestsARound)
      const after = await server.core()
      if (before === undefined || after === undefined) continue
      core.set(name, [...(core.get(name) ?? []), (after - before) / requestsARound])
    }
  }
  return { wall: mediansOf(wall), core: mediansOf(core) }
}

function mediansOf(times: ReadonlyMap<string, readonly number[]>): Medians {
  return new Map([...times].map(([name, each]) => [name, median(each)]))
}

/** The rows of PostgreSQL that there are none of. */
function unmeasured(wall: Medians, core: Medians, size: number, reason: string | undefined): Unmeasured[] {
  const gaps = (name: string, medians: Medians, why: string): Unmeasured[] =>
    OURS.map(onPostgres)
      .filter((subject) => !medians.has(subject))
      .map((subject) => ({ bench: 'authority', case: name, size, subject, reason: why }))
  return [
    ...gaps('token', wall, reason ?? 'there is no figure'),
    ...gaps(
      'token, core time',
      core,
      reason ?? 'what the processes of this PostgreSQL have of a core is not known here',
    ),
  ]
}

function tokensASecond(times: Medians): Figure[] {
  return [...times].map(([subject, nanoseconds]) => ({
    bench: 'authority',
    case: 'tokens a second',
    subject,
    value: round(1e9 / nanoseconds),
    unit: 'count',
  }))
}
