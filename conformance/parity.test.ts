// The comparison itself: it can fail. An engine that answers wrongly, less or nothing is found, whatever the rest says.

import { describe, expect, test, vi } from 'vitest'
import { loadCases } from './case.ts'
import { createComparison } from './parity/comparison.ts'
import type { Batch, RegoAnswers, RegoEngine } from './parity/engine.ts'
import { startOpaServer } from './parity/opa-server.ts'
import { createOpaWasm } from './parity/opa-wasm.ts'
import { createSchemaReader } from './schema.ts'
import { requireOpa } from '../tools/opa.ts'

vi.setConfig({ testTimeout: 120_000 })

const cases = (await loadCases('conformance/cedar/examples.json')).slice(0, 8)
const readSchema = createSchemaReader()

/** What an engine says, changed. */
function changed(engine: RegoEngine, change: (answers: RegoAnswers) => RegoAnswers): RegoEngine {
  return { name: 'changed', close: () => engine.close(), ask: async (batch: Batch) => change(await engine.ask(batch)) }
}

type Decision = {
  readonly decision: string
  readonly determining: readonly string[]
  readonly errors: readonly unknown[]
}
const each = (answers: RegoAnswers, change: (decision: Decision) => unknown): RegoAnswers => ({
  results: Object.fromEntries(
    Object.entries(answers.results).map(([number, rows]) => [
      number,
      rows.map((row) => row.map((one) => change(one as Decision))),
    ]),
  ),
  documents: Object.fromEntries(
    Object.entries(answers.documents).map(([number, row]) => [number, row.map((one) => change(one as Decision))]),
  ),
})

describe('parity with OPA', () => {
  test('both engines agree with ours', async ({ skip }) => {
    const command = await requireOpa(skip)
    const server = await startOpaServer(command)
    try {
      const comparison = createComparison([server, createOpaWasm(command)], readSchema)
      await comparison.run(cases)
      await comparison.run(cases.slice(0, 1))
      expect(comparison.disagreements).toEqual([])
      expect(comparison.tally.answers).toBeGreaterThan(400)
      expect(comparison.tally.documents).toBeGreaterThan(40)
    } finally {
      await server.close()
    }
  })

  test.for<readonly [string, (answers: RegoAnswers) => RegoAnswers]>([
    [
      'the other decision',
      (answers) => each(answers, (one) => ({ ...one, decision: one.decision === 'allow' ? 'deny' : 'allow' })),
    ],
    ['no determining policy', (answers) => each(answers, (one) => ({ ...one, determining: [] }))],
    ['an error too many', (answers) => each(answers, (one) => ({ ...one, errors: [{ policy: 'policy0' }] }))],
    ['no decision', (answers) => each(answers, () => ({}))],
    [
      'one answer less',
      ({ results, documents }) => ({ results: { ...results, 0: (results[0] ?? []).slice(1) }, documents }),
    ],
    ['no documents', ({ results }) => ({ results, documents: {} })],
    ['nothing at all', () => ({ results: {}, documents: {} })],
  ])('%s is found', async ([, change], { skip }) => {
    const comparison = createComparison([changed(createOpaWasm(await requireOpa(skip)), change)], readSchema)
    await comparison.run(cases)
    expect(comparison.disagreements.length).toBeGreaterThan(0)
  })

  test('modules that OPA refuses are an error, not agreement', async ({ skip }) => {
    const command = await requireOpa(skip)
    const server = await startOpaServer(command)
    try {
      const batch = {
        number: 1,
        data: { parity_data: { number: 1 } },
        modules: new Map([['parity/all.rego', 'package parity.all\n\nanswers := nothing.at.all\n']]),
      }
      await expect(server.ask(batch)).rejects.toThrow('opa does not take batch 1')
      await expect(createOpaWasm(command).ask(batch)).rejects.toThrow('opa build failed')
    } finally {
      await server.close()
    }
  })
})
