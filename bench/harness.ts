// Measures subjects against each other in one process: short rounds, interleaved, so that a noisy machine is noisy for all.
// A figure is the median over the rounds; a ratio is this subject's median over that peer's, of the same run.

/** Something that can be measured. `run` does the work of case `index`; its answer keeps the optimiser honest. */
export interface Subject {
  readonly name: string
  readonly cases: number
  run(index: number): boolean
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

export interface MeasureOptions {
  readonly rounds: number
  readonly roundMilliseconds: number
}

const DEFAULTS: MeasureOptions = { rounds: 31, roundMilliseconds: 8 }

/** The median time of one case, in nanoseconds, for each subject. */
export function measure(
  subjects: readonly Subject[],
  options: Partial<MeasureOptions> = {},
): ReadonlyMap<string, number> {
  const { rounds, roundMilliseconds } = { ...DEFAULTS, ...options }
  const passes = subjects.map((subject) => passesFor(subject, roundMilliseconds))
  const samples = subjects.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1) {
    subjects.forEach((subject, at) => samples[at]?.push(timePasses(subject, passes[at] ?? 1)))
  }
  return new Map(subjects.map((subject, at) => [subject.name, median(samples[at] ?? [])]))
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

/** Warms the subject up and finds how many passes over its cases fill one round. */
function passesFor(subject: Subject, milliseconds: number): number {
  const warmUp = performance.now()
  let passes = 0
  while (performance.now() - warmUp < milliseconds * 10 || passes < 2) {
    timePasses(subject, 1)
    passes += 1
  }
  const one = (performance.now() - warmUp) / passes
  return Math.max(1, Math.round(milliseconds / one))
}

let sink = 0

/** Nanoseconds a case, over `passes` passes. */
function timePasses(subject: Subject, passes: number): number {
  const { cases } = subject
  const started = performance.now()
  for (let pass = 0; pass < passes; pass += 1) {
    for (let index = 0; index < cases; index += 1) if (subject.run(index)) sink = (sink + 1) | 0
  }
  return ((performance.now() - started) * 1e6) / (passes * cases)
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Three significant digits are more than a noisy machine can promise. */
function round(value: number): number {
  return Number(value.toPrecision(4))
}
