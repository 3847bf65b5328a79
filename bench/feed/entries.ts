// Many revocations in a guard: what they weigh, and how long a request looks something up among them. Each in a process of its own.

import type { MeasureOptions } from '../harness.ts'
import { startChild } from '../process.ts'
import { type Figure, round, rowsOf, type Row } from '../report.ts'
import type { EntryKind } from './serve-entries.ts'
import type { LookUps, LookUpTimes } from './serve-look-ups.ts'

/** What so many of each kind weigh, by one. */
export async function measureEntries(count: number): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const kind of ['session', 'token', 'principal'] satisfies EntryKind[]) {
    const child = startChild('feed/serve-entries.ts')
    try {
      const value = round(await child.ask<number>('entryBytes', { kind, count }))
      figures.push({ bench: 'feed', case: 'memory per revocation', subject: kind, value, unit: 'bytes' })
    } finally {
      await child.stop()
    }
  }
  return figures
}

/** What is looked up for each request among so many. */
export async function measureLookUps(entries: number, measuring: MeasureOptions): Promise<Row[]> {
  const child = startChild('feed/serve-look-ups.ts')
  try {
    const { token, links } = await child.ask<LookUpTimes>('lookUps', { entries, measuring } satisfies LookUps)
    return [
      ...rowsOf('feed', 'whether a token is revoked', entries, token),
      ...rowsOf('feed', 'which of 200 grants are left', entries, links),
    ]
  } finally {
    await child.stop()
  }
}
