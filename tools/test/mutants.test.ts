// The mechanism that plants faults: each fault of the list can be planted, one that breaks something is caught, one that breaks nothing
// survives, and what was never tried is never taken for caught.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Fault, plant } from '../mutants/fault.ts'
import { FAULTS } from '../mutants/faults/faults.ts'
import { baseline, tryFault } from '../mutants/plant.ts'
import { record } from '../mutants/record.ts'
import type { Recorded } from '../mutants/suite/check.ts'

const LONG_MILLISECONDS = 180_000

describe('the list of faults', () => {
  it('has many, each with a name of its own', () => {
    expect(FAULTS.length).toBeGreaterThanOrEqual(60)
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length)
  })

  it('is true of the sources: every text stands exactly once, and its replacement changes the file', async () => {
    const problems: string[] = []
    for (const fault of FAULTS) {
      const source = await readFile(fileURLToPath(new URL(`../../${fault.file}`, import.meta.url)), 'utf8').catch(
        () => '',
      )
      const planted = plant(source, fault)
      if ('problem' in planted) problems.push(`${fault.name} in ${fault.file}: ${planted.problem}`)
      else if (planted.source === source) problems.push(`${fault.name} changes nothing`)
    }
    expect(problems).toEqual([])
  })
})

describe('a fault', () => {
  const fault: Fault = {
    name: 'canary',
    file: 'packages/policy/src/operator/less.ts',
    find: 'left < right',
    replace: 'left <= right',
    breaks: '`<` holds for equals',
  }
  let recorded: Recorded

  beforeAll(async () => {
    const all = await record()
    const smallTables = all.tables.filter(({ policy }) => policy.length < 20_000)
    recorded = { scenarios: all.scenarios.slice(0, 40), tables: smallTables }
  }, LONG_MILLISECONDS)

  it(
    'that is not there is not found',
    async () => {
      expect(await baseline(recorded)).toBeUndefined()
    },
    LONG_MILLISECONDS,
  )

  it.each<[string, Partial<Fault>, string]>([
    ['is caught', {}, 'caught'],
    ['that breaks nothing survives', { replace: 'left < right && true' }, 'survived'],
    ['whose text is gone is not tried', { find: 'left ≤ right' }, 'not-tried'],
    ['whose text stands twice is not tried', { find: 'left' }, 'not-tried'],
    ['whose file is gone is not tried', { file: 'packages/policy/src/operator/lesser.ts' }, 'not-tried'],
    ['whose file nothing loads is not tried', { file: 'conformance/make-operators.ts', find: 'level: 9' }, 'not-tried'],
    ['that is no program is not tried', { replace: 'left <' }, 'not-tried'],
  ])(
    '%s',
    async (_, changes, expected) => {
      const outcome = await tryFault({ ...fault, ...changes }, recorded, 120)
      expect(outcome.kind).toBe(expected)
    },
    LONG_MILLISECONDS,
  )

  it(
    'after which the suite never ends is caught by the time',
    async () => {
      const endless = { ...fault, find: '(left, right) => left < right', replace: '() => { for (;;); }' }
      expect(await tryFault(endless, recorded, 8)).toMatchObject({ kind: 'caught', by: 'time' })
    },
    LONG_MILLISECONDS,
  )
})
