// Rows as a table a person can read: one block a case and size, peers as columns.

import type { Figure, Row, Unmeasured } from './report.ts'

export function printTable(rows: readonly Row[], unmeasured: readonly Unmeasured[] = []): void {
  const { growth = [], other = [] } = Object.groupBy(rows, (row) => (row.case === 'growth' ? 'growth' : 'other'))
  const missing = Map.groupBy(unmeasured, titleOf)
  const blocks = Map.groupBy(other, titleOf)
  for (const title of new Set([...blocks.keys(), ...missing.keys()])) {
    printBlock(title, blocks.get(title) ?? [])
    for (const { subject, reason } of missing.get(title) ?? []) console.log(`${subject}: NOT MEASURED: ${reason}`)
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
      console.log(`${subject.padEnd(32)} ${name.padEnd(36)} ${figureText(value, unit).padStart(12)}`)
    }
  }
}

export function time(nanoseconds: number): string {
  if (nanoseconds < 1e3) return `${nanoseconds.toFixed(0)} ns`
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(2)} us`
  return `${(nanoseconds / 1e6).toFixed(2)} ms`
}

export function figureText(value: number, unit: Figure['unit']): string {
  if (unit === 'ns') return time(value)
  if (unit === 'ms') return `${value.toFixed(value < 10 ? 1 : 0)} ms`
  if (unit === 'count') return value.toLocaleString('en').replaceAll(',', ' ')
  if (value < 1e4) return `${value.toFixed(0)} B`
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`
}

function titleOf({ bench, case: name, size }: Row | Unmeasured): string {
  return `${bench} / ${name} / ${size}`
}

function printBlock(title: string, group: readonly Row[]): void {
  console.log(`\n${title}`)
  if (group.length === 0) return
  const names = group.map((row) => row.subject)
  const width = Math.max(...names.map((name) => name.length), 10)
  const heads = names.map((name) => `/ ${name}`.padStart(10))
  console.log(`${''.padEnd(width)} ${'median'.padStart(12)}   ${heads.join('   ')}`)
  for (const row of group) {
    const ratios = names.map((name, at) => (row.ratio[name]?.toString() ?? '-').padStart(heads[at]?.length ?? 0))
    console.log(`${row.subject.padEnd(width)} ${time(row.medianNs).padStart(12)}   ${ratios.join('   ')}`)
  }
}
