// The rows under a line of source: underlines, and the labels beside the last one or hung below.

/** A place in a row of cells, `to` exclusive. */
export interface Underline {
  readonly from: number
  readonly to: number
  readonly label: string
  readonly style: Style
}

export type Style = 'error' | 'warning' | 'strong' | 'frame' | 'edit'
export type Paint = (style: Style, text: string) => string

/** Texts at cells of a row; later ones lie above earlier ones. They hold one cell a character, but for the last of a row. */
export interface Piece {
  readonly at: number
  readonly text: string
  readonly style: Style
}

const SIGNS: { readonly [S in Style]: string } = { error: '^', warning: '^', strong: '^', frame: '-', edit: '~' }

/** The rows, from top to bottom. Short underlines lie above long ones. */
export function underlineRows(underlines: readonly Underline[]): readonly (readonly Piece[])[] {
  const labelled = underlines.filter(({ label }) => label !== '').toSorted((a, b) => b.from - a.from || b.to - a.to)
  const end = Math.max(...underlines.map(({ to }) => to))
  const [last] = labelled
  const beside = last?.to === end ? last : undefined
  const hung = beside === undefined ? labelled : labelled.slice(1)
  const first = underlines
    .toSorted((a, b) => b.to - b.from - (a.to - a.from))
    .map(({ from, to, style }) => ({ at: from, text: SIGNS[style].repeat(to - from), style }))
  if (beside !== undefined) first.push({ at: end + 1, text: beside.label, style: beside.style })
  const threads = (marks: readonly Underline[]): Piece[] =>
    marks.map(({ from, style }) => ({ at: from, text: '|', style }))
  return [
    first,
    ...(hung.length === 0 ? [] : [threads(hung)]),
    ...hung.map((mark, index) => [
      ...threads(hung.slice(index + 1).filter(({ from }) => from < mark.from)),
      { at: mark.from, text: mark.label, style: mark.style },
    ]),
  ]
}

/** The row as one text. */
export function paintRow(pieces: readonly Piece[], paint: Paint): string {
  const cells: { character: string; style: Style | undefined }[] = []
  for (const { at, text, style } of pieces) {
    while (cells.length < at) cells.push({ character: ' ', style: undefined })
    for (const [index, character] of Array.from(text).entries()) cells[at + index] = { character, style }
  }
  let row = ''
  let run = ''
  for (const [index, { character, style }] of cells.entries()) {
    run += character
    if (cells[index + 1]?.style === style) continue
    row += style === undefined ? run : paint(style, run)
    run = ''
  }
  return row
}
