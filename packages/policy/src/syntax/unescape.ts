// What the inside of a string literal means: escapes in strings, and escapes and wildcards in patterns.
// Cedar's escapes are Rust's, without the escaped line break: `\n \r \t \\ \0 \' \"`, `\x41` up to `\x7f`,
// `\u{1F600}` with one to six digits and underscores between them; a pattern also has `\*`.

import { quoted, type Range } from './reporter.ts'
import type { PatternPart } from './tree.ts'

/** An escape that means nothing, relative to the inside of the literal. */
export interface BadEscape extends Range {
  readonly message: string
  readonly hint?: string
  readonly edit?: string
}

export interface Unescaped {
  readonly text: string
  readonly bad: readonly BadEscape[]
}

/** The text that a string literal's inside means. */
export function unescapeText(inside: string): Unescaped {
  const bad: BadEscape[] = []
  let text = ''
  for (const piece of pieces(inside)) {
    if (piece.kind === 'bad') bad.push(piece.escape)
    else if (piece.kind === 'star')
      bad.push({ ...piece.range, message: '`\\*` is an escape of patterns only', hint: PLAIN_STAR, edit: '*' })
    else text += piece.text
  }
  return { text, bad }
}

/** The parts of a `like` pattern: runs of text, and one wildcard for each unescaped `*`. */
export function unescapePattern(inside: string): {
  readonly parts: readonly PatternPart[]
  readonly bad: readonly BadEscape[]
} {
  const bad: BadEscape[] = []
  const parts: PatternPart[] = []
  let text = ''
  const flush = (): void => {
    if (text !== '') parts.push({ kind: 'text', text })
    text = ''
  }
  for (const piece of pieces(inside)) {
    if (piece.kind === 'bad') bad.push(piece.escape)
    else if (piece.kind === 'star') text += '*'
    else {
      // `\x2a` is a wildcard too: Cedar unescapes first and then looks for `*`
      const [first = '', ...rest] = piece.text.split('*')
      text += first
      for (const run of rest) {
        flush()
        parts.push({ kind: 'wildcard' })
        text += run
      }
    }
  }
  flush()
  return { parts, bad }
}

const PLAIN_STAR = 'in a string that is no pattern, `*` stands for itself'

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'star'; readonly range: Range }
  | { readonly kind: 'bad'; readonly escape: BadEscape }

const NAMED: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['0', '\0'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
])

const SPECIAL = /[\\\r]/g
const HEX = /\\x([0-7][0-9a-fA-F])/y
const UNICODE = /\\u\{([0-9a-fA-F][0-9a-fA-F_]*)\}/y
/** As much as one would call one escape, for the message. */
const ATTEMPT = /\\(?:x[0-9a-fA-F]{0,2}|u(?:\{[^}"\\]{0,12}\}?)?|[^])?/uy

function* pieces(inside: string): Generator<Piece> {
  let at = 0
  for (;;) {
    SPECIAL.lastIndex = at
    const special = SPECIAL.exec(inside)
    const next = special?.index ?? inside.length
    if (next > at) yield { kind: 'text', text: inside.slice(at, next) }
    if (special === null) return
    const [piece, end] = readSpecial(inside, next)
    yield piece
    at = end
  }
}

function readSpecial(inside: string, start: number): readonly [Piece, number] {
  if (inside[start] === '\r') {
    const escape = {
      start,
      end: start + 1,
      message: 'a string holds a carriage return',
      hint: 'write it as `\\r`',
      edit: '\\r',
    }
    return [{ kind: 'bad', escape }, start + 1]
  }
  const letter = inside[start + 1] ?? ''
  if (letter === '*') return [{ kind: 'star', range: { start, end: start + 2 } }, start + 2]
  const named = NAMED.get(letter)
  if (named !== undefined) return [{ kind: 'text', text: named }, start + 2]
  const [digits, end] = matchAt(HEX, inside, start) ?? matchAt(UNICODE, inside, start) ?? ['', start]
  const character = characterOf(digits)
  if (character !== undefined) return [{ kind: 'text', text: character }, end]
  const attempt = matchAt(ATTEMPT, inside, start)?.[1] ?? start + 1
  const written = inside.slice(start, attempt)
  const bare = /^\\u([0-9a-fA-F]{4})$/.exec(inside.slice(start, start + 6))?.[1]
  return bare === undefined || characterOf(bare) === undefined
    ? [{ kind: 'bad', escape: { start, end: attempt, message: `${quoted(written)} is no escape` } }, attempt]
    : [{ kind: 'bad', escape: braces(start, bare) }, start + 6]
}

/** As JavaScript, Java and JSON write it. */
function braces(start: number, digits: string): BadEscape {
  const message = `\`\\u${digits}\` is no escape`
  return { start, end: start + 6, message, hint: 'the digits stand in braces', edit: `\\u{${digits}}` }
}

function characterOf(digits: string): string | undefined {
  const plain = digits.replaceAll('_', '')
  if (plain.length === 0 || plain.length > 6) return undefined
  const point = Number.parseInt(plain, 16)
  return point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? undefined : String.fromCodePoint(point)
}

function matchAt(pattern: RegExp, text: string, start: number): readonly [string, number] | undefined {
  pattern.lastIndex = start
  const match = pattern.exec(text)
  return match === null ? undefined : [match[1] ?? '', pattern.lastIndex]
}
