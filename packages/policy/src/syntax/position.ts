// Offsets to lines and columns. Lines end at `\n`, `\r\n` or a lone `\r`, as editors count them.

/** A place as people and editors say it: both counted from 1, columns in UTF-16 code units. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** The line and column of an offset in UTF-16 code units; an offset outside the text is clamped to it. Cost: the text before it. */
export function positionOf(text: string, offset: number): Position {
  const end = Math.max(0, Math.min(offset, text.length))
  let line = 1
  let lineStart = 0
  for (let at = 0; at < end; at++) {
    const unit = text.charCodeAt(at)
    // the `\r` of `\r\n` ends no line of its own
    if (unit === LINE_FEED || (unit === CARRIAGE_RETURN && text.charCodeAt(at + 1) !== LINE_FEED)) {
      line++
      lineStart = at + 1
    }
  }
  return { line, column: end - lineStart + 1 }
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
