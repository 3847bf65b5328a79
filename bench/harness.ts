// Measures subjects against each other in one process: short rounds, interleaved, so that a noisy machine is noisy for all.
// A figure is the median over the rounds, each of some passes over all cases. A subject for which one pass is more than a round is
// timed case by case, and its figure is the mean of the medians of its cases; if passes take very long, it has fewer rounds.

/** Something that can be measured. `run` does the work of case `index`; its answer keeps the optimiser honest. */
export interface Subject {
  readonly name: string
  readonly cases: number
  run(index: number): boolean
}

/** One whose answer only comes as a promise; awaiting it is part of its work. */
export interface AsyncSubject {
  readonly name: string
  readonly cases: number
  runAsync(index: number): Promise<boolean>
}

export type AnySubject = Subject | AsyncSubject

export interface MeasureOptions {
  readonly rounds: number
  readonly roundMilliseconds: number
  /** What all rounds of one subject may take; `leastRounds` are made in any case. */
  readonly budgetMilliseconds: number
  readonly leastRounds: number
}

/** Long enough that collecting garbage is part of most rounds. */
export const QUIET: MeasureOptions = { rounds: 31, roundMilliseconds: 8, budgetMilliseconds: 4000, leastRounds: 5 }

/** For a machine with other work: most rounds are over before another process gets the core, and before garbage is collected. */
export const BUSY: MeasureOptions = { ...QUIET, rounds: 201, roundMilliseconds: 0.4 }

/** The median time of one case, in nanoseconds, for each subject by name. */
export async function measure(
  subjects: readonly AnySubject[],
  options: MeasureOptions = QUIET,
): Promise<ReadonlyMap<string, number>> {
  const plans: Plan[] = []
  for (const subject of subjects) plans.push(await planFor(subject, options))
  // what lives long is then where it is in a service that has run for a while
  globalThis.gc?.()
  globalThis.gc?.()
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const { timer, rounds } of plans) if (isDue(rounds, round, options.rounds)) await timer.time()
  }
  return new Map(plans.map(({ subject, timer }) => [subject.name, timer.nanoseconds()]))
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

interface Plan {
  readonly subject: AnySubject
  readonly timer: Timer
  readonly rounds: number
}

interface Timer {
  /** Makes one round. */
  time(): Promise<void>
  /** Of one case, over all rounds. */
  nanoseconds(): number
}

/** Finds how a round of a subject is made and how many rounds it may have. */
async function planFor(subject: AnySubject, options: MeasureOptions): Promise<Plan> {
  const { rounds, roundMilliseconds, budgetMilliseconds, leastRounds } = options
  const pass = await warmUp(subject)
  const timer =
    pass > roundMilliseconds
      ? caseTimer(subject)
      : passTimer(subject, Math.max(1, Math.round(roundMilliseconds / pass)))
  const affordable = Math.max(leastRounds, Math.floor(budgetMilliseconds / pass))
  return { subject, timer, rounds: Math.min(rounds, affordable) }
}

const WARM_UP = { leastMilliseconds: 80, settledMilliseconds: 120, mostMilliseconds: 1500, better: 0.97 } as const

/**
 * Milliseconds of the quickest pass, when there have been no quicker ones for a while: code is compiled by another thread, which
 * on a busy machine takes its time. A subject that takes long is not compiled here, and two passes say enough of it.
 */
async function warmUp(subject: AnySubject): Promise<number> {
  const started = performance.now()
  let best = Number.POSITIVE_INFINITY
  let improved = started
  for (let passes = 1; ; passes += 1) {
    const before = performance.now()
    await runPasses(subject, 1)
    const now = performance.now()
    if (now - before < best * WARM_UP.better) improved = now
    best = Math.min(best, now - before)
    const spent = now - started
    const isSlow = spent / passes > WARM_UP.leastMilliseconds
    if (isSlow && (passes >= 2 || spent > WARM_UP.leastMilliseconds * 2)) return best
    if (spent > WARM_UP.mostMilliseconds) return best
    if (spent > WARM_UP.leastMilliseconds && now - improved > WARM_UP.settledMilliseconds) return best
  }
}

/** Spreads `wanted` rounds evenly over all. */
function isDue(wanted: number, round: number, all: number): boolean {
  return Math.floor((round * wanted) / all) > Math.floor(((round - 1) * wanted) / all)
}

function passTimer(subject: AnySubject, passes: number): Timer {
  const samples: number[] = []
  return {
    async time() {
      const started = performance.now()
      await runPasses(subject, passes)
      samples.push(((performance.now() - started) * 1e6) / (passes * subject.cases))
    },
    nanoseconds: () => median(samples),
  }
}

function caseTimer(subject: AnySubject): Timer {
  const samples = Array.from({ length: subject.cases }, (): number[] => [])
  return {
    async time() {
      for (const [index, own] of samples.entries()) {
        const started = performance.now()
        const answer = 'run' in subject ? subject.run(index) : await subject.runAsync(index)
        own.push((performance.now() - started) * 1e6)
        count(answer)
      }
    },
    nanoseconds: () => samples.reduce((sum, own) => sum + median(own), 0) / samples.length,
  }
}

async function runPasses(subject: AnySubject, passes: number): Promise<void> {
  if ('run' in subject) return runAtOnce(subject, passes)
  for (let pass = 0; pass < passes; pass += 1) {
    for (let index = 0; index < subject.cases; index += 1) count(await subject.runAsync(index))
  }
}

function runAtOnce(subject: Subject, passes: number): void {
  const { cases } = subject
  for (let pass = 0; pass < passes; pass += 1) {
    for (let index = 0; index < cases; index += 1) count(subject.run(index))
  }
}

let sink = 0

function count(answer: boolean): void {
  if (answer) sink = (sink + 1) | 0
}
