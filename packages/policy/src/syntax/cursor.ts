// The parser's place in the tokens, and what every rule of the grammar needs: look, take, expect, refuse.
// INVARIANT: a rule either consumes tokens or abandons its policy, so that parsing ends.

import type { SyntaxLimits } from './limits.ts'
import { quoted, type Range, type Reporter, type SyntaxCode } from './reporter.ts'
import type { SymbolKind, Token, TokenKind } from './token.ts'
import type { Expression, Span } from './tree.ts'
import { unescapeText } from './unescape.ts'

export interface Cursor {
  readonly limits: SyntaxLimits
  readonly reporter: Reporter
  /** The token at the place; `end` for ever once the text is used up. */
  peek(ahead?: number): Token
  take(): Token
  /** Takes the token if it is of this kind. */
  accept(kind: TokenKind): Token | undefined
  acceptWord(word: string): Token | undefined
  /** Takes the token or abandons; `expected` names the rule in the message. */
  expect(kind: SymbolKind, expected?: string): Token
  /** Offset where the next token begins, and where the last one ended. */
  readonly start: number
  readonly lastEnd: number
  /** From an offset to the end of the last token. */
  spanFrom(start: number): Span
  /** Records a problem; the rule goes on. */
  report(code: SyntaxCode, message: string, range: Range, hint?: string): void
  /** Records a problem and leaves the policy. */
  abandon(code: SyntaxCode, message: string, range: Range, hint?: string): never
  /** Leaves the policy because of the token at the place. */
  unexpected(expected: string, hint?: string): never
  /** An expression inside what is being parsed, one level deeper. */
  expression(): Expression
  /** Returns the node, once the height of its tree is known to be within the limit. */
  grown<E extends Expression>(node: E, children: readonly Expression[]): E
}

/** True for what `abandon` throws, which a recovery point catches. */
export function isAbandoned(error: unknown): boolean {
  return error === ABANDONED
}

// One object for all: it carries nothing, and a stack trace for each syntax error of a fuzzed text would cost.
const ABANDONED = new Error('a policy was abandoned')

/** `rule` parses a whole expression; it is given here so that the rules below it need not import the rules above. */
export function createCursor(
  tokens: readonly Token[],
  rule: (cursor: Cursor) => Expression,
  limits: SyntaxLimits,
  reporter: Reporter,
): Cursor {
  const endToken: Token = tokens.at(-1) ?? { kind: 'end', text: '', start: 0, end: 0 }
  const heights = new WeakMap<Expression, number>()
  let at = 0
  let depth = 0
  let lastEnd = 0

  const cursor: Cursor = {
    limits,
    reporter,
    peek: (ahead = 0) => tokens[at + ahead] ?? endToken,
    take() {
      const token = cursor.peek()
      if (at < tokens.length) at++
      lastEnd = token.end
      return token
    },
    accept: (kind) => (cursor.peek().kind === kind ? cursor.take() : undefined),
    acceptWord: (word) => (isWord(cursor.peek(), word) ? cursor.take() : undefined),
    expect: (kind, expected = `\`${kind}\``) => cursor.accept(kind) ?? cursor.unexpected(expected),
    get start() {
      return cursor.peek().start
    },
    get lastEnd() {
      return lastEnd
    },
    spanFrom: (start) => reporter.span({ start, end: Math.max(start, lastEnd) }),
    report: (code, message, range, hint) => reporter.report(code, message, range, hint),
    abandon(code, message, range, hint) {
      reporter.report(code, message, range, hint)
      throw ABANDONED
    },
    unexpected(expected, hint) {
      const token = cursor.peek()
      // the tokenizer has said what is wrong with it
      if (token.kind === 'invalid') throw ABANDONED
      const found = token.kind === 'end' ? 'the text ends' : `${quoted(token.text)} stands`
      const message = `${found} where ${expected} is expected`
      return cursor.abandon('ERR_POLICY_SYNTAX_UNEXPECTED', message, token, hint ?? hintFor(token, cursor.peek(1)))
    },
    expression() {
      if (depth === limits.nesting) {
        const message = `an expression is nested deeper than ${limits.nesting}`
        cursor.abandon('ERR_POLICY_SYNTAX_LIMIT_NESTING', message, cursor.peek())
      }
      depth++
      try {
        return rule(cursor)
      } finally {
        depth--
      }
    },
    grown(node, children) {
      let height = 0
      for (const child of children) height = Math.max(height, heights.get(child) ?? 0)
      if (height + 1 > limits.height) {
        const message = `an expression is a tree higher than ${limits.height}`
        const hint = 'compare with a set instead of a long chain: `[...].contains(...)`'
        cursor.abandon('ERR_POLICY_SYNTAX_LIMIT_HEIGHT', message, node.span, hint)
      }
      heights.set(node, height + 1)
      return node
    },
  }
  return cursor
}

/** True when the token is this word, keyword or not. */
export function isWord(token: Token, word: string): boolean {
  return token.kind === 'identifier' && token.text === word
}

/** The text of a string token. Reports each bad escape. */
export function stringText(cursor: Cursor, token: Token): string {
  const { text, bad } = unescapeText(token.text.slice(1, -1))
  for (const escape of bad) reportEscape(cursor, token, escape)
  return text
}

export function reportEscape(cursor: Cursor, token: Token, escape: Range & { readonly message: string }): void {
  const start = token.start + 1 + escape.start
  const range = { start, end: token.start + 1 + escape.end }
  const hint = 'the escapes are `\\n`, `\\r`, `\\t`, `\\0`, `\\\\`, `\\"`, `\\\'`, `\\x41` and `\\u{1F600}`'
  cursor.report('ERR_POLICY_SYNTAX_ESCAPE', escape.message, range, hint)
}

function hintFor(token: Token, next: Token): string | undefined {
  if (token.kind === '/' && next.kind === '*') return 'a comment begins with `//` and ends with its line'
  if (token.kind === '=') return 'equality is written `==`'
  return token.kind === 'identifier' ? WORD_HINTS.get(token.text) : undefined
}

const WORD_HINTS: ReadonlyMap<string, string> = new Map([
  ['and', 'write `&&` for "and"'],
  ['or', 'write `||` for "or"'],
  ['not', 'write `!` for "not"'],
  ['if', 'put the whole `if ... then ... else ...` in parentheses'],
])
