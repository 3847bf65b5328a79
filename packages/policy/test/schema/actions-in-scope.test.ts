// Against the definition itself: an action is in a scope when the scope names it or, with `in`, a group above it.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { actionsInScope } from '../../src/check/index.ts'
import { createSchema, parsePolicies, type Policy } from '../../src/index.ts'

const action = (type: string, id: string, memberOf: readonly (readonly [string, string])[]) => ({
  uid: { type, id },
  memberOf: memberOf.map(([group, name]) => ({ type: group, id: name })),
  principals: ['User'],
  resources: ['User'],
  context: {},
})

const schema = createSchema({
  entities: { User: { parents: [], attributes: {} } },
  actions: {
    view: action('Action', 'view', [['Action', 'read']]),
    edit: action('Action', 'edit', [
      ['Action', 'write'],
      ['Docs::Action', 'any'],
    ]),
    read: action('Action', 'read', []),
    write: action('Action', 'write', [['Action', 'all']]),
    all: action('Action', 'all', []),
    'Docs::any': action('Docs::Action', 'any', []),
    'Docs::view': action('Docs::Action', 'view', [['Docs::Action', 'any']]),
  },
})

function policyFor(scope: string): Policy {
  const [policy] = parsePolicies(`permit (principal, ${scope}, resource);`).policies
  if (policy === undefined) throw new TypeError('the scope of this test does not parse')
  return policy
}

const inScope = (scope: string): readonly string[] => actionsInScope(policyFor(scope).action, schema)

const SCOPES: readonly (readonly [scope: string, names: readonly string[]])[] = [
  ['action', ['view', 'edit', 'read', 'write', 'all', 'Docs::any', 'Docs::view']],
  ['action == Action::"view"', ['view']],
  ['action == Docs::Action::"view"', ['Docs::view']],
  ['action == Action::"write"', ['write']],
  ['action == Action::"nothing"', []],
  ['action in Action::"write"', ['edit', 'write']],
  ['action in Action::"all"', ['edit', 'write', 'all']],
  ['action in Docs::Action::"any"', ['edit', 'Docs::any', 'Docs::view']],
  ['action in Action::"nothing"', []],
  ['action in []', []],
  ['action in [Action::"view"]', ['view']],
  ['action in [Action::"write", Action::"view", Action::"nothing"]', ['view', 'edit', 'write']],
]

describe('actionsInScope', () => {
  test.each(SCOPES)('%s', (scope, names) => {
    expect(inScope(scope)).toEqual(names)
  })

  test.each(SCOPES)('%s is the same array every time', (scope) => {
    expect(inScope(scope)).toBe(inScope(scope))
  })

  test('the order of a list does not matter, nor what stands twice', () => {
    const list = inScope('action in [Action::"view", Action::"edit"]')
    expect(inScope('action in [Action::"edit", Action::"view", Action::"edit"]')).toBe(list)
  })

  test('a list has what its entities have, each once', () => {
    const entities = ['Action::"view"', 'Action::"edit"', 'Action::"write"', 'Docs::Action::"any"', 'Action::"none"']
    fc.assert(
      fc.property(fc.subarray(entities), (some) => {
        const each = some.flatMap((entity) => inScope(`action in ${entity}`))
        const names = inScope(`action in [${some.join(', ')}]`)
        expect(names.toSorted()).toEqual([...new Set(each)].toSorted())
      }),
    )
  })
})
