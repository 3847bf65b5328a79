// That what `opa` starts still starts, and that all of them decide alike, at small sizes. Times are looked at by nobody.

import type { Decision } from '@cardea/policy'
import { describe, expect, it, vi } from 'vitest'
import { requireOpa } from '../../tools/opa.ts'
import { cedarOf } from '../decide/reference/cedar.ts'
import { referenceOf } from '../decide/reference/reference.ts'
import { QUIET } from '../harness.ts'
import { schema } from '../opa/documents.ts'
import { benchOpa, OPA_BENCH } from '../opa/opa.ts'
import { assertSameDecisions } from '../opa/subjects.ts'

vi.setConfig({ testTimeout: 120_000 })

const SMALL = { sizes: [12], bundlePolicies: 20, builds: 1, measuring: { ...QUIET, rounds: 2 } }

describe('opa', () => {
  it('has ours, WebAssembly and an OPA decide alike, and an OPA take the bundle', async ({ skip }) => {
    const command = await requireOpa((reason) => skip(reason))
    const { rows = [], figures = [], unmeasured = [] } = await benchOpa(SMALL, { command })
    for (const size of SMALL.sizes) {
      const times = rows.filter((row) => row.size === size && row.medianNs > 0)
      expect(times.map(({ subject }) => subject)).toEqual([
        'policy, closures',
        'policy, codegen',
        'guard, decide',
        'guard, whole request',
        'opa-wasm',
        'opa',
        'opa, 8 at a time',
        'opa, no policy',
        'input alone',
      ])
    }
    const valueOf = (name: string): number =>
      figures.find((figure) => figure.case === name && figure.subject === '20 policies')?.value ?? Number.NaN
    expect(valueOf('bundle')).toBeGreaterThan(5000)
    expect(valueOf('bundle, unpacked')).toBeGreaterThan(valueOf('bundle'))
    for (const name of ['Rego of the policies', 'signed and packed', 'offer to activation'])
      expect(valueOf(name)).toBeGreaterThan(0)
    expect(valueOf('the same for the next revision')).toBeGreaterThan(0)
    // what an OPA has in memory is counted on Linux
    if (process.platform === 'linux') expect(valueOf('opa resident with it')).toBeGreaterThan(1e7)
    expect(unmeasured).toHaveLength(process.platform === 'linux' ? 0 : 1)
  })

  it('says why there is nothing, and has no figure, where there is no OPA', async () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => {})
    const results = await benchOpa(OPA_BENCH, { missing: 'nobody has one' })
    const lines = said.mock.calls.flat()
    said.mockRestore()
    expect(results).toEqual({})
    expect(lines).toEqual(['opa: skipped, nothing was measured: nobody has one'])
  })

  it('has the guard read the schema that the others decide by', () => {
    const { entities, actions } = cedarOf(referenceOf(10)).schema
    expect({ entities: schema.entities, actions: schema.actions }).toEqual({ entities, actions })
  })
})

describe('decisions are compared', () => {
  const right: Decision = { decision: 'allow', reason: 'permit', determining: ['a', 'b'], errors: [] }
  const fault = { policy: '', code: 'ERR_OPA_TIMEOUT', message: '', span: { file: '', start: 0, end: 0 } }

  it.each<[string, Decision]>([
    ['another decision', { ...right, decision: 'deny', reason: 'no-permit' }],
    ['another reason', { ...right, decision: 'deny', reason: 'forbid' }],
    ['another policy', { ...right, determining: ['a', 'c'] }],
    ['a policy more', { ...right, determining: ['a', 'b', 'c'] }],
    ['an error', { ...right, errors: [fault] }],
  ])('%s is found', async (_, wrong) => {
    const answers = [right, wrong]
    const decide = (index: number): Decision => answers[index] ?? right
    await expect(assertSameDecisions('it', [right, right], decide)).rejects.toThrow('it decides request 1 otherwise')
  })

  it('the order of policies says nothing', async () => {
    const turned = { ...right, determining: ['b', 'a'] }
    await expect(assertSameDecisions('it', [right], () => Promise.resolve(turned))).resolves.toBeUndefined()
  })
})
