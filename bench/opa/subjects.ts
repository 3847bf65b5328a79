// Who decides: ours in the process, a whole guard, WebAssembly, an OPA. INVARIANT: nothing is given out to be timed before all of them
// have decided every request alike, with the same determining policies where they name them.

import { jsonText, requestInput } from '@cardea/opa'
import { createSchema, type Decider, type Decision, type Request } from '@cardea/policy'
import { assertSameAnswers } from '../decide/answers.ts'
import { closures, generated, requestsOf } from '../decide/ours.ts'
import { cedarOf } from '../decide/reference/cedar.ts'
import { referenceOf } from '../decide/reference/reference.ts'
import type { AnySubject, AsyncSubject, Subject } from '../harness.ts'
import { guardSubjects } from './guard.ts'
import { policyText, publishedOf } from './policies.ts'
import { startDeciders } from './rego.ts'

export interface OpaSubjects {
  readonly subjects: readonly AnySubject[]
  /** Questions that `TOGETHER` asks in one case. */
  readonly together: number
  /** Of `opa build -t wasm`. */
  readonly buildMilliseconds: number
  close(): Promise<void>
}

/** One case of it is all requests, so many at a time. */
export const TOGETHER = 'opa, 8 at a time'
const AT_A_TIME = 8

export async function openSubjects(command: string, size: number): Promise<OpaSubjects> {
  const data = referenceOf(size)
  const cedar = cedarOf(data)
  const published = publishedOf(cedar)
  const requests = requestsOf(cedar, createSchema(cedar.schema))
  const guard = await guardSubjects(data, published, policyText(cedar))
  const rego = await startDeciders(command, published)
  const close = async (): Promise<void> => {
    await rego.close()
    await guard.close()
  }
  try {
    const ours = [
      { ...closures(cedar), name: 'policy, closures' },
      { ...generated(cedar), name: 'policy, codegen' },
    ]
    const [judge] = ours
    if (judge === undefined) throw new TypeError('there is a judge')
    const expected = requests.map((_, index) => judge.decide(index))
    for (const subject of ours) await assertSameDecisions(subject.name, expected, (index) => subject.decide(index))
    await assertSameDecisions('opa-wasm', expected, (index) => rego.wasm.decide(at(requests, index)))
    await assertSameDecisions('opa', expected, (index) => rego.rest.decide(at(requests, index)))
    const subjects = [
      ...ours,
      ...guard.subjects,
      wasmSubject(rego.wasm, requests),
      restSubject('opa', rego.rest, requests, expected),
    ]
    await assertSameAnswers(subjects)
    return {
      subjects: [
        ...subjects,
        togetherSubject(rego.rest, requests, expected),
        restSubject('opa, no policy', rego.restOfNumber, requests, undefined),
        inputSubject(requests),
      ],
      together: requests.length,
      buildMilliseconds: rego.buildMilliseconds,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Throws at the first request that is not decided as expected. */
export async function assertSameDecisions(
  name: string,
  expected: readonly Decision[],
  decide: (index: number) => Decision | Promise<Decision>,
): Promise<void> {
  for (const [index, wanted] of expected.entries()) {
    const given = await decide(index)
    if (wordsOf(given) !== wordsOf(wanted)) {
      throw new Error(`${name} decides request ${index} otherwise: ${wordsOf(given)}, not ${wordsOf(wanted)}`)
    }
  }
}

function wordsOf({ decision, reason, determining, errors }: Decision): string {
  const erring = errors.map(({ policy, code }) => `${policy} ${code}`)
  return JSON.stringify([decision, reason, [...determining].sort(), erring])
}

function wasmSubject(decider: Decider, requests: readonly Request[]): Subject {
  return {
    name: 'opa-wasm',
    cases: requests.length,
    run: (index) => (decider.decide(at(requests, index)) as Decision).decision === 'allow',
  }
}

/** An answer that does not come, or another than expected, ends the run: it would be a time of something else. */
function restSubject(
  name: string,
  decider: Decider,
  requests: readonly Request[],
  expected: readonly Decision[] | undefined,
): AsyncSubject {
  return {
    name,
    cases: requests.length,
    async runAsync(index) {
      const { decision } = await decider.decide(at(requests, index))
      if (expected !== undefined && decision !== expected[index]?.decision) throw new Error(`${name} did not answer`)
      return decision === 'allow'
    },
  }
}

function togetherSubject(decider: Decider, requests: readonly Request[], expected: readonly Decision[]): AsyncSubject {
  const one = restSubject(TOGETHER, decider, requests, expected)
  return {
    name: TOGETHER,
    cases: 1,
    async runAsync() {
      let next = 0
      const work = async (): Promise<void> => {
        while (next < requests.length) await one.runAsync(next++)
      }
      await Promise.all(Array.from({ length: AT_A_TIME }, work))
      return true
    },
  }
}

/** What both are asked with: the request as a document, and its text. */
function inputSubject(requests: readonly Request[]): Subject {
  return {
    name: 'input alone',
    cases: requests.length,
    run: (index) => jsonText(requestInput(at(requests, index))).length > 0,
  }
}

function at(requests: readonly Request[], index: number): Request {
  const request = requests[index]
  if (request === undefined) throw new RangeError(`no request ${index}`)
  return request
}
