// A problem as people read it: the place, the message, the lines with the places underlined, and how to mend it.
// Source text is untrusted: nothing of it can act on a terminal.

import type { Problem, Suggestion } from '../problem.ts'
import { excerptOf, lineAt } from './excerpt.ts'
import { frameRows, type FrameRow, type Mark } from './frame.ts'
import { positionOf } from '../syntax/position.ts'
import { type Paint, paintRow, type Style } from './underline.ts'
import { visible } from '../syntax/visible.ts'

export interface FormatOptions {
  /** ANSI colours; default `false`. */
  readonly color?: boolean
}

/** The text that the problem's own place is in, or the texts of all files, by name. */
export type ProblemTexts = string | ReadonlyMap<string, string>

/**
 * Several lines: `file:line:column: error: message [CODE]`, a code frame when the problem has a place, the hint, and the
 * lines as they are with the suggestion applied. Columns are UTF-16 units from 1; underlines count the cells of a terminal.
 * Cost: linear in the text.
 */
export function formatProblem(problem: Problem, texts: ProblemTexts, options: FormatOptions = {}): string {
  const paint = options.color === true ? painted : plain
  const { severity, code, message, hint, span, suggestion } = problem
  const head = `${paint(severity, `${severity}:`)} ${paint('strong', visible(message))} [${code}]`
  const tail = hint === undefined ? [] : [`  ${paint('frame', '=')} ${visible(hint)}`]
  if (span === undefined) return [head, ...tail].join('\n')
  const textOf = (file: string): string =>
    (typeof texts !== 'string' ? texts.get(file) : file === span.file && texts) || ''
  const { line, column } = positionOf(textOf(span.file), span.start)
  return [
    `${visible(span.file)}:${line}:${column}: ${head}`,
    ...frames(problem, span.file, textOf, paint),
    ...tail,
    ...(suggestion === undefined ? [] : editedLine(textOf(suggestion.span.file), suggestion, paint)),
  ].join('\n')
}

/** A code frame alone, drawn as that of a problem. */
export function formatFrame(text: string, marks: readonly Mark[], options: FormatOptions = {}): readonly string[] {
  return printRows(frameRows(text, marks), options.color === true ? painted : plain)
}

/** All of them, an empty line between two, and at the end their number. */
export function formatProblems(
  problems: readonly Problem[],
  texts: ReadonlyMap<string, string>,
  options: FormatOptions = {},
): string {
  const paint = options.color === true ? painted : plain
  const worst = problems.some(({ severity }) => severity === 'error') ? 'error' : 'warning'
  const sum = countProblems(problems)
  return [
    ...problems.map((problem) => formatProblem(problem, texts, options)),
    problems.length === 0 ? sum : paint(worst, sum),
  ].join('\n\n')
}

/** `2 errors, 1 warning`; what there is none of is left out; `no problems`. */
export function countProblems(problems: readonly Problem[]): string {
  const count = (severity: Problem['severity']): string[] => {
    const { length } = problems.filter((problem) => problem.severity === severity)
    return length === 0 ? [] : [`${length} ${severity}${length === 1 ? '' : 's'}`]
  }
  return [...count('error'), ...count('warning')].join(', ') || 'no problems'
}

const ANSI: { readonly [S in Style]: string } = {
  error: '1;31',
  warning: '1;33',
  strong: '1',
  frame: '34',
  edit: '32',
}
const painted: Paint = (style, text) => `\u001b[${ANSI[style]}m${text}\u001b[0m`
const plain: Paint = (_, text) => text

/** The frame of the problem's own file, and one for each other file that has labels. */
function frames(
  { severity, span, label = '', labels = [] }: Problem,
  own: string,
  textOf: (file: string) => string,
  paint: Paint,
): readonly string[] {
  const marks = new Map<string, Mark[]>()
  const add = (file: string, mark: Mark): void => void marks.set(file, [...(marks.get(file) ?? []), mark])
  if (span !== undefined) add(own, { ...span, label: visible(label), style: severity })
  for (const { span, message } of labels) add(span.file, { ...span, label: visible(message), style: 'frame' })
  return [...marks].flatMap(([file, found]) => {
    const text = textOf(file)
    if (file === own) return printRows(frameRows(text, found), paint)
    const { line, column } = positionOf(text, found[0]?.start ?? 0)
    const place = `  ${paint('frame', ':::')} ${visible(file)}:${line}:${column}`
    return [place, ...printRows(frameRows(text, found), paint)]
  })
}

function printRows(rows: readonly FrameRow[], paint: Paint): readonly string[] {
  const digits = Math.max(...rows.map(({ number = 1 }) => String(number).length))
  return rows.map(({ number, source = '', pieces }) => {
    if (number === undefined && pieces.length === 0) return `  ${paint('frame', '...')}`
    const gutter = paint('frame', String(number ?? '').padStart(digits))
    return `  ${gutter} ${paint('frame', '|')} ${paintRow(pieces, paint)}${source}`.trimEnd()
  })
}

/** The line with the edit applied and what is new in it underlined; nothing for an edit over several lines. */
function editedLine(text: string, { span, text: replacement }: Suggestion, paint: Paint): readonly string[] {
  const { number } = lineAt(text, span.start)
  if (replacement.includes('\n') || lineAt(text, span.end).number !== number) return []
  const edited = `${text.slice(0, span.start)}${replacement}${text.slice(span.end)}`
  const excerpt = excerptOf(edited, lineAt(edited, span.start), span.start)
  const from = excerpt.from(span.start)
  const sign = span.start === span.end ? '+' : '~'
  const marks = sign.repeat(Math.max(0, excerpt.to(span.start + replacement.length) - from))
  const row = (gutter: string, bar: string, rest: string): string => `  ${gutter} ${bar} ${rest}`.trimEnd()
  return [
    row(paint('frame', String(number)), paint('edit', '+'), excerpt.shown),
    ...(marks === ''
      ? []
      : [
          row(
            ' '.repeat(String(number).length),
            paint('frame', '|'),
            paintRow([{ at: from, text: marks, style: 'edit' }], paint),
          ),
        ]),
  ]
}
