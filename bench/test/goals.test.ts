import { describe, expect, it } from 'vitest'
import { amount, judge } from '../goals.ts'
import { rowsOf } from '../report.ts'

const rows = (size: number, times: Readonly<Record<string, number>>) =>
  rowsOf('decide', 'reference', size, new Map(Object.entries(times)))

describe('goals', () => {
  it('are judged by the worst size', () => {
    const measured = [
      ...rows(10, { codegen: 80, 'hand-written': 20 }),
      ...rows(100, { codegen: 180, 'hand-written': 20 }),
    ]
    expect(judge({ rows: measured, figures: [] })).toMatchObject([
      { goal: 'codegen over hand-written, every size', figure: 9, verdict: 'missed', reachesAim: false },
    ])
  })

  it('tell the aim from the must', () => {
    const verdicts = [100, 101, 160, 161].map((codegen) => {
      const [result] = judge({ rows: rows(10, { codegen, 'hand-written': 20 }), figures: [] })
      return [result?.verdict, result?.reachesAim]
    })
    expect(verdicts).toEqual([
      ['met', true],
      ['met', false],
      ['met', false],
      ['missed', false],
    ])
  })

  it('count in the other direction where more is better', () => {
    const [result] = judge({ rows: rows(10, { codegen: 100, casbin: 1900 }), figures: [] })
    expect(result).toMatchObject({ figure: 19, verdict: 'missed', direction: 'at least' })
  })

  it('are silent about what was not measured, and do not take another workload for the reference', () => {
    const other = rowsOf(
      'decide',
      'github',
      10,
      new Map([
        ['codegen', 1],
        ['hand-written', 1],
      ]),
    )
    expect(judge({ rows: other, figures: [] })).toEqual([])
  })

  it('are missed, with the reason, where there was to be a figure and is none', () => {
    const times = new Map([
      ['exchange', 50],
      ['oidc-provider client credentials', 125],
    ])
    const gap = { bench: 'authority', case: 'token', size: 64, subject: 'exchange, PostgreSQL', reason: 'no disk' }
    const goals = judge({ rows: rowsOf('authority', 'token', 64, times), figures: [], unmeasured: [gap] })
    expect(goals).toMatchObject([
      { goal: 'exchange on SQLite over oidc-provider client credentials', figure: 2.5, verdict: 'met' },
      { goal: 'exchange on PostgreSQL over oidc-provider client credentials', verdict: 'missed', reason: 'no disk' },
    ])
    expect(goals[1]).toMatchObject({ figure: undefined, reachesAim: false })
  })

  it('read bytes as thousands', () => {
    const figures = [{ bench: 'size', case: 'index', subject: '@cardea/policy', value: 40_001, unit: 'bytes' }] as const
    expect(judge({ rows: [], figures })).toMatchObject([{ figure: 40.001, verdict: 'missed' }])
  })
})

describe('amounts', () => {
  it.each([
    [1.2345, 'x', '1.23x'],
    [12.345, 'x', '12.3x'],
    [123_456, 'x', '123 456x'],
    [999.6, 'ms', '1 000 ms'],
  ] as const)('%d in %s is %s', (value, unit, text) => {
    expect(amount(value, unit)).toBe(text)
  })
})
