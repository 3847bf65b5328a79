// A code frame: the lines of a text in which marks stand, each place underlined and labelled, a place over several lines bracketed
// at the left. Lines far from every mark are left out.

import { excerptOf, type Excerpt, type Line, lineAfter, lineAt } from './excerpt.ts'
import { type Piece, type Style, underlineRows } from './underline.ts'

/** A place in the text, in code units, and what stands there. A place outside of the text is moved into it. */
export interface Mark {
  readonly start: number
  readonly end: number
  readonly label: string
  readonly style: Style
}

/** A row: a line of the text under its number, or what is said about the line above. Without either: lines are left out. */
export interface FrameRow {
  readonly number?: number
  readonly source?: string
  readonly pieces: readonly Piece[]
}

/** Lines of one mark that are shown without a gap. */
const LONGEST = 5

/** The rows of the frame. A line that is too long for all of its marks is cut around the first of them. */
export function frameRows(text: string, marks: readonly Mark[]): readonly FrameRow[] {
  const placed = marks.map((mark) => place(text, mark))
  const tall = placed.filter(isTall)
  const inset = tall.length === 0 ? 0 : tall.length + 1
  const rows: FrameRow[] = []
  let before = Number.POSITIVE_INFINITY
  for (const line of linesOf(text, placed)) {
    if (line.number > before + 1) rows.push({ pieces: [] })
    before = line.number
    const here = placed.filter((mark) => mark.first.number === line.number || mark.last.number === line.number)
    const excerpt = excerptOf(text, line, anchorOf(here[0], line))
    rows.push({ number: line.number, source: excerpt.shown, pieces: brackets(tall, line) })
    rows.push(...under(line, here, tall, excerpt, inset))
  }
  return rows
}

interface Placed extends Mark {
  readonly first: Line
  readonly last: Line
  /** Nothing but space stands before it in its line. */
  readonly isIndented: boolean
}

function place(text: string, mark: Mark): Placed {
  const start = Math.max(0, Math.min(mark.start, text.length))
  const end = Math.max(start, Math.min(mark.end, text.length))
  const first = lineAt(text, start)
  // the break behind a line belongs to the line
  const inside = text.slice(start, end).trimEnd().length
  const last = start + inside <= first.end ? first : lineAt(text, start + inside)
  return {
    ...mark,
    start,
    end: Math.min(end, last.end),
    first,
    last,
    isIndented: text.slice(first.start, start).trim() === '',
  }
}

function isTall({ first, last }: Placed): boolean {
  return first.number < last.number
}

/** In order. A gap of a single line is no gap: the line is shown. */
function linesOf(text: string, marks: readonly Placed[]): readonly Line[] {
  const lines = new Map<number, Line>()
  for (const { first, last } of marks) {
    lines.set(first.number, first).set(last.number, last)
    if (last.number - first.number >= LONGEST) continue
    for (let line = first; line.number < last.number; line = lineAfter(text, line)) lines.set(line.number, line)
  }
  for (const line of lines.values().toArray()) {
    if (!lines.has(line.number + 1) && lines.has(line.number + 2)) lines.set(line.number + 1, lineAfter(text, line))
  }
  return lines
    .values()
    .toArray()
    .toSorted((a, b) => a.number - b.number)
}

function anchorOf(mark: Placed | undefined, line: Line): number {
  if (mark === undefined) return line.start
  return mark.first.number === line.number ? mark.start : mark.end
}

/** What stands under a line: its underlines, and the corners of brackets. */
function under(
  line: Line,
  marks: readonly Placed[],
  tall: readonly Placed[],
  excerpt: Excerpt,
  inset: number,
): readonly FrameRow[] {
  const underlines = marks
    .filter((mark) => !isTall(mark))
    .map(({ start, end, label, style }) => {
      const from = inset + excerpt.from(start)
      return { from, to: Math.max(from + 1, inset + excerpt.to(end)), label, style }
    })
  const rows = underlines.length === 0 ? [] : underlineRows(underlines)
  const corners = tall.flatMap((mark, column): (readonly Piece[])[] => {
    if (mark.first.number === line.number && !mark.isIndented)
      return [[corner(column + 1, inset + excerpt.from(mark.start), mark.style)]]
    if (mark.last.number !== line.number) return []
    const at = inset + Math.max(0, excerpt.to(mark.end) - 1)
    const label = { at: at + 2, text: mark.label, style: mark.style }
    return [[{ at: column, text: '|', style: mark.style }, corner(column + 1, at, mark.style), label]]
  })
  return [...rows, ...corners].map((pieces) => ({ pieces: [...open(tall, line), ...pieces] }))
}

function corner(from: number, to: number, style: Style): Piece {
  return { at: from, text: `${'_'.repeat(Math.max(0, to - from))}${style === 'frame' ? '-' : '^'}`, style }
}

/** The brackets beside a line of the text. */
function brackets(tall: readonly Placed[], line: Line): readonly Piece[] {
  return [
    { at: 0, text: ' '.repeat(tall.length === 0 ? 0 : tall.length + 1), style: 'frame' },
    ...tall.flatMap(({ first, last, isIndented, style }, at): readonly Piece[] => {
      if (line.number > first.number && line.number <= last.number) return [{ at, text: '|', style }]
      return line.number === first.number && isIndented ? [{ at, text: '/', style }] : []
    }),
  ]
}

/** The brackets that go on below a line. */
function open(tall: readonly Placed[], line: Line): readonly Piece[] {
  return tall.flatMap(({ first, last, isIndented, style }, at): readonly Piece[] => {
    const from = first.number + (isIndented ? 0 : 1)
    return line.number >= from && line.number < last.number ? [{ at, text: '|', style }] : []
  })
}
