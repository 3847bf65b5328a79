import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Problem } from '../../src/problem.ts'
import { formatProblem, formatProblems } from '../../src/print/format-problem.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import { positionOf } from '../../src/syntax/position.ts'
import type { Span } from '../../src/syntax/tree.ts'

function problemAt(text: string, spot: string): Problem {
  return { severity: 'error', code: 'ERR_X', message: 'no', span: spanOf(text, spot) }
}

function spanOf(text: string, spot: string): Span {
  const start = text.indexOf(spot)
  return { file: 'a.cedar', start, end: start + spot.length }
}

/** Spots of a text and their labels, the one to look at first. */
type Marks = readonly [readonly [spot: string, label: string], ...(readonly [spot: string, label: string])[]]

/** The line and the marks under it, without the gutter. */
function frameOf(text: string, spot: string): readonly string[] {
  return formatProblem(problemAt(text, spot), text)
    .split('\n')
    .slice(1, 3)
    .map((line) => line.slice(line.indexOf('|') + 2))
}

describe('formatProblem', () => {
  it('shows place, message, line, spot and hint', () => {
    const text = 'permit (principal, action, resource)\nwhen { prinicpal.a };'
    const [problem] = parsePolicies(text, { file: 'a.cedar' }).problems
    expect(problem && formatProblem(problem, text)).toBe(
      [
        'a.cedar:2:8: error: `prinicpal` is no variable [ERR_POLICY_SYNTAX_VARIABLE]',
        '  2 | when { prinicpal.a };',
        '    |        ^^^^^^^^^',
        '  = did you mean `principal`?',
        '  2 + when { principal.a };',
        '    |        ~~~~~~~~~',
      ].join('\n'),
    )
  })

  const frames: readonly (readonly [name: string, text: string, spot: string, line: string, marks: string])[] = [
    ['tabs count up to the next stop', '\ta\tbc', 'bc', '    a   bc', '        ^^'],
    ['wide characters count two', '"日本" bc', 'bc', '"日本" bc', '       ^^'],
    ['emoji count two', '😀 bc', 'bc', '😀 bc', '   ^^'],
    ['combining marks count nothing', 'e\u0301 bc', 'bc', 'e\u0301 bc', '  ^^'],
    ['halfwidth letters count one', 'ｱ bc', 'bc', 'ｱ bc', '  ^^'],
    ['emoji that are joined count as one', '👩‍👩‍👧 🇩🇪 bc', 'bc', '👩‍👩‍👧 🇩🇪 bc', '      ^^'],
    ['a joiner between letters is shown', 'a\u200db c', 'c', 'a\\u{200d}b c', '           ^'],
    ['a spot inside a character marks the whole of it', '日本', '\u672c', '日本', '  ^^'],
    ['the break behind a line belongs to it', 'ab\ncd', 'ab\n', 'ab', '^^'],
    [
      'controls and direction overrides are shown as such',
      '\u001b[31m\u202e bc',
      'bc',
      '\\u{1b}[31m\\u{202e} bc',
      '                   ^^',
    ],
    ['an empty spot has one mark', 'ab', '', 'ab', '^'],
  ]
  it.each(frames)('%s', (_, text, spot, line, marks) => {
    expect(frameOf(text, spot)).toEqual([line, marks])
  })

  const shapes: readonly (readonly [name: string, text: string, marks: Marks, expected: string])[] = [
    [
      'a label beside its underline',
      'when { 1 };',
      [['1', 'not a `Bool`']],
      `
  1 | when { 1 };
    |        ^ not a \`Bool\``,
    ],
    [
      'several labels on a line, hung from right to left',
      'a.age == "x"',
      [
        ['==', 'different types'],
        ['a.age', 'a `Long`'],
        ['"x"', 'a `String`'],
      ],
      `
  1 | a.age == "x"
    | ----- ^^ --- a \`String\`
    | |     |
    | |     different types
    | a \`Long\``,
    ],
    [
      'short places above long ones',
      'a.age == "x"',
      [
        ['a.age == "x"', ''],
        ['a.age', 'a `Long`'],
        ['"x"', 'a `String`'],
      ],
      `
  1 | a.age == "x"
    | -----^^^^--- a \`String\`
    | |
    | a \`Long\``,
    ],
    [
      'the labels of places that begin together',
      'a.age == "x"',
      [
        ['a.age == "x"', 'never true'],
        ['a.age', 'a `Long`'],
      ],
      `
  1 | a.age == "x"
    | -----^^^^^^^ never true
    | |
    | a \`Long\``,
    ],
    [
      'no label beside an underline that another goes on behind',
      'a.age == "x"',
      [
        ['a.age == "x"', ''],
        ['age', 'a `Long`'],
      ],
      `
  1 | a.age == "x"
    | ^^---^^^^^^^
    |   |
    |   a \`Long\``,
    ],
    [
      'a place over several lines, bracketed',
      'permit (\n  principal,\n  action,\n  resource\n);',
      [['permit (\n  principal,\n  action,\n  resource\n)', 'this policy']],
      `
  1 | / permit (
  2 | |   principal,
  3 | |   action,
  4 | |   resource
  5 | | );
    | |_^ this policy`,
    ],
    [
      'one that begins inside a line, beside another place',
      'permit (a,\n  b);',
      [
        ['a,\n  b', 'these'],
        ['(', 'opened here'],
      ],
      `
  1 |   permit (a,
    |          - opened here
    |  _________^
  2 | |   b);
    | |___^ these`,
    ],
    [
      'lines between far places left out, and a single one shown',
      '1\n2\n3\n4\n5\n6\n7',
      [
        ['7', 'seven'],
        ['1', 'one'],
        ['5', 'five'],
      ],
      `
  1 | 1
    | - one
  ...
  5 | 5
    | - five
  6 | 6
  7 | 7
    | ^ seven`,
    ],
    [
      'a long place without its middle',
      'a\nb\nc\nd\ne\nf\ng',
      [['a\nb\nc\nd\ne\nf\ng', 'all']],
      `
  1 | / a
  ...
  7 | | g
    | |_^ all`,
    ],
  ]
  it.each(shapes)('draws %s', (_, text, [first, ...rest], expected) => {
    const at = ([spot, label]: readonly [string, string]) => ({ label, span: spanOf(text, spot) })
    const labels = rest.map(at).map(({ label: message, span }) => ({ message, span }))
    const problem: Problem = { severity: 'error', code: 'ERR_X', message: 'no', ...at(first), labels }
    expect(formatProblem(problem, text).split('\n').slice(1).join('\n')).toBe(expected.slice(1))
  })

  const edits: readonly (readonly [name: string, text: string, spot: string, edit: string, rows: readonly string[]])[] =
    [
      ['a replacement', 'a = b', '=', '==', ['1 + a == b', '  |   ~~']],
      ['an insertion', 'a', '', '!', ['1 + !a', '  | +']],
      ['a removal', 'a;;', ';', '', ['1 + a;']],
      ['nothing of an edit over lines', 'a', 'a', 'b\nc', []],
    ]
  it.each(edits)('shows the line with %s', (_, text, spot, edit, rows) => {
    const span = spanOf(text, spot)
    const problem: Problem = { ...problemAt(text, spot), suggestion: { span, text: edit } }
    expect(
      formatProblem(problem, text)
        .split('\n')
        .slice(3)
        .map((row) => row.slice(2)),
    ).toEqual(rows)
  })

  it('shows places of other files under their names', () => {
    const texts = new Map([
      ['a.cedar', 'one'],
      ['b.cedar', 'x\n two'],
    ])
    const labels = [{ span: { file: 'b.cedar', start: 3, end: 6 }, message: 'first here' }]
    expect(
      formatProblem({ ...problemAt('one', 'one'), labels }, texts)
        .split('\n')
        .slice(1),
    ).toEqual(['  1 | one', '    | ^^^', '  ::: b.cedar:2:2', '  2 |  two', '    |  --- first here'])
  })

  it('cuts a long line around the spot', () => {
    const text = `${'x'.repeat(500)}SPOT${'y'.repeat(500)}`
    const [line = '', marks = ''] = frameOf(text, 'SPOT')
    expect(line.length).toBeLessThanOrEqual(110)
    expect(line.slice(marks.indexOf('^'), marks.length)).toBe('SPOT')
    expect([line.at(0), line.at(-1)]).toEqual(['…', '…'])
  })

  it('has no frame without a place', () => {
    expect(formatProblem({ severity: 'warning', code: 'ERR_X', message: 'no' }, 'text')).toBe('warning: no [ERR_X]')
  })

  it('colours on request, and says the same', () => {
    const text = 'permit'
    const [problem] = parsePolicies(text).problems
    const coloured = problem === undefined ? '' : formatProblem(problem, text, { color: true })
    expect(coloured).toContain('\u001b[1;31m')
    // oxlint-disable-next-line no-control-regex -- the escapes are what is removed
    expect(coloured.replaceAll(/\u001b\[[\d;]*m/g, '')).toBe(problem && formatProblem(problem, text))
  })

  it('never throws, whatever the text and place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer(), fc.integer(), (text, start, end) => {
        const problem: Problem = { ...problemAt(text, ''), span: { file: text, start, end } }
        expect(formatProblem(problem, text)).toContain('ERR_X')
      }),
    )
  })
})

describe('formatProblems', () => {
  it('ends with the number of problems', () => {
    const problem = problemAt('one', 'one')
    const warning: Problem = { ...problem, severity: 'warning' }
    const texts = new Map([['a.cedar', 'one']])
    const sums = [[], [problem], [warning, problem, problem]].map((problems) =>
      formatProblems(problems, texts).split('\n\n').at(-1),
    )
    expect(sums).toEqual(['no problems', '1 error', '2 errors, 1 warning'])
    expect(formatProblems([problem, warning], texts).split('\n\n')).toHaveLength(3)
  })
})

describe('positionOf', () => {
  const places: readonly (readonly [name: string, text: string, offset: number, line: number, column: number])[] = [
    ['the beginning', 'abc', 0, 1, 1],
    ['behind a line feed', 'a\nb', 2, 2, 1],
    ['behind both', 'a\r\nb', 3, 2, 1],
    ['between both', 'a\r\nb', 2, 1, 3],
    ['behind a lone carriage return', 'a\rb', 2, 2, 1],
    ['UTF-16 units', '😀b', 2, 1, 3],
    ['the end', 'a\n', 2, 2, 1],
    ['beyond the end', 'ab', 9, 1, 3],
    ['before the beginning', 'ab', -1, 1, 1],
  ]
  it.each(places)('%s', (_, text, offset, line, column) => {
    expect(positionOf(text, offset)).toEqual({ line, column })
  })
})
