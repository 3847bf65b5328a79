// How often each thing happened: a run that looks at nothing must not pass.

import { expect } from 'vitest'

const NAMES = {
  refreshes: ['ended', 'idle', 'reused', 'retry', 'fresh', 'stolen', 'given back'],
  exchanges: ['signed in', 'exchanged again', 'exchange ended', 'exchange revoked'],
  grants: ['granted', 'granted again', 'taken back', 'team granted', 'held', 'held of a team', 'lost', 'kept'],
  narrowing: ['narrowed at exchange', 'narrowed at refresh', 'narrowed at passing on'],
  bounds: ['nothing left', 'within', 'more granted'],
  passing: ['passed on', 'passed on again', 'too deep', 'subject revoked', 'subject ended', 'subject unreadable'],
  revocations: ['token', 'token by its client', 'session', 'principal', 'client', 'service', 'tenant', 'all'],
  keys: ['rotated', 'killed'],
  refused: ['dead', 'dead of an ancestor', 'dead of a key', 'dead of an older key'],
  taken: ['alive', 'alive beside a dead key', 'alive elsewhere'],
  races: ['race refused', 'race touched', 'race lost'],
} as const

export type Seen = (typeof NAMES)[keyof typeof NAMES][number]

const counts = new Map<Seen, number>()

export function see(name: Seen): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

export function forget(): void {
  counts.clear()
}

/** Each of them more often than `times`; where not, it says the seed. */
export function expectSeen(times: number, seed: number): void {
  const all = Object.values(NAMES).flatMap((names) => names.map((name) => [name, counts.get(name) ?? 0] as const))
  expect({ seed, rare: all.filter(([, count]) => count <= times) }).toEqual({ seed, rare: [] })
}
