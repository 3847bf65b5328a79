// INVARIANT: nothing is timed that does not give the same answers, and neither all allows nor all denies.

import type { AnySubject } from '../harness.ts'

/** Throws unless all subjects answer every case alike and a third to two thirds are allowed. */
export async function assertSameAnswers(subjects: readonly AnySubject[]): Promise<void> {
  const [judge, ...others] = subjects
  if (judge === undefined) return
  let allowed = 0
  for (let index = 0; index < judge.cases; index += 1) {
    const answer = await answerOf(judge, index)
    if (answer) allowed += 1
    for (const subject of others) {
      if ((await answerOf(subject, index)) !== answer) {
        throw new Error(`${subject.name} and ${judge.name} differ on request ${index}`)
      }
    }
  }
  if (others.some(({ cases }) => cases !== judge.cases)) throw new Error('the subjects have not the same cases')
  if (allowed < judge.cases / 3 || allowed > (judge.cases * 2) / 3) {
    throw new Error(`${allowed} of ${judge.cases} requests are allowed; the workload wants about half`)
  }
}

async function answerOf(subject: AnySubject, index: number): Promise<boolean> {
  return 'run' in subject ? subject.run(index) : subject.runAsync(index)
}
