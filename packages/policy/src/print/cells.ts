// A line of source text as a terminal shows it, in cells: tabs to their stops, wide characters two cells, combining marks none, and
// everything that could act on a terminal or hide in it spelled out in ASCII.
// Unicode: UAX 29 (what a reader takes for one character), UAX 11 (wide characters), UTS 51 (emoji).

import { visible } from '../syntax/visible.ts'

/** What a reader takes for one character: its code units `start` to `end` in the line, and the cells it takes. */
export interface Cell {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly at: number
  readonly width: number
}

const TAB = 4

/** The characters of a line, in order. Cost: about a microsecond each. */
export function toCells(line: string): readonly Cell[] {
  const cells: Cell[] = []
  let at = 0
  for (const { segment, index: start } of GRAPHEMES.segment(line)) {
    const text = segment === '\t' ? ' '.repeat(TAB - (at % TAB)) : visible(segment)
    const width = displayWidth(text)
    cells.push({ text, start, end: start + segment.length, at, width })
    at += width
  }
  return cells
}

/** Cells of all of them. */
export function widthOf(cells: readonly Cell[]): number {
  const last = cells.at(-1)
  return last === undefined ? 0 : last.at + last.width
}

function displayWidth(character: string): number {
  if (EMOJI.test(character)) return 2
  let width = 0
  for (const point of character) width += NO_CELL.test(point) ? 0 : WIDE.test(point) ? 2 : 1
  return width
}

const GRAPHEMES = /* @__PURE__ */ new Intl.Segmenter('en', { granularity: 'grapheme' })
const EMOJI = /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}(?:\ufe0f|\u200d)|[#*0-9]\ufe0f)/u
const NO_CELL = /[\p{Mn}\p{Me}\ufe0f]/u
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u
