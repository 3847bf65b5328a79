// The scope of a policy: `(principal ..., action ..., resource ...)`, each once and in this order.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-policy.html#term-policy-scope

import type { EntityUid } from '../value/value.ts'
import { type Cursor, stringText } from './cursor.ts'
import { nearMiss } from './near-miss.ts'
import { parseName, withQuotedId } from './parse-member.ts'
import { type Help, meant, quoted, type Range } from './reporter.ts'
import type { Token } from './token.ts'
import type { ActionScope, Scope, Slot, SlotReference } from './tree.ts'

export interface PolicyScope {
  readonly principal: Scope
  readonly action: ActionScope
  readonly resource: Scope
}

type Role = keyof PolicyScope

const ORDER: readonly Role[] = ['principal', 'action', 'resource']
const ORDER_HINT = 'a scope is `(principal, action, resource)`, in this order'
const WHEN_HINT = 'other conditions stand in a `when { ... }` behind the scope'

/** Reports what is missing, doubled or out of order, and abandons at what is no scope at all. */
export function parseScope(cursor: Cursor): PolicyScope {
  const open = cursor.expect('(', '`(`', { hint: ORDER_HINT })
  const all = { kind: 'all', span: cursor.spanFrom(cursor.lastEnd) } as const
  const found: { principal: Scope; action: ActionScope; resource: Scope } = {
    principal: all,
    action: all,
    resource: all,
  }
  let isInOrder = true
  let count = 0
  while (cursor.accept(')') === undefined) {
    const expected = ORDER[count++]
    if (expected === undefined) {
      if (cursor.peek().kind === 'end') cursor.unexpected('`)`')
      const help = { label: 'the scope ends before this', hint: ORDER_HINT }
      cursor.abandon('ERR_POLICY_SYNTAX_SCOPE', `${quoted(cursor.peek().text)} is one too many`, cursor.peek(), help)
    }
    const { role, start } = parseVariable(cursor, expected, isInOrder)
    isInOrder &&= role === expected
    if (role === 'action') found.action = parseActionScope(cursor, start)
    else found[role] = parseEntityScope(cursor, role, start)
    if (cursor.accept(',') === undefined) {
      cursor.expect(')', '`,` or `)`', hintBehind(cursor.peek()))
      break
    }
  }
  if (isInOrder) reportMissing(cursor, open, ORDER.slice(count))
  return found
}

function reportMissing(cursor: Cursor, open: Token, missing: readonly Role[]): void {
  if (missing.length === 0) return
  const names = missing.map((role) => `\`${role}\``)
  const end = cursor.lastEnd - 1
  cursor.report(
    'ERR_POLICY_SYNTAX_SCOPE',
    `the scope lacks ${names.join(' and ')}`,
    { ...open, end: cursor.lastEnd },
    {
      hint: ORDER_HINT,
      edit: `${missing.length === ORDER.length ? '' : ', '}${missing.join(', ')}`,
      at: { start: end, end },
    },
  )
}

/** The variable that stands there, which is reported once in a scope when it is not the one that is expected. */
function parseVariable(
  cursor: Cursor,
  expected: Role,
  isInOrder: boolean,
): { readonly role: Role; readonly start: number } {
  const token = cursor.accept('identifier') ?? cursor.unexpected(`\`${expected}\``, { hint: ORDER_HINT })
  const { text, start } = token
  const role = ORDER.find((known) => known === text)
  if (role !== expected && isInOrder) {
    const near = role === undefined ? (nearMiss(text, [expected]) ?? SYNONYMS.get(text.toLowerCase())) : undefined
    const help = near === expected ? meant(near) : { label: `expected \`${expected}\``, hint: ORDER_HINT }
    cursor.report('ERR_POLICY_SYNTAX_SCOPE', `${quoted(text)} stands where \`${expected}\` is expected`, token, help)
  }
  const colon = cursor.accept(':')
  if (colon !== undefined) {
    const help = { hint: `write \`${expected} is Type\``, edit: ' is', at: { start: token.end, end: colon.end } }
    cursor.report('ERR_POLICY_SYNTAX_SCOPE', 'a type after `:` is no part of Cedar', colon, help)
    parseName(cursor, 'an entity type')
  }
  return { role: role ?? expected, start }
}

const SYNONYMS: ReadonlyMap<string, Role> = new Map([
  ['user', 'principal'],
  ['subject', 'principal'],
  ['object', 'resource'],
])

function parseEntityScope(cursor: Cursor, slot: Slot, start: number): Scope {
  const word = cursor.acceptWord('is')
  if (word !== undefined) {
    const type = parseName(cursor, 'an entity type').text
    refuseAfterType(cursor, word)
    if (cursor.acceptWord('in') === undefined) return { kind: 'is', type, span: cursor.spanFrom(start) }
    return { kind: 'is', type, in: parseReference(cursor, slot), span: cursor.spanFrom(start) }
  }
  const kind = parseScopeOperator(cursor, '`is`, `==`, `in`')
  if (kind === undefined) return { kind: 'all', span: cursor.spanFrom(start) }
  const entity = parseReference(cursor, slot)
  if (cursor.peek().text === 'is') {
    cursor.abandon('ERR_POLICY_SYNTAX_SCOPE', '`is` comes before `in`', cursor.peek(), {
      hint: 'write `is Type in Entity`',
    })
  }
  return { kind, entity, span: cursor.spanFrom(start) }
}

function refuseAfterType(cursor: Cursor, word: Token): void {
  const token = cursor.peek()
  if (token.kind === '::') {
    cursor.abandon('ERR_POLICY_SYNTAX_ENTITY', '`is` takes a type, not an entity', token, {
      also: [[word, 'this `is`']],
      hint: 'one entity is compared with `==`',
      edit: '==',
      at: word,
    })
  }
  if (token.kind !== '==') return
  cursor.abandon('ERR_POLICY_SYNTAX_SCOPE', '`is` goes with `in`, not with `==`', token, {
    also: [[word, 'this `is`']],
    hint: 'write `is Type in Entity`, or `== Entity` alone',
  })
}

function parseActionScope(cursor: Cursor, start: number): ActionScope {
  if (cursor.peek().text === 'is') {
    const hint = 'actions are compared with `==` and `in`'
    cursor.abandon('ERR_POLICY_SYNTAX_SCOPE', '`is` cannot stand with `action`', cursor.peek(), { hint })
  }
  const operator = cursor.peek()
  const kind = parseScopeOperator(cursor, '`==`, `in`')
  if (kind === undefined) return { kind: 'all', span: cursor.spanFrom(start) }
  const closing = skipParentheses(cursor)
  const list = cursor.peek().kind === '['
  if (list && kind === 'equal') {
    const help = { also: [[cursor.peek(), 'these are several']] as const, hint: 'write `action in [...]`', edit: 'in' }
    cursor.report('ERR_POLICY_SYNTAX_SCOPE', '`==` takes one action', operator, help)
  }
  const entities = list ? parseList(cursor, parseAction) : [parseAction(cursor)]
  closeParentheses(cursor, closing)
  const span = cursor.spanFrom(start)
  const [only] = entities
  return kind === 'equal' && only !== undefined ? { kind, entity: only, span } : { kind: 'in', entities, list, span }
}

function parseScopeOperator(cursor: Cursor, allowed: string): 'equal' | 'in' | undefined {
  if (cursor.acceptWord('in') !== undefined) return 'in'
  if (cursor.accept('==') !== undefined) return 'equal'
  const token = cursor.peek()
  if (token.kind === '=') {
    cursor.take()
    const help = { hint: 'equality is written `==`', edit: '==' }
    cursor.report('ERR_POLICY_SYNTAX_OPERATOR', '`=` is no operator of Cedar', token, help)
    return 'equal'
  }
  if (token.kind === ',' || token.kind === ')') return undefined
  return cursor.unexpected(`${allowed}, \`,\` or \`)\``, hintBehind(token))
}

/** Behind a part of the scope. */
function hintBehind({ kind, text }: Token): Help {
  return RELATIONS.has(text) || kind === '.' ? { hint: WHEN_HINT } : {}
}

const RELATIONS: ReadonlySet<string> = new Set(['!=', '<', '<=', '>', '>=', '&&', '||', 'has', 'like'])

function parseList(cursor: Cursor, parseOne: (cursor: Cursor) => EntityUid): readonly EntityUid[] {
  const entities: EntityUid[] = []
  cursor.expect('[')
  while (cursor.accept(']') === undefined) {
    const closing = skipParentheses(cursor)
    entities.push(parseOne(cursor))
    closeParentheses(cursor, closing)
    if (cursor.accept(',') === undefined) {
      cursor.expect(']', '`,` or `]`')
      break
    }
  }
  return entities
}

const ACTION_HINT = 'an action is written `Action::"view"`, perhaps with a namespace before it'

function parseAction(cursor: Cursor): EntityUid {
  const { start } = cursor
  const token = cursor.peek()
  if (token.kind === 'slot') {
    refuseSlot(cursor, 'an action has no slot', { hint: ACTION_HINT })
    return { kind: 'entity', type: 'Action', id: '' }
  }
  const bare = token.kind === 'string' ? token.text : token.kind === 'identifier' ? `"${token.text}"` : undefined
  if (bare !== undefined && cursor.peek(1).kind !== '::' && cursor.peek(1).kind !== ':') {
    cursor.take()
    const help = { hint: ACTION_HINT, edit: `Action::${bare}` }
    cursor.report('ERR_POLICY_SYNTAX_ACTION', `${quoted(token.text)} is no action`, token, help)
    return { kind: 'entity', type: 'Action', id: '' }
  }
  const entity = parseEntity(cursor)
  if (entity.type !== 'Action' && !entity.type.endsWith('::Action')) {
    const range: Range = { start, end: cursor.lastEnd }
    const near = nearMiss(entity.type, ['Action'])
    const help = near === undefined ? { hint: ACTION_HINT } : { ...meant(near), at: token }
    cursor.report('ERR_POLICY_SYNTAX_ACTION', `${quoted(entity.type)} is no type of actions`, range, help)
  }
  return entity
}

/** `Type::"id"` or the slot of this variable, perhaps in parentheses. */
function parseReference(cursor: Cursor, slot: Slot): EntityUid | SlotReference {
  const closing = skipParentheses(cursor)
  const { kind } = cursor.peek()
  const reference = kind === 'slot' ? parseSlot(cursor, slot) : kind === '[' ? refuseList(cursor) : parseEntity(cursor)
  closeParentheses(cursor, closing)
  return reference
}

function parseSlot(cursor: Cursor, slot: Slot): SlotReference {
  const own = `?${slot}`
  if (cursor.peek().text !== own) {
    refuseSlot(cursor, `\`${slot}\` takes the slot \`${own}\` alone`, { label: `expected \`${own}\``, edit: own })
  } else cursor.take()
  return { kind: 'slot', slot }
}

function refuseSlot(cursor: Cursor, message: string, help: Help): void {
  cursor.report('ERR_POLICY_SYNTAX_SLOT', message, cursor.take(), help)
}

function parseEntity(cursor: Cursor): EntityUid {
  const token = cursor.peek()
  if (token.kind !== 'identifier') {
    cursor.unexpected(
      'an entity',
      token.kind === 'string' ? { hint: `an entity has a type: \`User::${token.text}\`` } : {},
    )
  }
  const { text: type } = parseName(cursor, 'an entity')
  const range = { start: token.start, end: cursor.lastEnd }
  const colons = cursor.accept('::') ?? (cursor.peek(1).kind === 'string' ? cursor.accept(':') : undefined)
  if (colons === undefined) {
    const edit = withQuotedId(type)
    const hint =
      edit === undefined
        ? `an entity is written ${quoted(`${type}::"id"`)}; a type alone goes with \`is\``
        : 'the id of an entity stands in quotes'
    cursor.report('ERR_POLICY_SYNTAX_ENTITY', `${quoted(type)} is no entity`, range, { hint, edit })
    return { kind: 'entity', type: type.slice(0, type.lastIndexOf('::')), id: '' }
  }
  if (colons.kind === ':') {
    const help = { hint: 'an entity is written `Type::"id"`', edit: '::' }
    cursor.report('ERR_POLICY_SYNTAX_ENTITY', 'one `:` stands between type and id', colons, help)
  }
  return { kind: 'entity', type, id: stringText(cursor, cursor.take()) }
}

/** One entity of the list stands for it; the policy is refused anyway. */
function refuseList(cursor: Cursor): EntityUid {
  const open = cursor.peek()
  const [first] = parseList(cursor, parseEntity)
  const range = { start: open.start, end: cursor.lastEnd }
  const hint = 'a list may stand in a condition: `when { principal in [...] }`'
  cursor.report('ERR_POLICY_SYNTAX_SCOPE', 'one entity stands here, not a list', range, { hint })
  return first ?? { kind: 'entity', type: '', id: '' }
}

function skipParentheses(cursor: Cursor): number {
  let count = 0
  while (cursor.accept('(') !== undefined) {
    if (++count > cursor.limits.nesting) {
      const message = `parentheses are nested deeper than ${cursor.limits.nesting}`
      cursor.abandon('ERR_POLICY_SYNTAX_LIMIT_NESTING', message, cursor.peek())
    }
  }
  return count
}

function closeParentheses(cursor: Cursor, count: number): void {
  for (let open = count; open > 0; open--) cursor.expect(')')
}
