// The policies that every request looks at are those that stand in every bucket of the index.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileProgram } from '../../src/compile/program.ts'
import { unnarrowedPolicies } from '../../src/compile/unnarrowed.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { createSchema } from '../../src/schema/schema.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'

const action = (id: string, memberOf: readonly string[], principals: string[], resources: string[]) => ({
  uid: { type: 'Action', id },
  memberOf: memberOf.map((group) => ({ type: 'Action', id: group })),
  principals,
  resources,
  context: {},
})
const entity = { parents: [], attributes: {} }
const schema = createSchema({
  entities: { User: entity, Client: entity, Doc: entity, Folder: entity },
  actions: {
    all: action('all', [], [], []),
    view: action('view', ['all'], ['User'], ['Doc', 'Folder']),
    edit: action('edit', ['all'], ['User'], ['Doc']),
  },
})

function parsed(scopes: readonly string[]) {
  return parsePolicies(scopes.map((scope, id) => `@id("p${id}") permit (${scope});`).join('\n')).policies
}

describe('policies that no index can narrow', () => {
  it.each([
    ['principal, action, resource', true],
    ['principal, action == Action::"view", resource', false],
    ['principal, action in [Action::"view", Action::"edit"], resource', true],
    ['principal, action in Action::"all", resource', true],
    ['principal is User, action, resource', true],
    ['principal is Client, action, resource', false],
    ['principal, action, resource is Doc', false],
    ['principal == User::"a", action, resource', false],
    ['principal, action, resource in Folder::"a"', false],
    ['principal is User in User::"a", action, resource', false],
    ['principal == ?principal, action, resource', false],
    ['principal, action, resource in ?resource', false],
  ])('%s: %s', (scope, expected) => {
    expect(unnarrowedPolicies(parsed([scope]), schema).length === 1).toBe(expected)
  })

  const scopes = fc
    .tuple(
      fc.constantFrom(
        'principal',
        'principal is User',
        'principal is Client',
        'principal == User::"a"',
        'principal in ?principal',
      ),
      fc.constantFrom(
        'action',
        'action == Action::"view"',
        'action in Action::"all"',
        'action in [Action::"view", Action::"edit"]',
      ),
      fc.constantFrom('resource', 'resource is Doc', 'resource in Folder::"a"', 'resource == ?resource'),
    )
    .map((parts) => parts.join(', '))

  it('are those in every bucket', () => {
    let found = 0
    fc.assert(
      fc.property(fc.array(scopes, { minLength: 1, maxLength: 8 }), (texts) => {
        const policies = parsed(texts)
        const { index } = compileProgram(policies, { schema })
        const buckets = [
          ['view', 'Doc'],
          ['view', 'Folder'],
          ['edit', 'Doc'],
        ].map(([id = '', type = '']) => {
          const entries = index.ofAction(entityUid('Action', id)).bucket('User', type).entries
          return new Set(entries.map(({ rule }) => rule.id))
        })
        const everywhere = policies.map(({ id }) => id).filter((id) => buckets.every((bucket) => bucket.has(id)))
        expect(unnarrowedPolicies(policies, schema).map(({ id }) => id)).toEqual(everywhere)
        found += everywhere.length
      }),
    )
    expect(found).toBeGreaterThan(10)
  })
})
