// One line of a text as a row shows it: whole, or what of it stands around its marks.

import { toCells, widthOf } from './cells.ts'
import { positionOf } from '../syntax/position.ts'

/** A line by its number, counted from 1, and its code units in the text, without its end. */
export interface Line {
  readonly number: number
  readonly start: number
  readonly end: number
}

/** What is shown of a line, and where offsets of the text stand in it, in cells. */
export interface Excerpt {
  readonly shown: string
  /** Where the character at the offset begins. */
  from(offset: number): number
  /** Where the character before the offset ends. */
  to(offset: number): number
}

/** Cells of source text in a row. */
const WIDTH = 110
/** Cells that are shown before the first place of a line that is cut. */
const MARGIN = 30
/** Code units around a place that are looked at: more than fill a row, however long the line is. */
const REACH = 400

/** The line in which the offset stands. */
export function lineAt(text: string, offset: number): Line {
  const { line, column } = positionOf(text, offset)
  return endLine(text, line, Math.max(0, Math.min(offset, text.length)) - column + 1)
}

/** The line behind this one. */
export function lineAfter(text: string, { number, end }: Line): Line {
  return endLine(text, number + 1, end + (text.startsWith('\r\n', end) ? 2 : 1))
}

/** The line, cut around `anchor` when it is too long. */
export function excerptOf(text: string, line: Line, anchor: number): Excerpt {
  const start = line.end - line.start <= 2 * REACH ? line.start : Math.max(line.start, anchor - REACH)
  const cells = toCells(text.slice(start, Math.min(line.end, start + 2 * REACH)))
  const isWhole = start === line.start && widthOf(cells) <= WIDTH
  const at = (offset: number): number => cells.find(({ end }) => offset - start < end)?.at ?? widthOf(cells)
  const cut = isWhole ? 0 : Math.max(0, at(anchor) - MARGIN)
  const shown = cells.filter((cell) => cell.at >= cut && cell.at + cell.width <= cut + WIDTH)
  const first = shown[0]?.at ?? 0
  const last = widthOf(shown)
  const clamp = (cell: number): number => Math.max(0, Math.min(cell, last) - first)
  return {
    shown: ellipsis(
      shown.map((cell) => cell.text),
      start > line.start || first > 0,
      last < widthOf(cells),
    ),
    from: (offset) => clamp(at(offset)),
    to(offset) {
      const cell = cells.findLast((cell) => start + cell.start < offset)
      return clamp(cell === undefined ? 0 : cell.at + cell.width)
    },
  }
}

function endLine(text: string, number: number, start: number): Line {
  let end = start
  while (end < text.length && text[end] !== '\n' && text[end] !== '\r') end++
  return { number, start, end }
}

/** A character of one cell in the place of the first and of the last one. */
function ellipsis(cells: readonly string[], before: boolean, after: boolean): string {
  const shown = [...cells]
  if (before && shown.length > 0) shown[0] = '…'
  if (after && shown.length > 1) shown[shown.length - 1] = '…'
  return shown.join('')
}
