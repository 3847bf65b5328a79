// Text to tokens. Never throws: what is no token is reported once and becomes an `invalid` token.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-grammar.html (white space and comments are Rust's `\s` and `//`)

import type { SyntaxLimits } from './limits.ts'
import { quoted, type Reporter } from './reporter.ts'
import { SYMBOLS, type Token, type TokenKind } from './token.ts'

/** The tokens of the text, the last one `end`; `undefined` when the text exceeds a limit, which is reported. */
export function tokenize(text: string, limits: SyntaxLimits, reporter: Reporter): readonly Token[] | undefined {
  if (!withinBytes(text, limits, reporter) || !wellFormed(text, reporter)) return undefined
  const tokens: Token[] = []
  let at = 0
  while (at < text.length && !reporter.full) {
    const token = readToken(text, at, limits, reporter)
    at = token.end
    if (token.kind === 'space') continue
    if (tokens.length === limits.tokens) {
      reporter.report('ERR_POLICY_SYNTAX_LIMIT_TOKENS', `the text has more than ${limits.tokens} tokens`, token)
      return undefined
    }
    tokens.push({ kind: token.kind, text: text.slice(token.start, token.end), start: token.start, end: token.end })
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length })
  return tokens
}

interface Found {
  readonly kind: TokenKind | 'space'
  readonly start: number
  readonly end: number
}

/** UTF-8 is at least one byte a code unit and at most three, so most texts need no counting. */
function withinBytes(text: string, limits: SyntaxLimits, reporter: Reporter): boolean {
  const within =
    text.length * 3 <= limits.textBytes ||
    (text.length <= limits.textBytes && new TextEncoder().encode(text).length <= limits.textBytes)
  if (!within) {
    const message = `the text is larger than ${limits.textBytes} bytes`
    reporter.report('ERR_POLICY_SYNTAX_LIMIT_TEXT', message, { start: 0, end: 0 }, 'split it into several files')
  }
  return within
}

/** An unpaired surrogate has no UTF-8, so that Cedar's own tools and ours would read different texts. */
function wellFormed(text: string, reporter: Reporter): boolean {
  const start = text.search(UNPAIRED)
  if (start === -1) return true
  reporter.report('ERR_POLICY_SYNTAX_UNICODE', 'the text holds half of a surrogate pair', { start, end: start + 1 })
  return false
}

const UNPAIRED = /\p{Cs}/u

// Sticky patterns: each matches at `lastIndex` or not at all. JavaScript's `\s` has the byte order mark, which Cedar
// refuses, and lacks U+0085, which Cedar skips.
const SPACE = /(?:[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]|\/\/[^\n\r]*)+/y
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /[0-9]+/y
const SLOT = /\?[A-Za-z_][A-Za-z0-9_]*/y
const REST_OF_LINE = /[^\n\r]*/y

const PATTERNS: readonly (readonly [TokenKind | 'space', RegExp])[] = [
  ['space', SPACE],
  ['identifier', WORD],
  ['number', NUMBER],
  ['slot', SLOT],
]

function readToken(text: string, start: number, limits: SyntaxLimits, reporter: Reporter): Found {
  for (const [kind, pattern] of PATTERNS) {
    const end = matchEnd(pattern, text, start)
    if (end !== undefined) return { kind, start, end }
  }
  if (text[start] === '"') return readString(text, start, limits, reporter)
  const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, start))
  if (symbol !== undefined) return { kind: symbol, start, end: start + symbol.length }
  return refuse(text, start, reporter)
}

function readString(text: string, start: number, limits: SyntaxLimits, reporter: Reporter): Found {
  const end = stringEnd(text, start)
  if (end === undefined) {
    // resume on the next line, so that one missing quote does not hide what follows
    const lineEnd = matchEnd(REST_OF_LINE, text, start) ?? text.length
    const range = { start, end: lineEnd }
    reporter.report('ERR_POLICY_SYNTAX_STRING', 'a string is not closed', range, 'a string ends with `"`')
    return { kind: 'invalid', ...range }
  }
  if (end - start - 2 <= limits.stringLength) return { kind: 'string', start, end }
  const message = `a string is longer than ${limits.stringLength} characters`
  reporter.report('ERR_POLICY_SYNTAX_LIMIT_STRING', message, { start, end: start + 1 })
  return { kind: 'invalid', start, end }
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

function refuse(text: string, start: number, reporter: Reporter): Found {
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0)
  const range = { start, end: start + character.length }
  const message = `${character === '\ufeff' ? 'a byte order mark' : quoted(character)} is no part of Cedar`
  reporter.report('ERR_POLICY_SYNTAX_TOKEN', message, range, HINTS.get(character))
  return { kind: 'invalid', ...range }
}

const HINTS: ReadonlyMap<string, string> = new Map([
  ["'", 'a string stands in double quotes'],
  ['`', 'a string stands in double quotes'],
  ['“', 'a string stands in straight double quotes'],
  ['”', 'a string stands in straight double quotes'],
  ['&', 'write `&&` for "and"'],
  ['|', 'write `||` for "or"'],
  ['#', 'a comment begins with `//`'],
  ['?', 'the slots are `?principal` and `?resource`'],
  ['\ufeff', 'save the file without a byte order mark'],
])

function matchEnd(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** In every runtime, though not in the language's own library. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array }
