// Rows as a table a person can read: one block a case and size, peers as columns.

import type { Row } from './harness.ts'

export function printTable(rows: readonly Row[]): void {
  for (const [title, group] of Map.groupBy(rows, (row) => `${row.bench} / ${row.case} / ${row.size}`)) {
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
}

function time(nanoseconds: number): string {
  if (nanoseconds < 1e3) return `${nanoseconds.toFixed(0)} ns`
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(2)} us`
  return `${(nanoseconds / 1e6).toFixed(2)} ms`
}
