// What a run of the benchmarks found, as `--json` writes it.

import { cpus, loadavg } from 'node:os'

export interface Report {
  readonly environment: Environment
  /** Times of decisions, with ratios. */
  readonly rows: readonly Row[]
  /** Everything else: bytes, milliseconds, counts. */
  readonly figures: readonly Figure[]
  /** What must be reached, for whatever this run has measured. */
  readonly goals: readonly GoalResult[]
  /** Left out when everything could be measured. */
  readonly unmeasured?: readonly Unmeasured[]
}

export interface Environment {
  readonly date: string
  readonly node: string
  readonly processor: string
  readonly cores: number
  /** Of the last minute, when the run began: above a few tenths the figures are of a busy machine. */
  readonly load: number
}

export interface Row {
  readonly bench: string
  readonly case: string
  readonly size: number
  readonly subject: string
  readonly medianNs: number
  /** Peer's name to this subject's time over the peer's. */
  readonly ratio: Readonly<Record<string, number>>
}

export interface Figure {
  readonly bench: string
  readonly case: string
  readonly subject: string
  readonly value: number
  readonly unit: 'ns' | 'ms' | 'bytes' | 'count'
}

/** A row that a run was to have and has not. It is shown as one, with the reason, and a goal that speaks of it is not met. */
export interface Unmeasured {
  readonly bench: string
  readonly case: string
  readonly size: number
  readonly subject: string
  /** On one line. */
  readonly reason: string
}

export interface GoalResult {
  readonly goal: string
  readonly verdict: 'met' | 'missed'
  readonly reachesAim: boolean
  /** `undefined`: it could not be measured, and `reason` says why. */
  readonly figure: number | undefined
  readonly reason?: string
  readonly must: number
  readonly aim: number
  readonly unit: 'x' | 'B' | 'kB' | 'MB' | 'ms'
  readonly direction: 'at most' | 'at least'
}

/** What one benchmark gives. */
export interface Results {
  readonly rows?: readonly Row[]
  readonly figures?: readonly Figure[]
  readonly unmeasured?: readonly Unmeasured[]
}

/** Rows with every subject's ratio to every other. */
export function rowsOf(bench: string, name: string, size: number, medians: ReadonlyMap<string, number>): Row[] {
  return [...medians].map(([subject, medianNs]) => ({
    bench,
    case: name,
    size,
    subject,
    medianNs: round(medianNs),
    ratio: Object.fromEntries(
      [...medians].filter(([peer]) => peer !== subject).map(([peer, time]) => [peer, round(medianNs / time)]),
    ),
  }))
}

/** Four significant digits are more than a noisy machine can promise. */
export function round(value: number): number {
  return Number(value.toPrecision(4))
}

export function environment(): Environment {
  const [processor] = cpus()
  const [load = 0] = loadavg()
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version.slice(1),
    processor: processor?.model ?? 'unknown',
    cores: cpus().length,
    load: round(load),
  }
}
