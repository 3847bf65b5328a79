// `decide`: one decision on the reference workload, ours and its peers, at 10 and 1 000 policies.

import { measure, type Row, rowsOf, type Subject } from '../harness.ts'
import { caslCached } from './casl.ts'
import { cedarWasm } from './cedar-wasm.ts'
import { closures } from './closures.ts'
import { handWritten } from './hand-written.ts'
import { referenceWorkload } from './reference.ts'

const SIZES = [10, 1000] as const

export function benchDecide(): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const size of SIZES) {
    const reference = referenceWorkload(size)
    const subjects = [closures(reference), handWritten(reference), caslCached(reference), cedarWasm(reference, size)]
    assertSameAnswers(subjects)
    rows.push(...rowsOf('decide', 'reference', size, measure(subjects)))
  }
  return Promise.resolve(rows)
}

/** INVARIANT: nothing is timed that does not give the same answers, and neither all allows nor all denies. */
function assertSameAnswers(subjects: readonly Subject[]): void {
  const [judge, ...others] = subjects
  if (judge === undefined) return
  let allowed = 0
  for (let index = 0; index < judge.cases; index += 1) {
    const answer = judge.run(index)
    if (answer) allowed += 1
    for (const subject of others) {
      if (subject.run(index) !== answer) throw new Error(`${subject.name} and ${judge.name} differ on request ${index}`)
    }
  }
  if (allowed < judge.cases / 3 || allowed > (judge.cases * 2) / 3) {
    throw new Error(`${allowed} of ${judge.cases} requests are allowed; the workload wants about half`)
  }
}
