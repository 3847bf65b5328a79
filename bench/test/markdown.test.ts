import { describe, expect, it } from 'vitest'
import { judge } from '../goals.ts'
import { markdownOf } from '../markdown.ts'
import { type Figure, type Report, type Row, rowsOf, type Unmeasured } from '../report.ts'

const environment = { date: '2026-11-25', node: '26.10.0', processor: 'slow', cores: 2, load: 0.1 }

describe('the tables of a report', () => {
  it('have a line a subject and two columns a size', () => {
    const rows: Row[] = [
      ...rowsOf(
        'decide',
        'reference',
        10,
        new Map([
          ['codegen', 100],
          ['hand-written', 20],
        ]),
      ),
      ...rowsOf('decide', 'reference', 100, new Map([['codegen', 150]])),
    ]
    const figures: Figure[] = [{ bench: 'size', case: 'index', subject: 'policy', value: 30_000, unit: 'bytes' }]
    const report: Report = { environment, rows, figures, goals: judge({ rows, figures }) }
    expect(markdownOf(report)).toBe(
      `2026-11-25, Node 26.10.0, slow, 2 cores, load 0.1 when it began.

**reference**

| subject | 10 | over hand-written | 100 | over hand-written |
| --- | --- | --- | --- | --- |
| \`codegen\` | 100 ns | 5x | 150 ns |  |
| \`hand-written\` | 20 ns |  |  |  |

**size**

| subject | what | figure |
| --- | --- | --- |
| \`policy\` | index | 30.0 kB |

**goals**

| goal | must | aim | figure |  |
| --- | --- | --- | --- | --- |
| codegen over hand-written, every size | at most 8x | 5x | 5x | met |
| index of @cardea/policy in a browser, gzip | at most 40 kB | 25 kB | 30 kB | met |`,
    )
  })

  it('have a line for what could not be measured, and say so of its goal', () => {
    const times = new Map([
      ['exchange', 50_000],
      ['oidc-provider client credentials', 125_000],
    ])
    const rows = rowsOf('authority', 'token', 64, times)
    const gap = { bench: 'authority', case: 'token', size: 64, subject: 'exchange, PostgreSQL' }
    const unmeasured: Unmeasured[] = [{ ...gap, reason: 'a | b' }]
    const report: Report = {
      environment,
      rows,
      figures: [],
      goals: judge({ rows, figures: [], unmeasured }),
      unmeasured,
    }
    const lines = markdownOf(report).split('\n')
    expect(lines).toContain('| `exchange` | 50.00 us | 0.4x |')
    expect(lines).toContain('| `exchange, PostgreSQL` | **not measured**: a \\| b |  |')
    expect(lines).toContain(
      '| exchange on PostgreSQL over oidc-provider client credentials | at least 2x | 5x | not measured | missed |',
    )
  })
})
