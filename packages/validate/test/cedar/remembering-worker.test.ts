// What is remembered is what Cedar would have answered, for any sequence of edits; and only what is new is asked.

import type { ValidationAnswer } from '@cedar-policy/cedar-wasm/nodejs'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import * as fc from 'fast-check'
import { CedarWorker } from '../../src/cedar/cedar-worker.ts'
import type { CedarCall } from '../../src/cedar/messages.ts'
import { RememberingWorker } from '../../src/cedar/remembering-worker.ts'

const SCHEMA = 'entity User { age: Long, vip?: Bool }; action view appliesTo { principal: [User], resource: [User] };'
const SCHEMA_2 = SCHEMA.replace('age: Long', 'age: String')

/** Right, wrong in one and in several ways, doubtful, wrong under the other schema, no policy at all. */
const POLICIES = [
  'permit (principal, action, resource);',
  'permit (principal, action, resource) when { principal.agee == 1 };',
  'permit (principal, action, resource) when { principal.age == "x" || principal.vip };',
  'permit (principal, action, resource) when { principal.age > 1 };',
  'forbid (principal, action == Action::"edit", resource);',
  'permit (principal, action, resource) when { false };',
  'permit (principal, action, resource) when {',
]
const TEMPLATES = [
  'permit (principal == ?principal, action, resource);',
  'permit (principal == ?principal, action, resource) when { principal.age == true };',
]

const options = { timeLimitMilliseconds: 20_000 }
const plain = new CedarWorker(options)
const workers: CedarWorker[] = [plain]
afterAll(() => Promise.all(workers.map((worker) => worker.close())))
afterEach(() => vi.restoreAllMocks())

function remembering(): RememberingWorker {
  const worker = new RememberingWorker(options)
  workers.push(worker)
  return worker
}

type Validation = Extract<CedarCall, { readonly kind: 'validate' }>

function callOf(schema: string, policies: readonly number[], templates: readonly number[] = []): Validation {
  const texts = (all: readonly string[], chosen: readonly number[], first: number): Record<string, string> =>
    Object.fromEntries(chosen.map((one, at) => [`p${first + at}`, all[one] ?? '']))
  return {
    kind: 'validate',
    schema,
    policies: texts(POLICIES, policies, 0),
    templates: texts(TEMPLATES, templates, policies.length),
  }
}

/** The order of findings says nothing; a message names the id of the call it was found in. */
function sorted(answer: ValidationAnswer): unknown {
  const text = (value: unknown): string => JSON.stringify(value).replaceAll(/`p\d+`/g, '`p`')
  if (answer.type === 'failure') return answer.errors.map(text).toSorted()
  return [answer.validationErrors, answer.validationWarnings].map((found) => found.map(text).toSorted())
}

async function answerOf(worker: CedarWorker, call: Validation): Promise<unknown> {
  const result = await worker.call(call)
  return result.kind === 'answer' ? sorted(result.answer) : result.kind
}

describe('a worker that remembers', () => {
  it('answers every sequence of edits as Cedar does', async () => {
    const indexes = (count: number): fc.Arbitrary<number[]> => fc.array(fc.nat({ max: count - 1 }), { maxLength: 6 })
    const edit = fc.record({
      schema: fc.oneof({ weight: 4, arbitrary: fc.constant(SCHEMA) }, { weight: 1, arbitrary: fc.constant(SCHEMA_2) }),
      // the last is not understood, which fails the whole call: rarely
      policies: fc.oneof(
        { weight: 6, arbitrary: indexes(POLICIES.length - 1) },
        { weight: 1, arbitrary: indexes(POLICIES.length) },
      ),
      templates: indexes(TEMPLATES.length),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
        const worker = remembering()
        for (const { schema, policies, templates } of edits) {
          const call = callOf(schema, policies, templates)
          expect(await answerOf(worker, call)).toEqual(await answerOf(plain, call))
        }
        await worker.close()
      }),
      { numRuns: 15 },
    )
  })

  it('asks only what is new under this schema', async () => {
    const worker = remembering()
    const asked = vi.spyOn(CedarWorker.prototype, 'call')
    await worker.call(callOf(SCHEMA, [0, 1], [0]))
    await worker.call(callOf(SCHEMA, [1, 0, 3], [0]))
    await worker.call(callOf(SCHEMA, [3, 0]))
    await worker.call(callOf(SCHEMA, [1]))
    await worker.call(callOf(SCHEMA_2, [1]))
    await worker.call({ kind: 'schema', text: SCHEMA })
    await worker.call({ kind: 'schema', text: SCHEMA })
    const texts = asked.mock.calls.map(([call]) =>
      call.kind === 'schema' ? 'schema' : [...Object.values(call.policies), ...Object.values(call.templates)],
    )
    expect(texts).toEqual([
      [POLICIES[0], POLICIES[1], TEMPLATES[0]],
      [POLICIES[3]],
      // what the last call left out is forgotten
      [POLICIES[1]],
      [POLICIES[1]],
      'schema',
    ])
  })

  it('does not take a policy for a template of the same text', async () => {
    const worker = remembering()
    await worker.call(callOf(SCHEMA, [0]))
    const call: Validation = { kind: 'validate', schema: SCHEMA, policies: {}, templates: { p0: POLICIES[0] ?? '' } }
    expect(await answerOf(worker, call)).toEqual(await answerOf(plain, call))
  })

  it('is closed like any other', async () => {
    const worker = remembering()
    await worker.call(callOf(SCHEMA, [0]))
    await worker.close()
    await expect(worker.call(callOf(SCHEMA, [0]))).rejects.toMatchObject({ code: 'ERR_VALIDATE_CLOSED' })
  })
})
