// Text to tokens. Never throws: what is no token is reported once and becomes an `invalid` token.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-grammar.html (white space and comments are Rust's `\s` and `//`)

import type { SyntaxLimits } from './limits.ts'
import { quoted, type Reporter } from './reporter.ts'
import { type SymbolKind, SYMBOLS, type Token, type TokenKind } from './token.ts'

/** The tokens of the text, the last one `end`; `undefined` when the text exceeds a limit, which is reported. */
export function tokenize(text: string, limits: SyntaxLimits, reporter: Reporter): readonly Token[] | undefined {
  if (!withinBytes(text, limits, reporter) || !wellFormed(text, reporter)) return undefined
  return tokenizeFrom(text, limits, reporter)
}

/**
 * When the text ends inside a string, then behind the one that lacks its quote every string has its inside out: the first that runs
 * over its line is the culprit, and not the last of the text. So the text is read again with that one as `open`.
 */
function tokenizeFrom(
  text: string,
  limits: SyntaxLimits,
  reporter: Reporter,
  open?: number,
): readonly Token[] | undefined {
  const tokens: Token[] = []
  let overLines: number | undefined
  let at = 0
  while (at < text.length && !reporter.full) {
    const found = at === open ? refuseString(text, at, reporter) : readToken(text, at, limits, reporter)
    if (open === undefined && found.kind === 'string' && found.text.includes('\n')) overLines ??= at
    if (overLines !== undefined && found.kind === 'invalid' && stringEnd(text, at) === undefined) {
      reporter.clear()
      return tokenizeFrom(text, limits, reporter, overLines)
    }
    at = found.end
    if (found.kind === 'space') continue
    if (tokens.length === limits.tokens) {
      const hint = 'split it into several files'
      reporter.report('ERR_POLICY_SYNTAX_LIMIT_TOKENS', `the text has more than ${limits.tokens} tokens`, found, {
        hint,
      })
      return undefined
    }
    tokens.push(found)
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length })
  return tokens
}

/** White space or a comment. */
interface Space {
  readonly kind: 'space'
  readonly end: number
}

/** UTF-8 is at least one byte a code unit and at most three, so most texts need no counting. */
function withinBytes(text: string, limits: SyntaxLimits, reporter: Reporter): boolean {
  const within =
    text.length * 3 <= limits.textBytes ||
    (text.length <= limits.textBytes && new TextEncoder().encode(text).length <= limits.textBytes)
  if (!within) {
    const message = `the text is larger than ${limits.textBytes} bytes`
    reporter.report(
      'ERR_POLICY_SYNTAX_LIMIT_TEXT',
      message,
      { start: 0, end: 0 },
      { hint: 'split it into several files' },
    )
  }
  return within
}

/** An unpaired surrogate has no UTF-8, so that Cedar's own tools and ours would read different texts. */
function wellFormed(text: string, reporter: Reporter): boolean {
  const start = text.search(UNPAIRED)
  if (start === -1) return true
  reporter.report(
    'ERR_POLICY_SYNTAX_UNICODE',
    'the text holds half of a surrogate pair',
    { start, end: start + 1 },
    {
      hint: 'save the file as UTF-8',
    },
  )
  return false
}

const UNPAIRED = /\p{Cs}/u

// Sticky patterns: each matches at `lastIndex` or not at all. Each repeats one class of characters, which no engine does by
// recursion: a group that repeats would overflow on millions of short comments. JavaScript's `\s` has the byte order mark,
// which Cedar refuses, and lacks U+0085, which Cedar skips.
const PATTERNS: readonly (readonly [kind: TokenKind | 'space', first: RegExp, whole: RegExp])[] = [
  ['space', /\p{White_Space}/u, /\p{White_Space}+/uy],
  ['identifier', /[A-Za-z_]/, /[A-Za-z0-9_]+/y],
  ['number', /[0-9]/, /[0-9]+/y],
]
const REST_OF_LINE = /[^\n\r]*/y
const SLOT = /\?[A-Za-z_][A-Za-z0-9_]*/y

/** Which pattern a token takes by its first character, for ASCII and what is space beyond. */
const BY_FIRST: ReadonlyMap<string, readonly [kind: TokenKind | 'space', whole: RegExp]> = new Map(
  Array.from({ length: 0x3001 }, (_, code) => String.fromCharCode(code)).flatMap((character) =>
    PATTERNS.filter(([, first]) => first.test(character)).map(([kind, , whole]) => [character, [kind, whole]] as const),
  ),
)

const SYMBOL_KINDS: ReadonlyMap<string, SymbolKind> = new Map(SYMBOLS.map((symbol) => [symbol, symbol]))

function readToken(text: string, start: number, limits: SyntaxLimits, reporter: Reporter): Token | Space {
  const character = text.charAt(start)
  const pattern = BY_FIRST.get(character)
  if (pattern !== undefined) {
    const [kind, whole] = pattern
    const end = matchEnd(whole, text, start) ?? start + 1
    return kind === 'space' ? { kind, end } : token(kind, text, start, end)
  }
  if (character === '"') return readString(text, start, limits, reporter)
  const two = text.slice(start, start + 2)
  if (two === '//') return { kind: 'space', end: matchEnd(REST_OF_LINE, text, start) ?? text.length }
  if (two === '/*') return refuseComment(text, start, reporter)
  const symbol = SYMBOL_KINDS.get(two) ?? SYMBOL_KINDS.get(character)
  if (symbol !== undefined) return token(symbol, text, start, start + symbol.length)
  const slotEnd = matchEnd(SLOT, text, start)
  return slotEnd === undefined ? refuse(text, start, reporter) : token('slot', text, start, slotEnd)
}

function token(kind: TokenKind, text: string, start: number, end: number): Token {
  return { kind, text: text.slice(start, end), start, end }
}

function readString(text: string, start: number, limits: SyntaxLimits, reporter: Reporter): Token {
  const end = stringEnd(text, start)
  if (end === undefined) return refuseString(text, start, reporter)
  if (end - start - 2 <= limits.stringLength) return token('string', text, start, end)
  const message = `a string is longer than ${limits.stringLength} characters`
  const hint = 'data stands in attributes, not in policies'
  reporter.report('ERR_POLICY_SYNTAX_LIMIT_STRING', message, { start, end: start + 1 }, { hint })
  return token('invalid', text, start, end)
}

/** The rest of the line, so that one missing quote does not hide what follows. */
function refuseString(text: string, start: number, reporter: Reporter): Token {
  const rest = token('invalid', text, start, matchEnd(REST_OF_LINE, text, start) ?? text.length)
  const help = { label: 'no `"` follows that closes it', hint: 'a string ends with `"`' }
  reporter.report('ERR_POLICY_SYNTAX_STRING', 'a string is not closed', rest, help)
  return rest
}

/** The offset behind the closing quote. By hand: a pattern that backtracks could overflow on a long string. */
function stringEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]
    if (character === '"') return at + 1
    if (character === '\\' && text[++at] === '\n') return undefined
  }
  return undefined
}

function refuse(text: string, start: number, reporter: Reporter): Token | Space {
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0)
  const end = start + character.length
  if (character === '\ufeff') {
    const help = { hint: 'save the file without one', edit: '' }
    reporter.report('ERR_POLICY_SYNTAX_TOKEN', 'a byte order mark is no part of Cedar', { start, end }, help)
    return { kind: 'space', end }
  }
  const closing = QUOTES.get(character)
  const stringEnd = closing === undefined ? -1 : text.slice(start + 1, endOfLine(text, start)).indexOf(closing)
  if (stringEnd >= 0) return refuseQuotes(text, start, start + stringEnd + 2, reporter)
  const edit = OPERATORS.get(character)
  const hint = closing !== undefined ? QUOTES_HINT : edit === undefined ? HINTS.get(character) : `write \`${edit}\``
  reporter.report('ERR_POLICY_SYNTAX_TOKEN', `${quoted(character)} is no part of Cedar`, { start, end }, { hint, edit })
  return edit === undefined ? token('invalid', text, start, end) : { kind: edit, text: edit, start, end }
}

/** A string in other quotes is one that was meant. */
function refuseQuotes(text: string, start: number, end: number, reporter: Reporter): Token {
  const inside = text.slice(start + 1, end - 1)
  const message = `${quoted(text.slice(start, end))} is no string of Cedar`
  const edit = inside.includes('"') ? undefined : `"${inside}"`
  reporter.report('ERR_POLICY_SYNTAX_TOKEN', message, { start, end }, { hint: QUOTES_HINT, edit })
  return edit === undefined ? token('invalid', text, start, end) : { kind: 'string', text: edit, start, end }
}

/** Cedar has no division, so this is a comment wherever it stands. */
function refuseComment(text: string, start: number, reporter: Reporter): Space {
  const closing = text.indexOf('*/', start + 2)
  const lineEnd = endOfLine(text, start)
  const end = closing === -1 ? lineEnd : closing + 2
  const isLine = end <= lineEnd && text.slice(end, lineEnd).trim() === ''
  const edit = isLine && closing !== -1 ? `//${text.slice(start + 2, closing).trimEnd()}` : undefined
  const help = { hint: 'a comment begins with `//` and ends with its line', edit }
  reporter.report(
    'ERR_POLICY_SYNTAX_TOKEN',
    '`/*` begins no comment',
    { start, end: start + 2 },
    { ...help, at: { start, end } },
  )
  return { kind: 'space', end }
}

function endOfLine(text: string, start: number): number {
  return matchEnd(REST_OF_LINE, text, start) ?? text.length
}

const QUOTES_HINT = 'a string stands in straight double quotes'
const QUOTES: ReadonlyMap<string, string> = new Map([
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
  ['„', '“'],
  ['«', '»'],
])

const OPERATORS: ReadonlyMap<string, SymbolKind> = new Map([
  ['&', '&&'],
  ['|', '||'],
  ['≠', '!='],
  ['≤', '<='],
  ['≥', '>='],
])

const HINTS: ReadonlyMap<string, string> = new Map([
  ['#', 'a comment begins with `//`'],
  ['?', 'the slots are `?principal` and `?resource`; a choice is `if ... then ... else ...`'],
])

function matchEnd(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** In every runtime, though not in the language's own library. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array }
