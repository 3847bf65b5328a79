// Rows as a table a person can read: one block a case and size, peers as columns.

import type { Figure, Row } from './report.ts'

export function printTable(rows: readonly Row[]): void {
  const { growth = [], other = [] } = Object.groupBy(rows, (row) => (row.case === 'growth' ? 'growth' : 'other'))
  for (const [title, group] of Map.groupBy(other, (row) => `${row.bench} / ${row.case} / ${row.size}`)) {
    printBlock(title, group)
  }
  if (growth.length > 0) console.log('\ndecide / growth')
  for (const { subject, size, medianNs, ratio } of growth) {
    const over = Object.entries(ratio).map(([peer, value]) => `${value} of ${peer}`)
    console.log(`${subject.padEnd(12)} ${String(size).padStart(6)} ${time(medianNs).padStart(10)}  ${over.join(', ')}`)
  }
}

export function printFigures(figures: readonly Figure[]): void {
  for (const [bench, group] of Map.groupBy(figures, (figure) => figure.bench)) {
    console.log(`\n${bench}`)
    for (const { case: name, subject, value, unit } of group) {
      console.log(`${subject.padEnd(16)} ${name.padEnd(32)} ${figureText(value, unit).padStart(12)}`)
    }
  }
}

export function time(nanoseconds: number): string {
  if (nanoseconds < 1e3) return `${nanoseconds.toFixed(0)} ns`
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(2)} us`
  return `${(nanoseconds / 1e6).toFixed(2)} ms`
}

export function figureText(value: number, unit: Figure['unit']): string {
  if (unit === 'ms') return `${value.toFixed(value < 10 ? 1 : 0)} ms`
  if (unit === 'count') return value.toLocaleString('en').replaceAll(',', ' ')
  if (value < 1e4) return `${value.toFixed(0)} B`
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`
}

function printBlock(title: string, group: readonly Row[]): void {
  console.log(`\n${title}`)
  const names = group.map((row) => row.subject)
  const width = Math.max(...names.map((name) => name.length), 10)
  console.log(
    `${''.padEnd(width)} ${'median'.padStart(12)} ${names.map((name) => `/ ${name}`.padStart(width + 3)).join(' ')}`,
  )
  for (const row of group) {
    const ratios = names.map((name) => (row.ratio[name]?.toString() ?? '-').padStart(width + 3))
    console.log(`${row.subject.padEnd(width)} ${time(row.medianNs).padStart(12)} ${ratios.join(' ')}`)
  }
}
