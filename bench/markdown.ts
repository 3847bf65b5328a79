// The tables of bench/README.md, from a report.

import { amount } from './goals.ts'
import type { Report, Row } from './report.ts'
import { figureText, time } from './table.ts'

export function printMarkdown({ environment, rows, figures, goals }: Report): void {
  const { date, node, processor, cores, load } = environment
  console.log(`${date}, Node ${node}, ${processor}, ${cores} cores, load ${load} when it began.`)
  for (const [name, group] of Map.groupBy(rows, (row) => row.case)) {
    heading(name)
    if (name === 'growth') printGrowth(group)
    else printCase(group)
  }
  for (const [bench, group] of Map.groupBy(figures, (figure) => figure.bench)) {
    heading(bench)
    printRows(
      ['subject', 'what', 'figure'],
      group.map(({ subject, case: name, value, unit }) => [`\`${subject}\``, name, figureText(value, unit)]),
    )
  }
  if (goals.length === 0) return
  heading('goals')
  printRows(
    ['goal', 'must', 'aim', 'figure', ''],
    goals.map(({ goal, direction, must, aim, unit, figure, verdict }) => [
      goal,
      `${direction} ${amount(must, unit)}`,
      amount(aim, unit),
      amount(figure, unit),
      verdict,
    ]),
  )
}

/** One line a subject; a size gives two columns, the time and the time over hand-written. */
function printCase(group: readonly Row[]): void {
  const sizes = [...new Set(group.map(({ size }) => size))]
  const subjects = [...new Set(group.map(({ subject }) => subject))]
  const limit = 'hand-written'
  const hasLimit = subjects.includes(limit)
  printRows(
    ['subject', ...sizes.flatMap((size) => (hasLimit ? [String(size), `over ${limit}`] : [String(size)]))],
    subjects.map((subject) => [
      `\`${subject}\``,
      ...sizes.flatMap((size) => {
        const row = group.find((each) => each.size === size && each.subject === subject)
        const median = row === undefined ? '' : time(row.medianNs)
        const over = row?.ratio[limit]
        return hasLimit ? [median, over === undefined ? '' : amount(over, 'x')] : [median]
      }),
    ]),
  )
}

function printGrowth(group: readonly Row[]): void {
  printRows(
    ['subject', 'policies', 'median', 'over the smallest'],
    group.map(({ subject, size, medianNs, ratio }) => [
      `\`${subject}\``,
      String(size),
      time(medianNs),
      amount(Object.values(ratio)[0] ?? 1, 'x'),
    ]),
  )
}

function heading(name: string): void {
  console.log(`\n**${name}**\n`)
}

function printRows(head: readonly string[], body: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  console.log(line(head))
  console.log(line(head.map(() => '---')))
  for (const cells of body) console.log(line(cells))
}
