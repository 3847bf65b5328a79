// The parser's place in the tokens, and what every rule of the grammar needs: look, take, expect, refuse.
// INVARIANT: a rule either consumes tokens or abandons its policy, so that parsing ends.

import { type Brackets, closingOf, createBrackets } from './brackets.ts'
import type { SyntaxLimits } from './limits.ts'
import { type Help, quoted, type Range, type Reporter, type SyntaxCode } from './reporter.ts'
import type { SymbolKind, Token, TokenKind } from './token.ts'
import type { Expression, Span } from './tree.ts'
import { type BadEscape, unescapeText } from './unescape.ts'

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
  expect(kind: SymbolKind, expected?: string, help?: Help): Token
  readonly brackets: Brackets
  /** Offset where the next token begins, and where the last one ended. */
  readonly start: number
  readonly lastEnd: number
  /** From an offset to the end of the last token. */
  spanFrom(start: number): Span
  /** Records a problem; the rule goes on. */
  report(code: SyntaxCode, message: string, range: Range, help?: Help): void
  /** Records a problem and leaves the part of the policy. */
  abandon(code: SyntaxCode, message: string, range: Range, help?: Help): never
  /** Leaves the part of the policy because of the token at the place. */
  unexpected(expected: string, help?: Help): never
  /** Leaves the part of the policy because of a problem that was recorded before. */
  leave(): never
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
  const brackets = createBrackets()
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
      if (token.kind !== 'end') lastEnd = token.end
      brackets.pass(token)
      return token
    },
    accept: (kind) => (cursor.peek().kind === kind ? cursor.take() : undefined),
    acceptWord: (word) => (isWord(cursor.peek(), word) ? cursor.take() : undefined),
    expect: (kind, expected = `\`${kind}\``, help = {}) => cursor.accept(kind) ?? cursor.unexpected(expected, help),
    brackets,
    get start() {
      return cursor.peek().start
    },
    get lastEnd() {
      return lastEnd
    },
    spanFrom: (start) => reporter.span({ start, end: Math.max(start, lastEnd) }),
    report: (code, message, range, help) => reporter.report(code, message, range, help),
    abandon(code, message, range, help) {
      reporter.report(code, message, range, help)
      throw ABANDONED
    },
    unexpected(expected, help = {}) {
      const token = cursor.peek()
      // the tokenizer has said what is wrong with it
      if (token.kind === 'invalid') throw ABANDONED
      const isEnd = token.kind === 'end'
      const found = isEnd ? 'the text ends' : `${quoted(token.text)} stands`
      const message = `${found} where ${expected} is expected`
      // behind the last token, which may be far before the end of the text
      const range = isEnd ? { start: lastEnd, end: lastEnd } : token
      const bracket = brackets.innermost
      const ends = isEnd || ENDS.has(token.text)
      const closes = ends && bracket !== undefined && expected.includes(`\`${closingOf(bracket.kind)}\``)
      return cursor.abandon('ERR_POLICY_SYNTAX_UNEXPECTED', message, range, {
        label: `expected ${expected}`,
        ...(closes ? { also: [[bracket, `the \`${bracket.kind}\` is opened here`]] } : {}),
        hint: hintFor(token, expected, lastEnd),
        ...help,
      })
    },
    leave() {
      throw ABANDONED
    },
    expression() {
      if (depth === limits.nesting) {
        const message = `an expression is nested deeper than ${limits.nesting}`
        cursor.abandon('ERR_POLICY_SYNTAX_LIMIT_NESTING', message, cursor.peek(), {
          hint: 'split it into several policies or conditions',
        })
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
        cursor.abandon('ERR_POLICY_SYNTAX_LIMIT_HEIGHT', message, node.span, { hint })
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

export function reportEscape(cursor: Cursor, token: Token, escape: BadEscape): void {
  const start = token.start + 1 + escape.start
  const range = { start, end: token.start + 1 + escape.end }
  const hint =
    escape.hint ?? 'the escapes are `\\n`, `\\r`, `\\t`, `\\0`, `\\\\`, `\\"`, `\\\'`, `\\x41` and `\\u{1F600}`'
  cursor.report('ERR_POLICY_SYNTAX_ESCAPE', escape.message, range, { hint, edit: escape.edit })
}

/** What stands where a bracket was not closed, and seldom where an operator is missing. */
const ENDS: ReadonlySet<string> = new Set([')', ']', '}', ',', ';', 'when', 'unless', 'permit', 'forbid'])

function hintFor(token: Token, expected: string, lastEnd: number): string | undefined {
  if (token.kind === 'identifier' && token.start === lastEnd) return 'a number is written in digits alone'
  if (token.kind === ',' && expected === '`)`') return 'several values stand in a set: `[a, b]`'
  if (token.kind === ';' && expected.includes('`}`')) return 'conditions are joined with `&&`; a `;` ends the policy'
  if (token.kind === '=') return 'equality is written `==`'
  return token.text === 'if' ? 'put the whole `if ... then ... else ...` in parentheses' : undefined
}
