// `decide`: one decision, ours and its peers, on the reference workload at several sizes and on the workloads of the OOPSLA paper.

import { type AnySubject, measure, type MeasureOptions } from '../harness.ts'
import { type Results, round, type Row, rowsOf } from '../report.ts'
import { assertSameAnswers } from './answers.ts'
import { type SubjectName, subjectsOf } from './subjects.ts'
import { otherWorkloads, referenceWorkloads } from './workloads.ts'

export interface DecideOptions {
  /** Numbers of policies; with them only the reference workload is measured. */
  readonly sizes: readonly number[] | undefined
  readonly only: readonly SubjectName[] | undefined
  readonly measuring: MeasureOptions
}

export async function benchDecide({ sizes, only, measuring }: DecideOptions): Promise<Results> {
  const rows: Row[] = []
  const kept: Sized[] = []
  for (const make of [...referenceWorkloads(sizes), ...(sizes === undefined ? otherWorkloads() : [])]) {
    const workload = make()
    const subjects = await subjectsOf(workload, only)
    await assertSameAnswers(subjects)
    rows.push(...rowsOf('decide', workload.name, workload.size, await measure(subjects, measuring)))
    if (workload.name === 'reference')
      kept.push(...oursIn(subjects).map((subject) => ({ subject, size: workload.size })))
  }
  rows.push(...(await measureGrowth(kept, measuring)))
  return { rows }
}

interface Sized {
  readonly subject: AnySubject
  readonly size: number
}

const OURS: readonly string[] = ['codegen', 'closures']

function oursIn(subjects: readonly AnySubject[]): AnySubject[] {
  return subjects.filter(({ name }) => OURS.includes(name))
}

/** Ours at all sizes against ours at the smallest, in the same rounds: what a size costs must not be lost in the noise between rounds. */
async function measureGrowth(subjects: readonly Sized[], measuring: MeasureOptions): Promise<Row[]> {
  const smallest = Math.min(...subjects.map(({ size }) => size))
  const label = (name: string, size: number): string => `${name}-${size}`
  const labelled = subjects.map(({ subject, size }) => ({ ...subject, name: label(subject.name, size) }))
  const medians = await measure(labelled, measuring)
  const bySubject = subjects.toSorted(
    (left, right) => OURS.indexOf(left.subject.name) - OURS.indexOf(right.subject.name),
  )
  return bySubject.map(({ subject: { name }, size }) => {
    const medianNs = medians.get(label(name, size)) ?? Number.NaN
    const least = medians.get(label(name, smallest)) ?? Number.NaN
    return {
      bench: 'decide',
      case: 'growth',
      size,
      subject: name,
      medianNs: round(medianNs),
      ratio: { [label(name, smallest)]: round(medianNs / least) },
    }
  })
}
