// No timing: that every subject of every workload answers alike, so that the benchmarks cannot rot between the days they are run.

import { describe, expect, it } from 'vitest'
import { assertSameAnswers } from '../decide/answers.ts'
import { cedarWasm } from '../decide/cedar-wasm.ts'
import { closures, generated } from '../decide/ours.ts'
import { SUBJECTS, subjectsOf } from '../decide/subjects.ts'
import { otherWorkloads, referenceWorkloads } from '../decide/workloads.ts'
import type { Subject } from '../harness.ts'

const WORKLOADS = [...referenceWorkloads([10]), ...otherWorkloads()].map((make) => {
  const workload = make()
  return { title: `${workload.name} at ${workload.size}`, workload }
})

describe('the subjects give the same answers', () => {
  it.each(WORKLOADS)('$title', async ({ workload }) => {
    const subjects = await subjectsOf(workload)
    expect(subjects.length).toBeGreaterThanOrEqual(2)
    await expect(assertSameAnswers(subjects)).resolves.toBeUndefined()
  })

  it('on the reference workload all of them', async () => {
    const [first] = WORKLOADS
    const subjects = first === undefined ? [] : await subjectsOf(first.workload)
    expect(subjects.map(({ name }) => name)).toEqual(SUBJECTS)
  })

  it.each(WORKLOADS)('$title: for the same policies as Cedar', ({ workload: { cedar } }) => {
    const judge = cedarWasm(cedar)
    for (const subject of [closures(cedar), generated(cedar)]) {
      for (let index = 0; index < judge.cases; index += 1) {
        const { determining, errors } = subject.decide(index)
        expect(errors).toEqual([])
        expect([...determining].sort()).toEqual([...judge.reasons(index)].sort())
      }
    }
  })
})

describe('answers are compared', () => {
  const subject = (name: string, answers: readonly boolean[]): Subject => ({
    name,
    cases: answers.length,
    run: (index) => answers[index] === true,
  })
  const right = subject('right', [true, false])

  it.each([
    ['one answer differs', [right, subject('wrong', [true, true])], 'wrong and right differ on request 1'],
    ['one has more cases', [right, subject('more', [true, false, true])], 'not the same cases'],
    ['nothing is denied', [subject('open', [true, true])], '2 of 2 requests are allowed'],
    ['nothing is allowed', [subject('shut', [false, false])], '0 of 2 requests are allowed'],
  ])('%s', async (_, subjects, message) => {
    await expect(assertSameAnswers(subjects)).rejects.toThrow(message)
  })

  it('also those that come as promises', async () => {
    const late = { name: 'late', cases: 2, runAsync: (index: number) => Promise.resolve(index === 1) }
    await expect(assertSameAnswers([right, late])).rejects.toThrow('late and right differ on request 0')
  })
})
