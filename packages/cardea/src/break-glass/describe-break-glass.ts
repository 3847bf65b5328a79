// What a break-glass statement says: for scripts as data, for people as a few lines.

import type { BreakGlass } from '@cardea/feed'
import { counted } from '../output/counted.ts'
import { formatDuration, formatTime } from '../output/duration.ts'
import { printable } from '../output/printable.ts'

export interface BreakGlassDescription {
  readonly id: string
  readonly issuer: string
  readonly audience: string
  readonly epoch: string
  readonly from: string
  readonly until: string
  readonly maxStaleSeconds: number
  /** `null`: all. */
  readonly actions: readonly string[] | null
  readonly clients: readonly string[] | null
  readonly killed: readonly string[]
}

export function describeBreakGlass(statement: BreakGlass): BreakGlassDescription {
  const { jti, iss, aud, epoch, iat, exp, maxStaleSeconds, actions = null, clients = null, killed } = statement
  return {
    id: jti,
    issuer: iss,
    audience: aud,
    epoch,
    from: formatTime(iat),
    until: formatTime(exp),
    maxStaleSeconds,
    actions,
    clients,
    killed,
  }
}

export function formatBreakGlass(statement: BreakGlass, nowSeconds: number): string {
  const { jti, iss, aud, epoch, iat, exp, maxStaleSeconds, actions, clients, killed } = statement
  const left = exp - nowSeconds
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['authority', `${iss}, epoch ${epoch}`],
    ['audience', aud],
    ['from', formatTime(iat)],
    ['until', `${formatTime(exp)} (${left > 0 ? `${formatDuration(left)} left` : 'ENDED'})`],
    ['news', `at most ${formatDuration(maxStaleSeconds)} old`],
    ['actions', actions?.join(', ') ?? 'all'],
    ['guards', clients?.join(', ') ?? 'all of the audience'],
    ['killed', `${counted(killed.length, 'keys')} whose tokens are refused`],
  ]
  const lines = rows.map(([name, value]) => `  ${name.padEnd(WIDTH)}${printable(value)}`)
  return [`break-glass ${printable(jti)}`, ...lines].join('\n')
}

const WIDTH = 11
