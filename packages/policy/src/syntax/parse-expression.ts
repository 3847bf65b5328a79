// Expressions: `if`, the operators by precedence, and below them unary operators. Chains are loops; recursion is only as
// deep as the text nests. Relations do not chain: `a < b < c` is an error.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-grammar.html (Expr to Unary)

import { type Cursor, isWord, reportEscape, stringText } from './cursor.ts'
import { RESERVED_WORDS } from './names.ts'
import { parseMember, parseName } from './parse-member.ts'
import { quoted, type Range } from './reporter.ts'
import type { SymbolKind, Token, TokenKind } from './token.ts'
import type { Binary, Expression, Is, PatternPart } from './tree.ts'
import { unescapePattern } from './unescape.ts'

/** The rule for a whole expression. Abandons at what is none. */
export function parseWhole(cursor: Cursor): Expression {
  return isWord(cursor.peek(), 'if') ? parseIf(cursor) : parseOr(cursor)
}

function parseIf(cursor: Cursor): Expression {
  const word = cursor.take()
  const { start } = word
  const also = [[word, 'this `if`']] as const
  const hint = 'a choice is `if ... then ... else ...`, and always has an `else`'
  const test = cursor.expression()
  if (cursor.acceptWord('then') === undefined) cursor.unexpected('`then`', { also, hint })
  const then = cursor.expression()
  if (cursor.acceptWord('else') === undefined) cursor.unexpected('`else`', { also, hint })
  const otherwise = cursor.expression()
  const node = { kind: 'if', test, then, else: otherwise, span: cursor.spanFrom(start) } as const
  return cursor.grown(node, [test, then, otherwise])
}

type Operators = ReadonlyMap<TokenKind, Binary['kind']>

const OR: Operators = new Map([['||', 'or']])
const AND: Operators = new Map([['&&', 'and']])
/** What other languages write for an operator. */
const WORDS: ReadonlyMap<string, SymbolKind> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
])
const ADD: Operators = new Map([
  ['+', 'add'],
  ['-', 'subtract'],
])
const MULTIPLY: Operators = new Map([['*', 'multiply']])
const RELATIONS: Operators = new Map([
  ['==', 'equal'],
  ['!=', 'notEqual'],
  ['<', 'less'],
  ['<=', 'lessEqual'],
  ['>', 'greater'],
  ['>=', 'greaterEqual'],
])

function parseOr(cursor: Cursor): Expression {
  return parseChain(cursor, OR, parseAnd)
}

function parseAnd(cursor: Cursor): Expression {
  return parseChain(cursor, AND, parseRelation)
}

function parseAdd(cursor: Cursor): Expression {
  return parseChain(cursor, ADD, parseMultiply)
}

/** `a op b op c`, to the left: `((a op b) op c)`. */
function parseChain(cursor: Cursor, operators: Operators, parseOperand: (cursor: Cursor) => Expression): Expression {
  const { start } = cursor
  let left = parseOperand(cursor)
  for (;;) {
    const operator = cursor.peek()
    const word = wordOperator(operator)
    const kind = operators.get(word ?? operator.kind)
    if (kind === undefined) return left
    cursor.take()
    if (word !== undefined) reportOperator(cursor, operator, word)
    left = binary(cursor, kind, left, parseOperand(cursor), start)
  }
}

function wordOperator({ kind, text }: Token): SymbolKind | undefined {
  return kind === 'identifier' ? WORDS.get(text.toLowerCase()) : undefined
}

/** `range` was written for an operator of Cedar. */
function reportOperator(cursor: Cursor, range: Range & { readonly text: string }, operator: SymbolKind): void {
  const message = `${quoted(range.text)} is no operator of Cedar`
  cursor.report('ERR_POLICY_SYNTAX_OPERATOR', message, range, { hint: `write \`${operator}\``, edit: operator })
}

function parseMultiply(cursor: Cursor): Expression {
  const { start } = cursor
  let left = parseChain(cursor, MULTIPLY, parseUnary)
  for (;;) {
    const operator = cursor.accept('/') ?? cursor.accept('%')
    if (operator === undefined) return left
    const message = `Cedar has no ${operator.kind === '/' ? 'division' : 'remainder'}`
    const hint = 'compute it where the attribute or the context is made'
    cursor.report('ERR_POLICY_SYNTAX_OPERATOR', message, operator, { hint })
    left = binary(cursor, 'multiply', left, parseChain(cursor, MULTIPLY, parseUnary), start)
  }
}

function parseRelation(cursor: Cursor): Expression {
  const { start } = cursor
  let left = parseAdd(cursor)
  let first: Token | undefined
  for (;;) {
    const operator = cursor.peek()
    if (!isRelation(operator)) return left
    if (first !== undefined) reportChain(cursor, operator, first)
    first ??= operator
    cursor.take()
    left = parseRelationAfter(cursor, operator, left, start)
  }
}

function isRelation({ kind, text }: Token): boolean {
  return RELATIONS.has(kind) || kind === '=' || (kind === 'identifier' && RELATION_WORDS.has(text))
}

const RELATION_WORDS: ReadonlySet<string> = new Set(['in', 'has', 'like', 'is'])

function reportChain(cursor: Cursor, operator: Token, first: Token): void {
  cursor.report('ERR_POLICY_SYNTAX_CHAIN', `${quoted(operator.text)} follows another relation`, operator, {
    label: 'a second one',
    also: [[first, 'the first one']],
    hint: 'put one of them in parentheses, or join them with `&&`: `a < b && b < c`',
  })
}

/** What is written for one relation in other languages: two tokens without space between them. */
const TYPED: ReadonlyMap<string, SymbolKind> = new Map([
  ['=', '=='],
  ['===', '=='],
  ['!==', '!='],
  ['=<', '<='],
  ['=>', '>='],
  ['<>', '!='],
])

/** The relation that is meant by the operator just taken, and perhaps by the sign stuck to it, which is then taken too. */
function relationOf(cursor: Cursor, operator: Token): Binary['kind'] {
  const next = cursor.peek()
  const both = `${operator.text}${next.text}`
  const isBoth = next.start === operator.end && TYPED.has(both)
  const written = isBoth ? both : operator.text
  const kind = TYPED.get(written)
  if (isBoth) cursor.take()
  if (kind !== undefined) reportOperator(cursor, { text: written, start: operator.start, end: cursor.lastEnd }, kind)
  return RELATIONS.get(kind ?? operator.kind) ?? 'equal'
}

function parseRelationAfter(cursor: Cursor, operator: Token, left: Expression, start: number): Expression {
  switch (operator.text) {
    case 'in':
      return binary(cursor, 'in', left, parseAdd(cursor), start)
    case 'has': {
      const path = parseHasPath(cursor)
      return cursor.grown({ kind: 'has', of: left, path, span: cursor.spanFrom(start) }, [left])
    }
    case 'like': {
      const pattern = parsePattern(cursor)
      return cursor.grown({ kind: 'like', of: left, pattern, span: cursor.spanFrom(start) }, [left])
    }
    case 'is':
      return parseIs(cursor, left, start)
    default:
      return binary(cursor, relationOf(cursor, operator), left, parseAdd(cursor), start)
  }
}

const HAS_HINT = 'after `has` stands a name, a path of names like `a.b`, or a string'

function parseHasPath(cursor: Cursor): readonly string[] {
  const path = parseNames(cursor)
  const after = cursor.peek()
  if (AFTER_OPERAND.has(after.kind)) {
    cursor.abandon('ERR_POLICY_SYNTAX_ATTRIBUTE', `${quoted(after.text)} cannot follow the name after \`has\``, after, {
      hint: HAS_HINT,
    })
  }
  return path
}

function parseNames(cursor: Cursor): readonly string[] {
  const string = cursor.accept('string')
  if (string !== undefined) return [stringText(cursor, string)]
  const path = [parseAttributeName(cursor)]
  while (cursor.accept('.') !== undefined) path.push(parseAttributeName(cursor))
  return path
}

/** What would make an operand of the name before it. */
const AFTER_OPERAND: ReadonlySet<TokenKind> = new Set(['(', '[', '.', '::', '+', '-', '*', '/', '%'])

function parseAttributeName(cursor: Cursor): string {
  const token = cursor.peek()
  if (token.kind !== 'identifier') cursor.unexpected('the name of an attribute', { hint: HAS_HINT })
  if (RESERVED_WORDS.has(token.text)) {
    const message = `${quoted(token.text)} is a reserved word and names no attribute`
    const edit = `"${token.text}"`
    cursor.report('ERR_POLICY_SYNTAX_RESERVED', message, token, { hint: `quote it: \`has ${edit}\``, edit })
  }
  return cursor.take().text
}

function parsePattern(cursor: Cursor): readonly PatternPart[] {
  const hint = 'after `like` stands a string in which `*` is the wildcard and `\\*` a star'
  const token = cursor.accept('string')
  if (token === undefined) return cursor.unexpected('a pattern', { hint })
  const after = cursor.peek()
  if (AFTER_OPERAND.has(after.kind)) {
    cursor.abandon('ERR_POLICY_SYNTAX_PATTERN', `${quoted(after.text)} cannot follow a pattern`, after, { hint })
  }
  const { parts, bad } = unescapePattern(token.text.slice(1, -1))
  for (const escape of bad) reportEscape(cursor, token, escape)
  return parts
}

function parseIs(cursor: Cursor, of: Expression, start: number): Is {
  const type = parseName(cursor, 'an entity type').text
  const after = cursor.peek()
  if (AFTER_OPERAND.has(after.kind)) {
    const hint = 'after `is` stands an entity type like `User` or `Docs::User`; one entity is compared with `==`'
    const message = `${quoted(after.text)} cannot follow the type after \`is\``
    cursor.abandon('ERR_POLICY_SYNTAX_ENTITY', message, after, { hint })
  }
  if (cursor.acceptWord('in') === undefined) {
    return cursor.grown({ kind: 'is', of, type, span: cursor.spanFrom(start) }, [of])
  }
  const container = parseAdd(cursor)
  return cursor.grown({ kind: 'is', of, type, in: container, span: cursor.spanFrom(start) }, [of, container])
}

const BEGINS_OPERAND: ReadonlySet<TokenKind> = new Set(['identifier', 'string', 'number', '(', '[', '{', '!', '-'])

/** Cedar allows four of one operator in a row. */
const LONGEST_UNARY_CHAIN = 4

function parseUnary(cursor: Cursor): Expression {
  const operator = cursor.peek()
  const isWord = wordOperator(operator) === '!' && BEGINS_OPERAND.has(cursor.peek(1).kind)
  if (operator.kind !== '!' && operator.kind !== '-' && !isWord) return parseMember(cursor)
  const starts: number[] = []
  if (isWord) {
    reportOperator(cursor, operator, '!')
    starts.push(cursor.take().start)
  } else while (cursor.peek().kind === operator.kind) starts.push(cursor.take().start)
  if (starts.length > LONGEST_UNARY_CHAIN) {
    const message = `\`${operator.kind}\` stands ${starts.length} times in a row, and four is the most`
    cursor.report(
      'ERR_POLICY_SYNTAX_UNARY',
      message,
      { start: operator.start, end: cursor.lastEnd },
      {
        hint: 'two in a row change nothing',
      },
    )
  }
  // a minus before digits belongs to the number, or -9223372036854775808 could not be written
  const negative = operator.kind === '-' && isBareNumber(cursor)
  let operand = negative ? parseMember(cursor, starts.pop()) : parseMember(cursor)
  const kind = operator.kind === '-' ? 'negate' : 'not'
  for (const start of starts.slice(0, LONGEST_UNARY_CHAIN).toReversed()) {
    operand = cursor.grown({ kind, operand, span: cursor.spanFrom(start) }, [operand])
  }
  return operand
}

/** `1` but not `1.a`, `1[...]` or `1(...)`: there, the minus negates the whole. */
function isBareNumber(cursor: Cursor): boolean {
  return cursor.peek().kind === 'number' && !['.', '[', '('].includes(cursor.peek(1).kind)
}

function binary(cursor: Cursor, kind: Binary['kind'], left: Expression, right: Expression, start: number): Expression {
  return cursor.grown({ kind, left, right, span: cursor.spanFrom(start) }, [left, right])
}
