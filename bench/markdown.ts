// The tables of bench/README.md, from a report.

import { amount } from './goals.ts'
import type { GoalResult, Report, Row, Unmeasured } from './report.ts'
import { figureText, time } from './table.ts'

export function markdownOf({ environment, rows, figures, goals, unmeasured = [] }: Report): string {
  const { date, node, processor, cores, load } = environment
  return [
    `${date}, Node ${node}, ${processor}, ${cores} cores, load ${load} when it began.`,
    ...[...Map.groupBy([...rows, ...unmeasured], tableOf)].flatMap(([name, all]) => {
      const group = all.filter(isMeasured)
      const missing = all.filter(isUnmeasured)
      return [heading(name), name === 'growth' ? growthTable(group) : caseTable(group, missing)]
    }),
    ...[...Map.groupBy(figures, (figure) => figure.bench)].flatMap(([bench, group]) => [
      heading(bench),
      table(
        ['subject', 'what', 'figure'],
        group.map(({ subject, case: name, value, unit }) => [`\`${subject}\``, name, figureText(value, unit)]),
      ),
    ]),
    ...(goals.length === 0 ? [] : [heading('goals'), goalTable(goals)]),
  ].join('\n\n')
}

/** These have several tables. */
const WITH_CASES = ['decide', 'authority', 'feed']

function tableOf(row: Row | Unmeasured): string {
  return WITH_CASES.includes(row.bench) ? row.case : row.bench
}

function isMeasured(row: Row | Unmeasured): row is Row {
  return 'medianNs' in row
}

function isUnmeasured(row: Row | Unmeasured): row is Unmeasured {
  return 'reason' in row
}

/** What others are measured by. */
const LIMITS = [
  'hand-written',
  'oidc-provider client credentials',
  'nothing revoked',
  'nothing new',
  'policy, closures',
]

/**
 * One line a subject; a size gives two columns, the time and the time over the one that others are measured by. Below them what could not
 * be measured.
 */
function caseTable(group: readonly Row[], missing: readonly Unmeasured[]): string {
  const sizes = [...new Set([...group, ...missing].map(({ size }) => size))]
  const subjects = [...new Set(group.map(({ subject }) => subject))]
  const limit = LIMITS.find((name) => subjects.includes(name)) ?? ''
  const hasLimit = limit !== ''
  const head = ['subject', ...sizes.flatMap((size) => (hasLimit ? [String(size), `over ${limit}`] : [String(size)]))]
  const measured = subjects.map((subject) => [
    `\`${subject}\``,
    ...sizes.flatMap((size) => {
      const row = group.find((each) => each.size === size && each.subject === subject)
      const median = row === undefined ? '' : time(row.medianNs)
      const over = row?.ratio[limit]
      return hasLimit ? [median, over === undefined ? '' : amount(over, 'x')] : [median]
    }),
  ])
  const without = missing.map(({ subject, reason }) => [`\`${subject}\``, `**not measured**: ${cellOf(reason)}`])
  return table(head, [...measured, ...without.map((cells) => [...cells, ...head.slice(cells.length).map(() => '')])])
}

function growthTable(group: readonly Row[]): string {
  return table(
    ['subject', 'policies', 'median', 'over the smallest'],
    group.map(({ subject, size, medianNs, ratio }) => [
      `\`${subject}\``,
      String(size),
      time(medianNs),
      amount(Object.values(ratio)[0] ?? 1, 'x'),
    ]),
  )
}

function goalTable(goals: readonly GoalResult[]): string {
  return table(
    ['goal', 'must', 'aim', 'figure', ''],
    goals.map(({ goal, direction, must, aim, unit, figure, verdict }) => [
      goal,
      `${direction} ${amount(must, unit)}`,
      amount(aim, unit),
      figure === undefined ? 'not measured' : amount(figure, unit),
      verdict,
    ]),
  )
}

function cellOf(text: string): string {
  return text.replaceAll('|', String.raw`\|`)
}

function heading(name: string): string {
  return `**${name}**`
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n')
}
