// How often each thing happened: a run that looks at nothing must not pass.

import { expect } from 'vitest'

const NAMES = [
  // of refresh tokens
  ...['ended', 'idle', 'reused', 'retry', 'fresh', 'stolen', 'given back'],
  // of exchanges
  ...['signed in', 'exchanged again', 'exchange ended', 'exchange revoked'],
  // of grants
  ...['granted', 'granted again', 'taken back', 'team granted', 'held', 'held of a team', 'lost', 'kept'],
  // of asking for less
  ...[
    'narrowed at exchange',
    'narrowed at refresh',
    'narrowed at passing on',
    'nothing left',
    'within',
    'more granted',
  ],
  // of passing on
  ...['passed on', 'passed on again', 'too deep', 'subject revoked', 'subject ended', 'subject unreadable'],
  // of revocations
  ...[
    'token',
    'token by its client',
    'session',
    'principal',
    'client',
    'service',
    'tenant',
    'all',
    'rotated',
    'killed',
  ],
  // of what guards refuse, and of what they go on to take
  ...[
    'dead',
    'dead of an ancestor',
    'dead of a key',
    'dead of an older key',
    'alive',
    'alive beside a dead key',
    'alive elsewhere',
  ],
  // of two things at once
  ...['race refused', 'race touched', 'race lost'],
] as const

export type Seen = (typeof NAMES)[number]

const counts = new Map<Seen, number>()

export function see(name: Seen): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

export function forget(): void {
  counts.clear()
}

/** Each of them more often than `times`, but for those that only chance decides. */
export function expectSeen(times: number, chance: readonly Seen[] = []): void {
  const rare = NAMES.filter((name) => !chance.includes(name) && (counts.get(name) ?? 0) <= times)
  expect(rare.map((name) => [name, counts.get(name) ?? 0])).toEqual([])
}
