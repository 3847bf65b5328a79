// Operands: literals, variables, entities, sets, records, parentheses, and what is read or called of them.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-grammar.html (Member, Primary)

import { type Cursor, isWord, stringText } from './cursor.ts'
import {
  FUNCTION_NAMES,
  isBinaryMethod,
  isConstructorName,
  isExtensionMethod,
  isName,
  isUnaryMethod,
  isVariable,
  METHOD_NAMES,
  RESERVED_WORDS,
  VARIABLES,
} from './names.ts'
import { nearMiss } from './near-miss.ts'
import { type Help, meant, quoted, type Range } from './reporter.ts'
import type { Token, TokenKind } from './token.ts'
import type { Expression, Literal, VariableName } from './tree.ts'
import type { Long } from '../value/value.ts'

/** An operand with its accesses. `minus` is the offset of a minus that belongs to the number that follows. */
export function parseMember(cursor: Cursor, minus?: number): Expression {
  const { start } = cursor
  let expression = minus === undefined ? parsePrimary(cursor) : parseNumber(cursor, minus)
  for (;;) {
    const dot = cursor.accept('.')
    if (dot !== undefined) expression = parseDot(cursor, expression, start, dot)
    else if (cursor.accept('[') !== undefined) expression = parseIndex(cursor, expression, start)
    else if (cursor.peek().kind === '(')
      cursor.abandon('ERR_POLICY_SYNTAX_FUNCTION', 'this cannot be called', cursor.peek(), {
        also: [[{ start, end: cursor.lastEnd }, 'this is no function']],
        hint: 'a call is `name(...)` or `value.name(...)`',
      })
    else return expression
  }
}

export interface Name extends Range {
  readonly text: string
}

/** `Type` or `Namespace::Type`. Abandons at what is no name; `expected` says what it would name. */
export function parseName(cursor: Cursor, expected: string): Name {
  const { start } = cursor
  const parts = [parseNamePart(cursor, expected)]
  while (cursor.peek().kind === '::' && cursor.peek(1).kind !== 'string') {
    cursor.take()
    parts.push(parseNamePart(cursor, 'the rest of the name'))
  }
  return { text: parts.join('::'), start, end: cursor.lastEnd }
}

function parseNamePart(cursor: Cursor, expected: string): string {
  const token = cursor.peek()
  if (token.kind === 'identifier') return checkReserved(cursor, cursor.take())
  if (token.kind !== 'string') return cursor.unexpected(expected)
  const name = stringText(cursor, token)
  const hint = 'a type is a name without quotes, like `User`'
  return cursor.unexpected(expected, { hint, edit: isName(name) ? name : undefined })
}

function checkReserved(cursor: Cursor, token: Token, help?: Help): string {
  if (RESERVED_WORDS.has(token.text)) {
    cursor.report('ERR_POLICY_SYNTAX_RESERVED', `${quoted(token.text)} is a reserved word`, token, help)
  }
  return token.text
}

function parsePrimary(cursor: Cursor): Expression {
  const rule = PRIMARIES.get(cursor.peek().kind)
  return rule === undefined ? cursor.unexpected('an expression') : rule(cursor)
}

/** What an operand begins with decides what it is. */
const PRIMARIES: ReadonlyMap<TokenKind, (cursor: Cursor) => Expression> = new Map([
  ['identifier', parseWord],
  ['string', parseString],
  ['number', parseNumber],
  ['(', parseParentheses],
  ['[', parseSet],
  ['{', parseRecord],
  ['slot', parseSlot],
])

function parseString(cursor: Cursor): Literal {
  const token = cursor.take()
  return literal(cursor, stringText(cursor, token), token.start)
}

function parseWord(cursor: Cursor): Expression {
  const token = cursor.peek()
  const next = cursor.peek(1).kind
  if (next !== '::') {
    if (token.text === 'true' || token.text === 'false') {
      cursor.take()
      return literal(cursor, token.text === 'true', token.start)
    }
    if (isWord(token, 'if')) cursor.unexpected('an operand')
    if (isVariable(token.text) && next !== '(') {
      cursor.take()
      return { kind: 'variable', name: token.text, span: cursor.spanFrom(token.start) }
    }
  }
  const name = parseName(cursor, 'a name')
  if (cursor.accept('::') !== undefined) {
    const id = stringText(cursor, cursor.take())
    return literal(cursor, { kind: 'entity', type: name.text, id }, token.start)
  }
  return cursor.peek().kind === '(' ? parseFunction(cursor, name) : refuseName(cursor, name)
}

function refuseName(cursor: Cursor, name: Name): Expression {
  // a reserved word has been reported as such
  if (RESERVED_WORDS.has(name.text)) return literal(cursor, false, name.start)
  cursor.report('ERR_POLICY_SYNTAX_VARIABLE', `${quoted(name.text)} is no variable`, name, helpWithName(cursor, name))
  return literal(cursor, false, name.start)
}

function helpWithName(cursor: Cursor, { text, end }: Name): Help {
  const quotedId = withQuotedId(text)
  if (quotedId !== undefined) return { hint: 'the id of an entity stands in quotes', edit: quotedId }
  if (text.includes('::')) return { hint: `an entity is written ${quoted(`${text}::"id"`)}` }
  if (NOTHING.has(text)) return { hint: 'Cedar has no null: an attribute is there or not, ask with `has`' }
  const near = nearMiss(text, [...VARIABLES, 'true', 'false']) ?? SYNONYMS.get(text.toLowerCase())
  // what is read of it was surely meant of a variable
  const isRead = cursor.peek().kind === '.' && end === cursor.peek().start
  const attributes = VARIABLES.map((variable) => `\`${variable}.${text}\``).slice(0, isRead ? 0 : 1)
  const values = `an entity is written ${quoted(`${text}::"id"`)}, a text ${quoted(`"${text}"`)}`
  return meant(near, isRead ? VARIABLES_HINT : `${values}, an attribute ${attributes.join(', ')}`)
}

const VARIABLES_HINT = `the variables are ${VARIABLES.map((name) => `\`${name}\``).join(', ')}`
const NOTHING: ReadonlySet<string> = new Set(['null', 'undefined', 'nil', 'None'])
const SYNONYMS: ReadonlyMap<string, VariableName> = new Map([
  ['user', 'principal'],
  ['subject', 'principal'],
  ['object', 'resource'],
  ['ctx', 'context'],
  ['request', 'context'],
  ['env', 'context'],
])

/** `Team::admins` with the quotes it lacks; `undefined` when its last part looks like a type. */
export function withQuotedId(name: string): string | undefined {
  const at = name.lastIndexOf('::')
  const id = name.slice(at + 2)
  return at === -1 || /^[A-Z]/.test(id) ? undefined : `${name.slice(0, at)}::"${id}"`
}

function parseFunction(cursor: Cursor, name: Name): Expression {
  const args = parseArguments(cursor)
  if (isConstructorName(name.text)) {
    const node = { kind: 'call', function: name.text, arguments: args, span: cursor.spanFrom(name.start) } as const
    return cursor.grown(node, args)
  }
  const isMethod = METHOD_NAMES.includes(name.text)
  const known = `the functions are ${FUNCTION_NAMES.map((known) => `\`${known}\``).join(', ')}`
  const help = isMethod
    ? { hint: `call it as \`value.${name.text}(...)\`` }
    : meant(nearMiss(name.text, FUNCTION_NAMES), known)
  const message = `${quoted(name.text)} is ${isMethod ? 'a method' : 'no function'}`
  cursor.report('ERR_POLICY_SYNTAX_FUNCTION', message, name, help)
  return literal(cursor, false, name.start)
}

/** `(a, b)` with an optional comma at the end. */
function parseArguments(cursor: Cursor): readonly Expression[] {
  cursor.expect('(')
  return parseList(cursor, ')')
}

function parseList(cursor: Cursor, close: ')' | ']'): readonly Expression[] {
  const items: Expression[] = []
  while (cursor.accept(close) === undefined) {
    items.push(cursor.expression())
    if (cursor.accept(',') === undefined) {
      cursor.expect(close, `\`,\` or \`${close}\``)
      break
    }
  }
  return items
}

function parseDot(cursor: Cursor, of: Expression, start: number, dot: Token): Expression {
  const token = cursor.peek()
  if (token.kind !== 'identifier') refuseDot(cursor, of, token)
  cursor.take()
  const edit = `["${token.text}"]`
  const at = { start: dot.start, end: token.end }
  const name = checkReserved(cursor, token, { hint: `an attribute of this name is read as \`${edit}\``, edit, at })
  if (cursor.peek().kind === '(') return parseMethod(cursor, of, token, start)
  return cursor.grown({ kind: 'attribute', of, name, span: cursor.spanFrom(start) }, [of])
}

function refuseDot(cursor: Cursor, of: Expression, { kind, text, end }: Token): never {
  const isFraction = kind === 'number' && of.kind === 'literal' && typeof of.value === 'number'
  if (!isFraction) cursor.unexpected('the name of an attribute or method', { hint: 'write `["..."]` for other names' })
  const range = { start: of.span.start, end }
  cursor.abandon('ERR_POLICY_SYNTAX_NUMBER', 'numbers of Cedar have no fraction', range, {
    hint: 'a decimal is written as text; compare it with `lessThan` and its like',
    edit: `decimal("${of.value}.${text}")`,
  })
}

function parseMethod(cursor: Cursor, receiver: Expression, name: Token, start: number): Expression {
  const args = parseArguments(cursor)
  const span = cursor.spanFrom(start)
  const method = name.text
  if (isExtensionMethod(method)) {
    const all = [receiver, ...args]
    return cursor.grown({ kind: 'call', function: method, arguments: all, span }, all)
  }
  const [first] = args
  if (isBinaryMethod(method) && args.length === 1 && first !== undefined) {
    return cursor.grown({ kind: method, left: receiver, right: first, span }, [receiver, first])
  }
  if (isUnaryMethod(method) && args.length === 0) {
    return cursor.grown({ kind: method, operand: receiver, span }, [receiver])
  }
  reportMethod(cursor, name, args)
  return literal(cursor, false, start)
}

function reportMethod(cursor: Cursor, name: Token, args: readonly Expression[]): void {
  const method = name.text
  if (isBinaryMethod(method) || isUnaryMethod(method)) {
    const takes = isBinaryMethod(method) ? 'one argument' : 'no argument'
    const isSeveral = method === 'contains' && args.length > 1
    cursor.report('ERR_POLICY_SYNTAX_ARGUMENTS', `\`${method}\` takes ${takes} and has ${args.length}`, name, {
      label: `takes ${takes}`,
      ...(args.length > 1 ? { also: args.map(({ span }, index) => [span, `argument ${index + 1}`] as const) } : {}),
      hint: isSeveral ? 'several values stand in a set: `containsAny([...])` or `containsAll([...])`' : undefined,
    })
  } else if (isConstructorName(method)) {
    cursor.report('ERR_POLICY_SYNTAX_METHOD', `\`${method}\` is a function`, name, {
      hint: `call it as \`${method}(...)\``,
    })
  } else if (!RESERVED_WORDS.has(method)) {
    const near = nearMiss(method, METHOD_NAMES)
    const hint = OTHER_METHODS.get(method.toLowerCase())
    const help = near === undefined ? { hint } : meant(near)
    cursor.report('ERR_POLICY_SYNTAX_METHOD', `${quoted(method)} is no method`, name, help)
  }
}

const LIKE = 'texts are compared with patterns: `like "begin*"`, `like "*end"`, `like "*part*"`'

/** What other languages call a method. */
const OTHER_METHODS: ReadonlyMap<string, string> = new Map([
  ['includes', 'a set has `contains(...)`, `containsAny(...)` and `containsAll(...)`'],
  ['has', 'an attribute is asked for with `value has name`, an element with `contains(...)`'],
  ['startswith', LIKE],
  ['endswith', LIKE],
  ['matches', LIKE],
  ['equals', 'equality is written `==`'],
  ['length', 'a set has `isEmpty()`; Cedar counts no elements and no letters'],
  ['size', 'a set has `isEmpty()`; Cedar counts no elements and no letters'],
])

function parseIndex(cursor: Cursor, of: Expression, start: number): Expression {
  const token = cursor.accept('string')
  if (token === undefined)
    return cursor.unexpected('a string', { hint: 'between brackets stands the name of an attribute, quoted' })
  const name = stringText(cursor, token)
  cursor.expect(']')
  return cursor.grown({ kind: 'attribute', of, name, span: cursor.spanFrom(start) }, [of])
}

function parseNumber(cursor: Cursor, minus?: number): Literal {
  const token = cursor.take()
  const start = minus ?? token.start
  const value = longOf(token.text, minus !== undefined)
  if (value === undefined) {
    const message = `${quoted(token.text)} does not fit a Long`
    const hint = 'a Long is at most 9223372036854775807 and at least -9223372036854775808'
    cursor.report('ERR_POLICY_SYNTAX_NUMBER', message, { start, end: token.end }, { hint })
  }
  return literal(cursor, value ?? 0, start)
}

/** The exact Long of the digits. Their number is checked first: making a BigInt of a million digits takes long. */
function longOf(digits: string, negative: boolean): Long | undefined {
  const plain = digits.replace(/^0+(?=.)/, '')
  if (plain.length > 19) return undefined
  const integer = negative ? -BigInt(plain) : BigInt(plain)
  if (BigInt.asIntN(64, integer) !== integer) return undefined
  const double = Number(integer)
  return Number.isSafeInteger(double) ? double : integer
}

function parseParentheses(cursor: Cursor): Expression {
  cursor.expect('(')
  const inner = cursor.expression()
  cursor.expect(')')
  return inner
}

function parseSet(cursor: Cursor): Expression {
  const { start } = cursor.take()
  const elements = parseList(cursor, ']')
  return cursor.grown({ kind: 'set', elements, span: cursor.spanFrom(start) }, elements)
}

function parseRecord(cursor: Cursor): Expression {
  const { start } = cursor.take()
  const fields = new Map<string, Expression>()
  const keys = new Map<string, Token>()
  while (cursor.accept('}') === undefined) {
    const key = cursor.peek()
    const name = parseKey(cursor)
    cursor.expect(':')
    const value = cursor.expression()
    const first = keys.get(name)
    if (first !== undefined) {
      cursor.report('ERR_POLICY_SYNTAX_DUPLICATE_KEY', `the record has ${quoted(name)} twice`, key, {
        also: [[first, 'it is here first']],
        hint: 'keep one of them',
      })
    }
    keys.set(name, key)
    fields.set(name, value)
    if (cursor.accept(',') === undefined) {
      cursor.expect('}', '`,` or `}`')
      break
    }
  }
  return cursor.grown({ kind: 'record', fields, span: cursor.spanFrom(start) }, [...fields.values()])
}

function parseKey(cursor: Cursor): string {
  const token = cursor.peek()
  if (token.kind !== 'string' && token.kind !== 'identifier') {
    return cursor.unexpected('the name of a field', { hint: 'a field is `name: value` or `"name": value`' })
  }
  cursor.take()
  return token.kind === 'string'
    ? stringText(cursor, token)
    : checkReserved(cursor, token, { hint: 'quote it', edit: `"${token.text}"` })
}

function parseSlot(cursor: Cursor): Expression {
  const token = cursor.take()
  const hint = 'slots stand in the scope alone, `principal == ?principal`; here the variable itself has the value'
  cursor.report('ERR_POLICY_SYNTAX_SLOT', `the slot ${quoted(token.text)} stands in a condition`, token, { hint })
  return literal(cursor, false, token.start)
}

function literal(cursor: Cursor, value: Literal['value'], start: number): Literal {
  return { kind: 'literal', value, span: cursor.spanFrom(start) }
}
