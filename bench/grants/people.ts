// The people of `grants`: how one of them signs in and is met by a guard, and what is noted of it.

import type { SigningKey } from '@cardea/token'
import { exchangeForm } from '../authority/forms.ts'
import { accessToken, type Target } from '../authority/load.ts'
import { documentOf, TEAMS } from '../authority/world.ts'
import type { ChildProcess } from '../process.ts'
import type { First, Meeting } from './serve-guard.ts'

/** People of one kind, and what was found of them: nanoseconds, but for sizes. */
export interface Kind {
  readonly name: string
  readonly isNamed: boolean
  /** The number of the first of them, and of the first of their teams. */
  readonly firstPerson: number
  readonly teams: readonly number[]
  readonly grantsATeam: number
  readonly times: Map<string, number[]>
  readonly sizes: Map<string, number>
  readonly meetings: Meeting[]
}

/** Those whose tokens name their grants, numbered after so many others; `grantsATeam` for each of their ten teams. */
export function namedKind(grantsATeam: number, firstPerson: number): Kind {
  return {
    name: `${TEAMS * grantsATeam} grants, named`,
    isNamed: true,
    firstPerson,
    teams: Array.from({ length: TEAMS }, (_, index) => TEAMS + index),
    grantsATeam,
    ...nothingFound(),
  }
}

/** Those of one team each, whose tokens hold its grants. */
export function heldKind(grants: number): Kind {
  return {
    name: `${grants} grants, held`,
    isNamed: false,
    firstPerson: 0,
    teams: Array.from({ length: TEAMS }, (_, index) => index),
    grantsATeam: grants,
    ...nothingFound(),
  }
}

export interface Turn {
  readonly key: SigningKey
  readonly target: Target
  readonly guard: ChildProcess
  readonly url: string
  readonly guardToken: string
  readonly isCounted: boolean
}

/** One person signs in twice, and a guard meets the first of his tokens. */
export async function meet(kind: Kind, turn: number, at: Turn): Promise<void> {
  const { key, target, guard, isCounted } = at
  const note = (name: string, nanoseconds: number): void => {
    if (isCounted) kind.times.set(name, [...(kind.times.get(name) ?? []), nanoseconds])
  }
  const exchange = async (name: string): Promise<string> => {
    const form = await exchangeForm(key, kind.firstPerson + turn)
    const began = process.hrtime.bigint()
    const token = await accessToken(target, form)
    note(name, Number(process.hrtime.bigint() - began))
    return token
  }
  const token = await exchange(kind.isNamed ? 'exchange that makes the set' : 'exchange')
  if (kind.isNamed) await exchange('exchange of one more sign-in')
  kind.sizes.set('token', token.length)
  if (kind.isNamed) {
    const began = process.hrtime.bigint()
    kind.sizes.set('set', await fetchSet(token, at))
    note('fetch of the set', Number(process.hrtime.bigint() - began))
  }
  const meeting: Meeting = { token, ...documentsOf(kind, turn) }
  const { authentication, decision } = await guard.ask<First>('first', meeting)
  note('first authentication', authentication)
  note('first decision', decision)
  kind.meetings.push(meeting)
}

/** As a guard asks for it; the bytes of the answer. */
async function fetchSet(token: string, { url, guardToken }: Turn): Promise<number> {
  const response = await fetch(`${url}/v1/grant-sets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${guardToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  })
  if (response.status !== 200) throw new Error(`the set was answered with ${response.status}`)
  return (await response.arrayBuffer()).byteLength
}

/** Sixteen that were granted to the person's teams, and as many of which nobody has heard. */
function documentsOf({ isNamed, teams, grantsATeam }: Kind, turn: number): Omit<Meeting, 'token'> {
  const places = Array.from({ length: 16 }, (_, index) => index)
  const teamAt = (index: number): number => teams[(isNamed ? index : turn) % teams.length] ?? 0
  return {
    granted: places.map((index) => documentOf(teamAt(index), (index * 7) % grantsATeam)),
    others: places.map((index) => documentOf(-1, index)),
  }
}

function nothingFound(): Pick<Kind, 'times' | 'sizes' | 'meetings'> {
  return { times: new Map(), sizes: new Map(), meetings: [] }
}
