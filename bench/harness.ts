// Measures subjects against each other in one process: short rounds, interleaved, so that a noisy machine is noisy for all.
// A figure is the median over the rounds. A subject whose single pass takes long has fewer rounds, spread over the same time.

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

const DEFAULTS: MeasureOptions = { rounds: 31, roundMilliseconds: 8, budgetMilliseconds: 4000, leastRounds: 5 }

/** The median time of one case, in nanoseconds, for each subject by name. */
export async function measure(
  subjects: readonly AnySubject[],
  options: Partial<MeasureOptions> = {},
): Promise<ReadonlyMap<string, number>> {
  const settings = { ...DEFAULTS, ...options }
  const plans: Plan[] = []
  for (const subject of subjects) plans.push(await planFor(subject, settings))
  for (let round = 1; round <= settings.rounds; round += 1) {
    for (const plan of plans) {
      if (isDue(plan.rounds, round, settings.rounds)) plan.samples.push(await timePasses(plan.subject, plan.passes))
    }
  }
  return new Map(plans.map(({ subject, samples }) => [subject.name, median(samples)]))
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

interface Plan {
  readonly subject: AnySubject
  readonly passes: number
  readonly rounds: number
  readonly samples: number[]
}

/** Warms the subject up, and finds how many passes over its cases fill a round and how many rounds it may have. */
async function planFor(subject: AnySubject, settings: MeasureOptions): Promise<Plan> {
  const { rounds, roundMilliseconds, budgetMilliseconds, leastRounds } = settings
  const enough = roundMilliseconds * 10
  const started = performance.now()
  let passes = 0
  let spent = 0
  while (spent < enough || (passes < 2 && spent < enough * 2)) {
    await timePasses(subject, 1)
    passes += 1
    spent = performance.now() - started
  }
  const one = spent / passes
  const affordable = Math.max(leastRounds, Math.floor(budgetMilliseconds / one))
  return {
    subject,
    passes: Math.max(1, Math.round(roundMilliseconds / one)),
    rounds: Math.min(rounds, affordable),
    samples: [],
  }
}

/** Spreads `wanted` rounds evenly over all. */
function isDue(wanted: number, round: number, all: number): boolean {
  return Math.floor((round * wanted) / all) > Math.floor(((round - 1) * wanted) / all)
}

let sink = 0

/** Nanoseconds a case, over `passes` passes. */
async function timePasses(subject: AnySubject, passes: number): Promise<number> {
  const started = performance.now()
  if ('run' in subject) runPasses(subject, passes)
  else await awaitPasses(subject, passes)
  return ((performance.now() - started) * 1e6) / (passes * subject.cases)
}

function runPasses(subject: Subject, passes: number): void {
  const { cases } = subject
  for (let pass = 0; pass < passes; pass += 1) {
    for (let index = 0; index < cases; index += 1) if (subject.run(index)) sink = (sink + 1) | 0
  }
}

async function awaitPasses(subject: AsyncSubject, passes: number): Promise<void> {
  const { cases } = subject
  for (let pass = 0; pass < passes; pass += 1) {
    for (let index = 0; index < cases; index += 1) if (await subject.runAsync(index)) sink = (sink + 1) | 0
  }
}
