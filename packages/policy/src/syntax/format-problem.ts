// A problem as people read it: the place, the message, the line with the spot underlined, and how to mend it.
// Source text is untrusted: nothing of it can act on a terminal.

import type { Problem } from '../problem.ts'
import { positionOf } from './position.ts'

/**
 * Several lines: `file:line:column: error: message [CODE]`, a code frame when the problem has a place, and the hint.
 * Columns are UTF-16 units from 1; the underline counts terminal cells, so that tabs and wide characters stay in line.
 */
export function formatProblem(
  problem: Problem,
  sourceText: string,
  options: { readonly color?: boolean } = {},
): string {
  const paint = options.color === true ? painted : plain
  const { severity, code, message, hint, span } = problem
  const head = `${paint(severity, `${severity}:`)} ${paint('strong', visible(message))} [${code}]`
  const tail = hint === undefined ? [] : [`  ${paint('frame', '=')} ${visible(hint)}`]
  if (span === undefined) return [head, ...tail].join('\n')
  const { line, column } = positionOf(sourceText, span.start)
  const place = `${visible(span.file)}:${line}:${column}`
  return [`${place}: ${head}`, ...frame(sourceText, span, line, paint, severity), ...tail].join('\n')
}

type Style = 'error' | 'warning' | 'strong' | 'frame'
type Paint = (style: Style, text: string) => string

const ANSI: { readonly [S in Style]: string } = { error: '1;31', warning: '1;33', strong: '1', frame: '34' }
const painted: Paint = (style, text) => `\u001b[${ANSI[style]}m${text}\u001b[0m`
const plain: Paint = (_, text) => text

/** Cells of source text that are shown; a longer line is cut around the spot. */
const WIDTH = 110
const MARGIN = 30
const TAB = 4

function frame(
  text: string,
  span: { readonly start: number; readonly end: number },
  line: number,
  paint: Paint,
  severity: Problem['severity'],
): readonly string[] {
  const lineStart = startOfLine(text, span.start)
  const lineEnd = endOfLine(text, lineStart)
  const cells = toCells(text.slice(lineStart, lineEnd))
  const from = cellAt(cells, span.start - lineStart)
  const to = Math.max(from + 1, cellAt(cells, Math.min(span.end, lineEnd) - lineStart))
  const cut = widthOf(cells) <= WIDTH ? 0 : Math.max(0, from - MARGIN)
  const shown = cells.filter((cell) => cell.at >= cut && cell.at + cell.width <= cut + WIDTH)
  const offset = shown[0]?.at ?? cut
  const caret = '^'.repeat(Math.max(1, Math.min(to, offset + WIDTH) - from))
  const number = String(line)
  const gutter = ' '.repeat(number.length)
  const bar = paint('frame', '|')
  const marks = `${' '.repeat(Math.max(0, from - offset))}${paint(severity, caret)}`
  return [
    `  ${paint('frame', number)} ${bar} ${shown.map((cell) => cell.text).join('')}`.trimEnd(),
    `  ${gutter} ${bar} ${marks}`,
  ]
}

function startOfLine(text: string, offset: number): number {
  let at = Math.max(0, Math.min(offset, text.length))
  while (at > 0 && !isLineBreak(text, at - 1)) at--
  return at
}

function endOfLine(text: string, start: number): number {
  let at = start
  while (at < text.length && !isLineBreak(text, at)) at++
  return at
}

function isLineBreak(text: string, at: number): boolean {
  return text[at] === '\n' || text[at] === '\r'
}

/** One character as it is shown: where it stands in the line, in code units and in cells. */
interface Cell {
  readonly text: string
  readonly unit: number
  readonly at: number
  readonly width: number
}

function toCells(line: string): readonly Cell[] {
  const cells: Cell[] = []
  let unit = 0
  let at = 0
  for (const character of line) {
    const width = character === '\t' ? TAB - (at % TAB) : cellWidth(character)
    cells.push({ text: character === '\t' ? ' '.repeat(width) : visible(character), unit, at, width })
    unit += character.length
    at += width
  }
  return cells
}

function widthOf(cells: readonly Cell[]): number {
  const last = cells.at(-1)
  return last === undefined ? 0 : last.at + last.width
}

/** The cell of a code unit; behind the line, the cell after its last. */
function cellAt(cells: readonly Cell[], unit: number): number {
  let at = 0
  for (const cell of cells) {
    if (cell.unit >= unit) return cell.at
    at = cell.at + cell.width
  }
  return at
}

const NARROW_MARK = /^[\p{Mn}\p{Me}]$/u
const WIDE =
  /^(?:\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6])$/u

function cellWidth(character: string): number {
  if (NARROW_MARK.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

/** Controls, line separators and direction overrides become a replacement character of one cell. */
function visible(text: string): string {
  return text.replaceAll(UNSAFE, '\ufffd')
}

const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
