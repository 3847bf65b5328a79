// `grants`: what it costs that a token names its grants instead of holding them: 5 000 grants of one person, beside the same with 20
// that the token holds. The authority and the guard are processes of their own.

import { generateSigningKey, publicJwk } from '@cardea/token'
import { accessToken, createTarget, type Target } from '../authority/load.ts'
import type { ServeOurs, Started } from '../authority/serve-ours.ts'
import { basic, CLIENTS } from '../authority/world.ts'
import { median, type MeasureOptions, QUIET } from '../harness.ts'
import { type ChildProcess, startChild } from '../process.ts'
import { type Figure, type Results, round } from '../report.ts'
import { heldKind, type Kind, meet, namedKind } from './people.ts'
import type { Again, First } from './serve-guard.ts'

export interface GrantsBench {
  /** Of each kind; each signs in twice. */
  readonly people: number
  /** People before them that nobody looks at. */
  readonly warmUp: number
  /** Of a person of ten teams, who has ten times as many. */
  readonly grantsATeam: number
  /** Of a person of one team, in whose token they are. */
  readonly held: number
  readonly measuring: MeasureOptions
}

export const GRANTS_BENCH: GrantsBench = { people: 25, warmUp: 10, grantsATeam: 500, held: 20, measuring: QUIET }

export async function benchGrants(bench: GrantsBench): Promise<Results> {
  const key = await generateSigningKey('RS256')
  const people = bench.people + bench.warmUp
  const authority = startChild('authority/serve-ours.ts', {
    people,
    grants: bench.held,
    wide: { people, grantsATeam: bench.grantsATeam },
    database: undefined,
    keys: { keys: [publicJwk(key)] },
  } satisfies ServeOurs)
  const children = [authority]
  const targets: Target[] = []
  try {
    const started = await authority.ask<Started>('started')
    const guard = startChild('grants/serve-guard.ts', started)
    children.push(guard)
    const target = createTarget(started.url, 1)
    targets.push(target)
    const named = namedKind(bench.grantsATeam, people)
    const held = heldKind(bench.held)
    const guardToken = await accessToken(target, GUARD)
    for (let turn = 0; turn < people; turn += 1) {
      for (const kind of [named, held]) {
        await meet(kind, turn, { key, target, guard, url: started.url, guardToken, isCounted: turn >= bench.warmUp })
      }
    }
    return { figures: [...(await figuresOf(named, guard, bench)), ...(await figuresOf(held, guard, bench))] }
  } finally {
    for (const { agent } of targets) agent.destroy()
    await Promise.all(children.toReversed().map((child) => child.stop()))
  }
}

const GUARD = { authorization: basic(CLIENTS.guard), body: 'grant_type=client_credentials' }

/** Of the guard's memory of tokens, a few are asked about again. */
const ASKED_AGAIN = 8

async function figuresOf(
  { name, times, sizes, meetings }: Kind,
  guard: ChildProcess,
  bench: GrantsBench,
): Promise<Figure[]> {
  const { measuring } = bench
  const known = meetings.slice(-ASKED_AGAIN)
  const again = await guard.ask<First>('again', { meetings: known, measuring } satisfies Again)
  const figure = (what: string, value: number, unit: Figure['unit']): Figure => ({
    bench: 'grants by reference',
    case: what,
    subject: name,
    value: round(value),
    unit,
  })
  return [
    ...[...sizes].map(([what, bytes]) => figure(`size of the ${what}`, bytes, 'bytes')),
    ...[...times].map(([what, all]) => figure(what, median(all), 'ns')),
    figure('repeated authentication', again.authentication, 'ns'),
    figure('decision', again.decision, 'ns'),
  ]
}
