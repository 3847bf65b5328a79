// The scope of a policy: `(principal ..., action ..., resource ...)`, each once and in this order.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-policy.html#term-policy-scope

import type { EntityUid } from '../value/value.ts'
import { type Cursor, stringText } from './cursor.ts'
import { VARIABLES } from './names.ts'
import { nearMiss } from './near-miss.ts'
import { parseName } from './parse-member.ts'
import { quoted, type Range } from './reporter.ts'
import type { ActionScope, Scope, Slot, SlotReference } from './tree.ts'

export interface PolicyScope {
  readonly principal: Scope
  readonly action: ActionScope
  readonly resource: Scope
}

const ORDER = ['principal', 'action', 'resource'] as const
const ORDER_HINT = 'a scope is `(principal, action, resource)`, in this order'

/** Reports what is missing, doubled or out of order, and abandons at what is no scope at all. */
export function parseScope(cursor: Cursor): PolicyScope {
  const open = cursor.expect('(')
  const all = { kind: 'all', span: cursor.spanFrom(cursor.lastEnd) } as const
  const found: { principal: Scope; action: ActionScope; resource: Scope } = {
    principal: all,
    action: all,
    resource: all,
  }
  let count = 0
  while (cursor.accept(')') === undefined) {
    const role = ORDER[count++]
    if (role === undefined) {
      cursor.abandon(
        'ERR_POLICY_SYNTAX_SCOPE',
        `${quoted(cursor.peek().text)} is one too many`,
        cursor.peek(),
        ORDER_HINT,
      )
    }
    const start = parseVariable(cursor, role)
    if (role === 'action') found.action = parseActionScope(cursor, start)
    else found[role] = parseEntityScope(cursor, role, start)
    if (cursor.accept(',') === undefined) {
      cursor.expect(')', '`,` or `)`')
      break
    }
  }
  const missing = ORDER.slice(count).map((role) => `\`${role}\``)
  if (missing.length > 0) {
    const range = { start: open.start, end: cursor.lastEnd }
    cursor.report('ERR_POLICY_SYNTAX_SCOPE', `the scope lacks ${missing.join(' and ')}`, range, ORDER_HINT)
  }
  return found
}

function parseVariable(cursor: Cursor, role: (typeof ORDER)[number]): number {
  const token = cursor.accept('identifier') ?? cursor.unexpected(`\`${role}\``, ORDER_HINT)
  if (token.text !== role) {
    const near = (VARIABLES as readonly string[]).includes(token.text) ? undefined : nearMiss(token.text, [role])
    const hint = near === undefined ? ORDER_HINT : `did you mean \`${near}\`?`
    cursor.report('ERR_POLICY_SYNTAX_SCOPE', `${quoted(token.text)} stands where \`${role}\` is expected`, token, hint)
  }
  const colon = cursor.accept(':')
  if (colon !== undefined) {
    cursor.abandon(
      'ERR_POLICY_SYNTAX_SCOPE',
      'a type after `:` is no part of Cedar',
      colon,
      `write \`${role} is Type\``,
    )
  }
  return token.start
}

function parseEntityScope(cursor: Cursor, slot: Slot, start: number): Scope {
  if (cursor.acceptWord('is') !== undefined) {
    const type = parseName(cursor, 'an entity type').text
    if (cursor.peek().kind === '==') {
      cursor.abandon(
        'ERR_POLICY_SYNTAX_SCOPE',
        '`is` goes with `in`, not with `==`',
        cursor.peek(),
        'write `is Type in Entity`',
      )
    }
    if (cursor.acceptWord('in') === undefined) return { kind: 'is', type, span: cursor.spanFrom(start) }
    return { kind: 'is', type, in: parseReference(cursor, slot), span: cursor.spanFrom(start) }
  }
  const kind = parseScopeOperator(cursor, '`is`, `==` or `in`')
  if (kind === undefined) return { kind: 'all', span: cursor.spanFrom(start) }
  const entity = parseReference(cursor, slot)
  if (cursor.peek().text === 'is') {
    cursor.abandon('ERR_POLICY_SYNTAX_SCOPE', '`is` comes before `in`', cursor.peek(), 'write `is Type in Entity`')
  }
  return { kind, entity, span: cursor.spanFrom(start) }
}

function parseActionScope(cursor: Cursor, start: number): ActionScope {
  if (cursor.peek().text === 'is') {
    cursor.abandon('ERR_POLICY_SYNTAX_SCOPE', '`is` cannot stand with `action`', cursor.peek(), 'move it into a `when`')
  }
  const kind = parseScopeOperator(cursor, '`==` or `in`')
  if (kind === undefined) return { kind: 'all', span: cursor.spanFrom(start) }
  const closing = skipParentheses(cursor)
  const list = cursor.peek().kind === '['
  if (list && kind === 'equal') {
    cursor.abandon('ERR_POLICY_SYNTAX_SCOPE', '`==` takes one action', cursor.peek(), 'write `action in [...]`')
  }
  const entities = list ? parseActionList(cursor) : [parseAction(cursor)]
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
    cursor.report('ERR_POLICY_SYNTAX_OPERATOR', '`=` is no operator of Cedar', token, 'equality is written `==`')
    return 'equal'
  }
  if (token.kind === ',' || token.kind === ')') return undefined
  const hint = 'conditions of other kinds stand in a `when { ... }` behind the scope'
  return cursor.unexpected(`${allowed}, \`,\` or \`)\``, hint)
}

function parseActionList(cursor: Cursor): readonly EntityUid[] {
  const entities: EntityUid[] = []
  cursor.expect('[')
  while (cursor.accept(']') === undefined) {
    const closing = skipParentheses(cursor)
    entities.push(parseAction(cursor))
    closeParentheses(cursor, closing)
    if (cursor.accept(',') === undefined) {
      cursor.expect(']', '`,` or `]`')
      break
    }
  }
  return entities
}

function parseAction(cursor: Cursor): EntityUid {
  const { start } = cursor
  if (cursor.peek().kind === 'slot') refuseSlot(cursor, 'an action has no slot')
  const entity = parseEntity(cursor)
  if (entity.type !== 'Action' && !entity.type.endsWith('::Action')) {
    const range: Range = { start, end: cursor.lastEnd }
    const hint = 'an action is written `Action::"view"`, perhaps with a namespace before it'
    cursor.report('ERR_POLICY_SYNTAX_ACTION', `${quoted(entity.type)} is no type of actions`, range, hint)
  }
  return entity
}

/** `Type::"id"` or the slot of this variable, perhaps in parentheses. */
function parseReference(cursor: Cursor, slot: Slot): EntityUid | SlotReference {
  const closing = skipParentheses(cursor)
  const reference = cursor.peek().kind === 'slot' ? parseSlot(cursor, slot) : parseEntity(cursor)
  closeParentheses(cursor, closing)
  return reference
}

function parseSlot(cursor: Cursor, slot: Slot): SlotReference {
  if (cursor.peek().text !== `?${slot}`) refuseSlot(cursor, `\`${slot}\` takes the slot \`?${slot}\` alone`)
  cursor.take()
  return { kind: 'slot', slot }
}

function refuseSlot(cursor: Cursor, message: string): never {
  return cursor.abandon('ERR_POLICY_SYNTAX_SLOT', message, cursor.peek())
}

function parseEntity(cursor: Cursor): EntityUid {
  const token = cursor.peek()
  if (token.kind === '[') {
    cursor.abandon(
      'ERR_POLICY_SYNTAX_SCOPE',
      'one entity stands here, not a list',
      token,
      'compare with a list in a `when`',
    )
  }
  if (token.kind !== 'identifier') {
    cursor.unexpected('an entity', token.kind === 'string' ? 'an entity has a type: `User::"ann"`' : undefined)
  }
  const { text: type } = parseName(cursor, 'an entity')
  if (cursor.accept('::') === undefined) {
    const range = { start: token.start, end: cursor.lastEnd }
    const hint = `an entity is written ${quoted(`${type}::"id"`)}; a type alone goes with \`is\``
    cursor.abandon('ERR_POLICY_SYNTAX_ENTITY', `${quoted(type)} is no entity`, range, hint)
  }
  return { kind: 'entity', type, id: stringText(cursor, cursor.take()) }
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
