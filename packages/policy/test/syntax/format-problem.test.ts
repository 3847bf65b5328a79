import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Problem } from '../../src/problem.ts'
import { formatProblem } from '../../src/syntax/format-problem.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import { positionOf } from '../../src/syntax/position.ts'

function problemAt(text: string, spot: string): Problem {
  const start = text.indexOf(spot)
  const span = { file: 'a.cedar', start, end: start + spot.length }
  return { severity: 'error', code: 'ERR_X', message: 'no', span }
}

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
      ].join('\n'),
    )
  })

  const frames: readonly (readonly [name: string, text: string, spot: string, line: string, marks: string])[] = [
    ['tabs count up to the next stop', '\ta\tbc', 'bc', '    a   bc', '        ^^'],
    ['wide characters count two', '"日本" bc', 'bc', '"日本" bc', '       ^^'],
    ['emoji count two', '😀 bc', 'bc', '😀 bc', '   ^^'],
    ['combining marks count nothing', 'e\u0301 bc', 'bc', 'e\u0301 bc', '  ^^'],
    ['a spot over several lines is marked to the end of its first', 'ab cd\nef', 'cd\nef', 'ab cd', '   ^^'],
    [
      'controls and direction overrides are shown as such',
      '\u001b[31m\u202e bc',
      'bc',
      '\ufffd[31m\ufffd bc',
      '       ^^',
    ],
    ['an empty spot has one mark', 'ab', '', 'ab', '^'],
  ]
  it.each(frames)('%s', (_, text, spot, line, marks) => {
    expect(frameOf(text, spot)).toEqual([line, marks])
  })

  it('cuts a long line around the spot', () => {
    const text = `${'x'.repeat(500)}SPOT${'y'.repeat(500)}`
    const [line = '', marks = ''] = frameOf(text, 'SPOT')
    expect(line.length).toBeLessThanOrEqual(110)
    expect(line.slice(marks.indexOf('^'), marks.length)).toBe('SPOT')
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
