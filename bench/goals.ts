// What must be reached, and what is aimed at. A goal that speaks of several sizes is judged by the worst of them.

import type { Figure, GoalResult, Row, Unmeasured } from './report.ts'

interface Goal {
  readonly goal: string
  readonly unit: GoalResult['unit']
  readonly direction: 'at most' | 'at least'
  readonly must: number
  readonly aim: number
  /** Nothing, if the run has not measured it. */
  readonly figures: (results: Measured) => readonly number[]
  /** Why there is no figure, where the run was to have one. */
  readonly missing?: (results: Measured) => string | undefined
}

interface Measured {
  readonly rows: readonly Row[]
  readonly figures: readonly Figure[]
  readonly unmeasured?: readonly Unmeasured[]
}

const REFERENCE = 'reference'

const GOALS: readonly Goal[] = [
  atMost('codegen over hand-written, every size', 8, 5, ratios('codegen', 'hand-written')),
  atMost('closures over hand-written, every size', 12, 9, ratios('closures', 'hand-written')),
  atMost('codegen at 10 000 policies over 10', 1.3, 1.1, growth('codegen')),
  atMost('closures at 10 000 policies over 10', 1.3, 1.1, growth('closures')),
  atLeast('codegen faster than casl-cached, every size', 1, 2, ratios('casl-cached', 'codegen')),
  atLeast('codegen faster than casbin, 10 policies', 20, 40, ratios('casbin', 'codegen', 10)),
  atLeast('codegen faster than cedar-wasm, 10 policies', 1000, 3000, ratios('cedar-wasm', 'codegen', 10)),
  atLeast('codegen faster than casbin, 10 000 policies', 20_000, 100_000, ratios('casbin', 'codegen', 10_000)),
  atLeast('codegen faster than cedar-wasm, 10 000 policies', 50_000, 100_000, ratios('cedar-wasm', 'codegen', 10_000)),
  { ...atMost('heap per policy, 10 000 policies', 3, 1, figures('load', 'heap per policy', 1000)), unit: 'kB' },
  { ...atMost('parse and index 10 000 policies', 1000, 500, figures('load', 'parse and index', 1)), unit: 'ms' },
  { ...atMost('load a bundle of 10 000 policies', 300, 300, figures('load', 'bundle', 1)), unit: 'ms' },
  {
    ...atMost(
      'cardea dev: cells after a save, 1 000 policies',
      1000,
      300,
      figures('dev', 'look after a save, 1000 policies', 1),
    ),
    unit: 'ms',
  },
  { ...atMost('index of @cardea/policy in a browser, gzip', 40, 25, figures('size', 'index', 1000)), unit: 'kB' },
  tokenGoal('exchange on SQLite over oidc-provider client credentials', 'exchange'),
  tokenGoal('exchange on PostgreSQL over oidc-provider client credentials', 'exchange, PostgreSQL'),
  atMost('200 grants, packed over RFC 9396', 0.23, 0.22, packedOver('RFC 9396')),
  { ...atMost('answer to denial, p50', 50, 10, figures('feed', 'answer to denial, p50', 1)), unit: 'ms' },
  { ...atMost('answer to denial, p99', 250, 50, figures('feed', 'answer to denial, p99', 1)), unit: 'ms' },
  {
    ...atMost('authority with 1 000 guards, resident', 400, 200, figures('feed', 'resident, 1000 guards', 1e6)),
    unit: 'MB',
  },
  { ...atMost('guard: memory per live revocation', 200, 80, figures('feed', 'memory per revocation', 1)), unit: 'B' },
]

/** The goals of which the run has a figure, and those of which it was to have one: these are missed. */
export function judge(results: Measured): GoalResult[] {
  return GOALS.flatMap(({ figures, missing, ...goal }): GoalResult[] => {
    const reason = missing?.(results)
    if (reason !== undefined) return [{ ...goal, figure: undefined, reason, verdict: 'missed', reachesAim: false }]
    const found = figures(results)
    if (found.length === 0) return []
    const isAtMost = goal.direction === 'at most'
    const figure = isAtMost ? Math.max(...found) : Math.min(...found)
    const reaches = (bound: number): boolean => (isAtMost ? figure <= bound : figure >= bound)
    return [{ ...goal, figure, verdict: reaches(goal.must) ? 'met' : 'missed', reachesAim: reaches(goal.aim) }]
  })
}

export function printGoals(goals: readonly GoalResult[]): void {
  if (goals.length === 0) return
  console.log('\ngoals')
  for (const { verdict, goal, figure, reason, must, aim, unit, direction, reachesAim } of goals) {
    const bounds = `${direction} ${amount(must, unit)}, aim ${amount(aim, unit)}${reachesAim ? ': reached' : ''}`
    const found = figure === undefined ? '-' : amount(figure, unit)
    const why = reason === undefined ? '' : ` NOT MEASURED: ${reason}`
    console.log(`${verdict.padEnd(6)} ${goal.padEnd(60)} ${found.padStart(10)}  (${bounds})${why}`)
  }
}

/** `1 234x`, `3.2 kB`. */
export function amount(value: number, unit: GoalResult['unit']): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  const text = Number(value.toFixed(digits)).toLocaleString('en').replaceAll(',', ' ')
  return unit === 'x' ? `${text}x` : `${text} ${unit}`
}

function atMost(goal: string, must: number, aim: number, figures: Goal['figures']): Goal {
  return { goal, unit: 'x', direction: 'at most', must, aim, figures }
}

function atLeast(goal: string, must: number, aim: number, figures: Goal['figures']): Goal {
  return { ...atMost(goal, must, aim, figures), direction: 'at least' }
}

/** The subject's time over the peer's on the reference workload, at the size or at all. */
function ratios(subject: string, peer: string, size?: number): Goal['figures'] {
  return ({ rows }) =>
    rows
      .filter((row) => row.case === REFERENCE && row.subject === subject && (size === undefined || row.size === size))
      .flatMap(({ ratio }) => ratio[peer] ?? [])
}

/** The peer's time of a token over that of ours. */
function tokenGoal(goal: string, subject: string): Goal {
  const figures: Goal['figures'] = ({ rows }) =>
    rows
      .filter((row) => isToken(row) && row.subject === 'oidc-provider client credentials')
      .flatMap(({ ratio }) => ratio[subject] ?? [])
  const missing: Goal['missing'] = ({ unmeasured = [] }) =>
    unmeasured.find((row) => isToken(row) && row.subject === subject)?.reason
  return { ...atLeast(goal, 2, 5, figures), missing }
}

function isToken({ bench, case: name }: Row | Unmeasured): boolean {
  return bench === 'authority' && name === 'token'
}

/** Over each form of the peer's. */
function packedOver(peer: string): Goal['figures'] {
  return (results) => {
    const sizes = results.figures.filter((figure) => figure.case === '200 grants as JSON')
    const packed = sizes.find(({ subject }) => subject === 'packed')?.value ?? Number.NaN
    return sizes.filter(({ subject }) => subject.startsWith(peer)).map(({ value }) => packed / value)
  }
}

function growth(subject: string): Goal['figures'] {
  return ({ rows }) =>
    rows
      .filter((row) => row.case === 'growth' && row.subject === subject && row.size === 10_000)
      .flatMap(({ ratio }) => ratio[`${subject}-10`] ?? [])
}

function figures(bench: string, name: string, divisor: number): Goal['figures'] {
  return (results) =>
    results.figures
      .filter((figure) => figure.bench === bench && figure.case === name)
      .map(({ value }) => value / divisor)
}
