import { describe, expect, it } from 'vitest'
import { judge } from '../goals.ts'
import { markdownOf } from '../markdown.ts'
import { type Figure, type Report, type Row, rowsOf } from '../report.ts'

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
})
