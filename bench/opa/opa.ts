// `opa`: one decision by the same policies in the process, in WebAssembly and in a stock OPA over loopback; and what a bundle for OPA
// costs. Where there is no OPA it says so, and there are no figures.

import type { FoundOpa } from '../../tools/opa.ts'
import { measure, type MeasureOptions, QUIET } from '../harness.ts'
import { type Figure, type Results, round, type Row, rowsOf } from '../report.ts'
import { measureBundle } from './bundle.ts'
import { openSubjects, TOGETHER } from './subjects.ts'

export interface OpaBench {
  /** Numbers of policies that decisions are made by. */
  readonly sizes: readonly number[]
  /** Policies of the bundle. */
  readonly bundlePolicies: number
  /** How often the bundle is built. */
  readonly builds: number
  readonly measuring: MeasureOptions
}

export const OPA_BENCH: OpaBench = { sizes: [10, 1000], bundlePolicies: 10_000, builds: 5, measuring: QUIET }

/** `opa`: see `findOpa`. */
export async function benchOpa(bench: OpaBench, opa: FoundOpa): Promise<Results> {
  if ('missing' in opa) {
    console.log(`opa: skipped, nothing was measured: ${opa.missing}`)
    return {}
  }
  const { command } = opa
  const rows: Row[] = []
  const figures: Figure[] = []
  for (const size of bench.sizes) {
    const opened = await openSubjects(command, size)
    try {
      const medians = new Map(await measure(opened.subjects, bench.measuring))
      medians.set(TOGETHER, (medians.get(TOGETHER) ?? Number.NaN) / opened.together)
      rows.push(...rowsOf('opa', 'reference', size, medians))
    } finally {
      await opened.close()
    }
    figures.push({
      bench: 'opa bundle',
      case: 'opa build -t wasm',
      subject: `${size} policies`,
      value: round(opened.buildMilliseconds),
      unit: 'ms',
    })
  }
  const bundle = await measureBundle(command, bench.bundlePolicies, bench.builds)
  return { rows, figures: [...figures, ...(bundle.figures ?? [])], unmeasured: bundle.unmeasured ?? [] }
}
