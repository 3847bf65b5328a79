// `feed`: how soon a revocation is denied everywhere, and what following costs: one authority and a thousand guards, in processes of
// their own; and what is looked up for each request among many revocations.

import { generateSigningKey, publicJwk } from '@cardea/token'
import type { ServeOurs } from '../authority/serve-ours.ts'
import { basic, CLIENTS, uuidOf } from '../authority/world.ts'
import { type MeasureOptions, QUIET } from '../harness.ts'
import { type ChildProcess, sharedClock, startChild } from '../process.ts'
import { type Figure, type Results, round } from '../report.ts'
import { measureEntries, measureLookUps } from './entries.ts'
import type { ServeGuards } from './serve-guards.ts'

export interface FeedBench {
  readonly guards: number
  /** That the guards are spread over. */
  readonly processes: number
  readonly revocations: number
  /** Between two of them. */
  readonly pauseMilliseconds: number
  /** Of each kind, to see what one weighs; and of all kinds together, to look up tokens and grants among them. */
  readonly entries: number
  /** Of the look-ups. */
  readonly measuring: MeasureOptions
  /** Of the authority. SQLite in a temporary file without it. */
  readonly database?: string | undefined
}

export const FEED_BENCH: FeedBench = {
  guards: 1000,
  processes: 4,
  revocations: 120,
  pauseMilliseconds: 100,
  entries: 100_000,
  measuring: QUIET,
}

export async function benchFeed(bench: FeedBench): Promise<Results> {
  const figures = [...(await measureRevocation(bench)), ...(await measureEntries(bench.entries))]
  return { figures, rows: await measureLookUps(bench.entries, bench.measuring) }
}

async function measureRevocation(bench: FeedBench): Promise<Figure[]> {
  const { guards, processes, database } = bench
  const keys = { keys: [publicJwk(await generateSigningKey('RS256'))] }
  const authority = startChild('authority/serve-ours.ts', { people: 0, grants: 0, keys, database } satisfies ServeOurs)
  const children = [authority]
  try {
    const started = await authority.ask<Omit<ServeGuards, 'count'>>('started')
    const alone = await authority.ask<NodeJS.MemoryUsage>('memory')
    const crowds = shares(guards, processes).map((count) =>
      startChild('feed/serve-guards.ts', { ...started, count } satisfies ServeGuards),
    )
    children.push(...crowds)
    await Promise.all(crowds.map((crowd) => crowd.ask('start')))
    const latencies = await revokeEach(started.url, crowds, bench)
    const memory = await authority.ask<NodeJS.MemoryUsage>('memory')
    await checkStanding(crowds)
    return [
      ...quantiles(guards, 'answer to denial', latencies.fromAnswer),
      ...quantiles(guards, 'request to denial', latencies.fromRequest),
      ...quantiles(guards, 'answer to the last denial', latencies.last),
      bytes('authority', 'resident, no guard', alone.rss),
      bytes('authority', 'heap, no guard', alone.heapUsed),
      bytes('authority', `resident, ${guards} guards`, memory.rss),
      bytes('authority', `heap, ${guards} guards`, memory.heapUsed),
    ]
  } finally {
    await Promise.all(children.toReversed().map((child) => child.stop()))
  }
}

interface Latencies {
  /** Of every guard and every revocation, in milliseconds: from the authority's answer, and from asking it. */
  readonly fromAnswer: number[]
  readonly fromRequest: number[]
  /** Of every revocation: until no guard was left that allowed. */
  readonly last: number[]
}

async function revokeEach(
  url: string,
  crowds: readonly ChildProcess[],
  { revocations, pauseMilliseconds }: FeedBench,
): Promise<Latencies> {
  const authorization = `Bearer ${await adminToken(url)}`
  const latencies: Latencies = { fromAnswer: [], fromRequest: [], last: [] }
  for (let turn = 0; turn < revocations; turn += 1) {
    const sid = uuidOf(`session ${turn}`)
    await Promise.all(crowds.map((crowd) => crowd.ask('watch', sid)))
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds * (0.5 + Math.random())))
    const asked = sharedClock()
    const response = await fetch(`${url}/v1/revocations`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ key: { kind: 'session', sid } }),
    })
    const answered = sharedClock()
    if (response.status !== 201) throw new Error(`the revocation was answered with ${response.status}`)
    await response.body?.cancel()
    const denials = (await Promise.all(crowds.map((crowd) => crowd.ask<number[]>('denials')))).flat()
    latencies.fromAnswer.push(...denials.map((at) => (at - answered) / 1e6))
    latencies.fromRequest.push(...denials.map((at) => (at - asked) / 1e6))
    latencies.last.push((Math.max(...denials) - answered) / 1e6)
  }
  return latencies
}

async function adminToken(url: string): Promise<string> {
  const response = await fetch(`${url}/token`, {
    method: 'POST',
    headers: { authorization: basic(CLIENTS.admin), 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  })
  return ((await response.json()) as { readonly access_token: string }).access_token
}

/** A guard that lost its authority meanwhile would have made the run easier. */
async function checkStanding(crowds: readonly ChildProcess[]): Promise<void> {
  for (const crowd of crowds) {
    const standing = await crowd.ask<{ readonly oldestSeconds: number; readonly interruptions: number }>('standing')
    if (standing.oldestSeconds < 5 && standing.interruptions === 0) continue
    console.error(
      `guards were interrupted ${standing.interruptions} times; the oldest news was ${standing.oldestSeconds.toFixed(1)} s old`,
    )
  }
}

/** As even as can be. */
function shares(total: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, index) => Math.floor((total + index) / parts))
}

function quantiles(guards: number, name: string, milliseconds: readonly number[]): Figure[] {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  return [50, 99].map((percent) => ({
    bench: 'feed',
    case: `${name}, p${percent}`,
    subject: `${guards} guards`,
    value: round(sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN),
    unit: 'ms',
  }))
}

function bytes(subject: string, name: string, value: number): Figure {
  return { bench: 'feed', case: name, subject, value, unit: 'bytes' }
}
