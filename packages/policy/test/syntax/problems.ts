// One mistake each: the code, the spot it is told at, and what the hint must say.

import type { SyntaxCode } from '../../src/syntax/reporter.ts'

interface Row {
  readonly text: string
  readonly code: SyntaxCode
  readonly at: string
  readonly hint?: string
}

type ShortCode = SyntaxCode extends `ERR_POLICY_SYNTAX_${infer Short}` ? Short : never

function row(text: string, code: ShortCode, at: string, hint?: string): Row {
  return { text, code: `ERR_POLICY_SYNTAX_${code}`, at, ...(hint === undefined ? {} : { hint }) }
}

function inCondition(expression: string, code: ShortCode, at: string, hint?: string): Row {
  return row(`permit (principal, action, resource) when { ${expression} };`, code, at, hint)
}

function inScope(scope: string, code: ShortCode, at: string, hint?: string): Row {
  return row(`permit (${scope});`, code, at, hint)
}

export const PROBLEMS: readonly (readonly [name: string, row: Row])[] = [
  ['a stray character', inCondition('1 ^ 2', 'TOKEN', '^')],
  ['a single quote', inCondition("'a", 'TOKEN', "'", 'double quotes')],
  ['one ampersand', inCondition('true & true', 'TOKEN', '&', '&&')],
  ['a byte order mark', row('\ufeffpermit (principal, action, resource);', 'TOKEN', '\ufeff', 'without')],
  ['half a surrogate pair', inCondition('"\ud800"', 'UNICODE', '\ud800')],
  ['an open string', inCondition('"a', 'STRING', '"a };')],
  ['an unknown escape', inCondition(String.raw`"a\qb"`, 'ESCAPE', String.raw`\q`, String.raw`\u{1F600}`)],
  ['a pattern escape in a string', inCondition(String.raw`"\*"`, 'ESCAPE', String.raw`\*`)],
  ['an escape beyond ASCII', inCondition(String.raw`"\xff"`, 'ESCAPE', String.raw`\xff`)],
  ['an escaped surrogate', inCondition(String.raw`"\u{d800}"`, 'ESCAPE', String.raw`\u{d800}`)],
  ['a carriage return in a string', inCondition('"a\r\nb"', 'ESCAPE', '\r')],
  ['a number that is too large', inCondition('9223372036854775808', 'NUMBER', '9223372036854775808', 'at most')],
  ['a number that is too small', inCondition('-9223372036854775809', 'NUMBER', '-9223372036854775809')],
  ['a very long number', inCondition('1'.repeat(50_000), 'NUMBER', '1'.repeat(50_000))],
  ['a missing operand', inCondition('true &&', 'UNEXPECTED', '}')],
  ['a word for an operator', inCondition('true and true', 'OPERATOR', 'and', '&&')],
  ['an if as an operand', inCondition('1 + if true then 1 else 2', 'UNEXPECTED', 'if', 'parentheses')],
  ['an if without else', inCondition('if true then 1', 'UNEXPECTED', '}', 'always')],
  ['a quoted type', inCondition('principal is "User"', 'UNEXPECTED', '"User"', 'without quotes')],
  ['an unclosed policy', row('permit (principal, action, resource) when { true', 'UNEXPECTED', '')],
  ['an empty policy', row(';', 'SEMICOLON', ';')],
  ['a missing semicolon', row('permit (principal, action, resource)', 'SEMICOLON', '')],
  ['an annotation twice', row('@a @a permit (principal, action, resource);', 'ANNOTATION', '@a')],
  [
    'an annotation without quotes',
    row('@a(b) permit (principal, action, resource);', 'ANNOTATION', 'b', '@name("text")'),
  ],
  ['a mistyped effect', row('premit (principal, action, resource);', 'EFFECT', 'premit', '`permit`')],
  ['the effect of another language', row('deny (principal, action, resource);', 'EFFECT', 'deny', '`forbid`')],
  ['a scope too short', inScope('principal', 'SCOPE', '(principal)', 'in this order')],
  ['a scope too long', inScope('principal, action, resource, context', 'SCOPE', 'context', 'in this order')],
  ['a mistyped variable in a scope', inScope('principle, action, resource', 'SCOPE', 'principle', '`principal`')],
  ['a type in a scope', inScope('principal: User, action, resource', 'SCOPE', ':', 'is Type')],
  ['a list for a principal', inScope('principal in [User::"a"], action, resource', 'SCOPE', '[User::"a"]', 'when')],
  ['a list for ==', inScope('principal, action == [Action::"a"], resource', 'SCOPE', '==', 'action in')],
  ['is after in', inScope('principal in A::"a" is A, action, resource', 'SCOPE', 'is', 'is Type in')],
  ['is with ==', inScope('principal is A == A::"a", action, resource', 'SCOPE', '==', 'is Type in')],
  ['is for an action', inScope('principal, action is Action, resource', 'SCOPE', 'is', '`in`')],
  ['a condition in a scope', inScope('principal, action, resource != A::"a"', 'UNEXPECTED', '!=', 'when')],
  ['an action of another type', inScope('principal, action == View::"a", resource', 'ACTION', 'View::"a"', 'Action::')],
  ['a slot for an action', inScope('principal, action == ?action, resource', 'SLOT', '?action')],
  ['the slot of the other variable', inScope('principal == ?resource, action, resource', 'SLOT', '?resource')],
  ['a slot in a condition', inCondition('principal == ?principal', 'SLOT', '?principal', 'scope')],
  ['an empty condition', row('permit (principal, action, resource) when { };', 'CONDITION', 'when { }')],
  ['a mistyped condition', row('permit (principal, action, resource) unles { true };', 'CONDITION', 'unles', 'unless')],
  ['a word behind the scope', row('permit (principal, action, resource) where;', 'CONDITION', 'where')],
  ['one equals sign', inCondition('principal.a = 1', 'OPERATOR', '=', '==')],
  ['one equals sign in a scope', inScope('principal = A::"a", action, resource', 'OPERATOR', '=', '==')],
  ['three equals signs', inCondition('principal.a === 1', 'OPERATOR', '===', '==')],
  ['a division', inCondition('4 / 2', 'OPERATOR', '/')],
  ['a remainder', inCondition('4 % 2', 'OPERATOR', '%')],
  ['a block comment', inCondition('1 /* one */', 'TOKEN', '/*', '//')],
  ['a chain of relations', inCondition('1 < 2 < 3', 'CHAIN', '<', 'parentheses')],
  ['a chain of has', inCondition('context has a has b', 'CHAIN', 'has')],
  ['five negations', inCondition('!!!!!true', 'UNARY', '!!!!!')],
  ['a mistyped variable', inCondition('prinicpal.a', 'VARIABLE', 'prinicpal', '`principal`')],
  ['an unquoted text', inCondition('principal.a == open', 'VARIABLE', 'open', '`"open"`')],
  ['a type without an id', inCondition('principal in Docs::Team', 'VARIABLE', 'Docs::Team', '`Docs::Team::"id"`')],
  ['a method called as a function', inCondition('contains(1)', 'FUNCTION', 'contains', 'value.contains(...)')],
  ['a mistyped function', inCondition('decimel("1.0")', 'FUNCTION', 'decimel', '`decimal`')],
  ['an unknown function', inCondition('now()', 'FUNCTION', 'now', '`ip`')],
  ['a call of a call', inCondition('ip("::1")("::1")', 'FUNCTION', '(')],
  ['a mistyped method', inCondition('context.ip.isIPv4()', 'METHOD', 'isIPv4', '`isIpv4`')],
  ['a function called as a method', inCondition('"::1".ip()', 'METHOD', 'ip', 'ip(...)')],
  ['an argument too few', inCondition('principal.a.contains()', 'ARGUMENTS', 'contains')],
  ['an argument too many', inCondition('principal.a.isEmpty(1)', 'ARGUMENTS', 'isEmpty')],
  ['more than a path after has', inCondition('context has a["b"]', 'ATTRIBUTE', '[', 'a.b')],
  ['more than a pattern after like', inCondition('context.a like "a" + "b"', 'PATTERN', '+')],
  ['more than a type after is', inCondition('principal is User.a', 'ENTITY', '.', 'Docs::User')],
  ['a type for an entity', inScope('principal == User, action, resource', 'ENTITY', 'User', 'is')],
  ['a reserved word as an attribute', inCondition('context.in', 'RESERVED', 'in', '["in"]')],
  ['a reserved word after has', inCondition('context has then', 'RESERVED', 'then', 'has "then"')],
  ['a reserved word as a key', inCondition('{else: 1}', 'RESERVED', 'else', 'quote')],
  ['a reserved word in a type', inCondition('principal is A::like', 'RESERVED', 'like')],
  ["Cedar's own namespace", inCondition('principal is __cedar::User', 'RESERVED', '__cedar')],
  ['a key twice', inCondition('{"a": 1, a: 2}', 'DUPLICATE_KEY', 'a')],
]
