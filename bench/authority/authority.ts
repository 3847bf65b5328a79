// `authority`: what one token costs at the authority and at `oidc-provider`, each in a process of its own, and what 200 grants
// weigh in a token.

import { generateSigningKey, publicJwk } from '@cardea/token'
import { median } from '../harness.ts'
import { type ChildProcess, startChild } from '../process.ts'
import { type Figure, type Results, round, rowsOf } from '../report.ts'
import { createForms, FORM_NAMES, type Forms } from './forms.ts'
import { createTarget, sendAll, type Target } from './load.ts'
import type { ServeOurs } from './serve-ours.ts'
import { grantBytes } from './token-size.ts'

export interface AuthorityBench {
  readonly people: number
  readonly grants: number
  readonly concurrency: number
  readonly rounds: number
  readonly requestsARound: number
  /** Before the rounds, of each subject. */
  readonly warmUp: number
  /** Of ours. SQLite in a temporary file without it. */
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

const PEER = 'oidc-provider client credentials'

/** Tokens are asked for in interleaved rounds; a figure is the median of the rounds. */
export async function benchAuthority(bench: AuthorityBench): Promise<Results> {
  const key = await generateSigningKey('RS256')
  const { people, grants, database } = bench
  const ours = startChild('authority/serve-ours.ts', {
    people,
    grants,
    database,
    keys: { keys: [publicJwk(key)] },
  } satisfies ServeOurs)
  const peer = startChild('authority/serve-peer.ts')
  const targets: Target[] = []
  try {
    const open = async (child: ChildProcess): Promise<Server> => {
      const target = createTarget((await child.ask<{ url: string }>('started')).url, bench.concurrency)
      targets.push(target)
      return { target, child }
    }
    const forms = await createForms(key, people, people)
    const subjects = subjectsOf(await open(ours), await open(peer), forms)
    const { wall, core } = await measureSubjects(subjects, bench)
    return {
      rows: [
        ...rowsOf('authority', 'token', bench.concurrency, wall),
        ...rowsOf('authority', 'token, core time', bench.concurrency, core),
      ],
      figures: [...tokensASecond(wall), ...grantBytes(200)],
    }
  } finally {
    for (const { agent } of targets) agent.destroy()
    await Promise.all([ours.stop(), peer.stop()])
  }
}

interface Server {
  readonly target: Target
  readonly child: ChildProcess
}

interface TokenSubject extends Server {
  readonly name: string
  readonly forms: (count: number) => Promise<readonly string[]>
}

function subjectsOf(ours: Server, peer: Server, forms: Forms): TokenSubject[] {
  return [
    ...FORM_NAMES.map((name) => ({ ...ours, name, forms: (count: number) => forms.make(name, count) })),
    { ...peer, name: PEER, forms: (count: number) => forms.make('client credentials', count) },
  ]
}

/** Medians of nanoseconds a token, by subject: by the clock, and of a core in the server. Sign-ins are made before the clock starts. */
async function measureSubjects(
  subjects: readonly TokenSubject[],
  { rounds, requestsARound, warmUp, concurrency }: AuthorityBench,
): Promise<Record<'wall' | 'core', ReadonlyMap<string, number>>> {
  for (const { target, forms } of subjects) await sendAll(target, await forms(warmUp), concurrency)
  const wall = new Map(subjects.map(({ name }) => [name, [] as number[]]))
  const core = new Map(subjects.map(({ name }) => [name, [] as number[]]))
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const { name, target, child, forms } of subjects) {
      const made = await forms(requestsARound)
      const before = await child.ask<number>('core')
      wall.get(name)?.push((await sendAll(target, made, concurrency)) / requestsARound)
      core.get(name)?.push(((await child.ask<number>('core')) - before) / requestsARound)
    }
  }
  return { wall: mediansOf(wall), core: mediansOf(core) }
}

function mediansOf(times: ReadonlyMap<string, readonly number[]>): ReadonlyMap<string, number> {
  return new Map([...times].map(([name, each]) => [name, median(each)]))
}

function tokensASecond(times: ReadonlyMap<string, number>): Figure[] {
  return [...times].map(([subject, nanoseconds]) => ({
    bench: 'authority',
    case: 'tokens a second',
    subject,
    value: round(1e9 / nanoseconds),
    unit: 'count',
  }))
}
