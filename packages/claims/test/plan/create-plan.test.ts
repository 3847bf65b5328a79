import { createSchema } from '@cardea/policy'
import { describe, expect, test } from 'vitest'
import { createPlan, requirementsByAction, unionPlans } from '../../src/index.ts'
import { codeOf, definition, parse, plan, policies, schema } from '../documents.ts'

const attributes = (type: string): readonly string[] =>
  (plan.principals[type]?.attributes ?? []).map(({ path, restrictive }) => path.join('.') + (restrictive ? '!' : ''))
const ancestors = (type: string): readonly string[] =>
  (plan.principals[type]?.ancestors ?? []).map((ancestor) => ancestor.type + (ancestor.restrictive ? '!' : ''))

describe('createPlan', () => {
  test('names what the policies read of each type of principal, and what of it restricts', () => {
    expect(attributes('User')).toEqual(['level', 'networks.office!', 'regions', 'suspended!'])
    expect(ancestors('User')).toEqual(['Role', 'Team!'])
    expect(attributes('Client')).toEqual([])
    // `forbid (principal in Team::...)` cannot meet a client: the schema lets none into a team
    expect(ancestors('Client')).toEqual(['Role'])
  })

  test('only `permit` templates with both slots can be granted', () => {
    expect(plan.templates).toEqual(['editor', 'viewer'])
    const half = parse('@id("half") permit (principal, action, resource in ?resource);')
    expect(createPlan({ policies: half, schema }).templates).toEqual([])
  })

  test('an audience with fewer actions has a smaller plan', () => {
    const small = createPlan({ policies, schema, actions: ['delete'] })
    expect(small.principals['User']?.attributes).toEqual([])
    expect(small.templates).toEqual([])
    expect(small.principals['User']?.ancestors.map(({ type }) => type)).toEqual(['Role', 'Team'])
  })

  test('does not depend on the order of the policies', () => {
    expect(createPlan({ policies: policies.toReversed(), schema })).toEqual(plan)
    expect(plan.digest).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })

  test('has another digest as soon as something becomes restrictive', () => {
    const more = [
      ...policies,
      ...parse('@id("low") forbid (principal is User, action, resource) when { principal.level < 1 };'),
    ]
    expect(createPlan({ policies: more, schema }).digest).not.toBe(plan.digest)
  })

  test('action groups count: a policy for the group is one for its members', () => {
    const grouped = createSchema({
      entities: definition.entities,
      actions: {
        write: { uid: { type: 'Action', id: 'write' }, memberOf: [], principals: [], resources: [], context: {} },
        edit: { ...definition.actions.edit, memberOf: [{ type: 'Action', id: 'write' }] },
      },
    })
    const group = parse('permit (principal, action in Action::"write", resource) when { principal.level > 3 };')
    const requirement = requirementsByAction(group, grouped).get('edit')
    expect(requirement?.principals['User']?.attributes).toEqual([{ path: ['level'], restrictive: false }])
  })

  test('of many policies is the union of the plans of each', () => {
    const each = policies.map((policy) => createPlan({ policies: [policy], schema }))
    expect(each.reduce(unionPlans)).toEqual(plan)
    for (const [name, requirement] of requirementsByAction(policies, schema)) {
      const alone = policies.map((policy) => createPlan({ policies: [policy], schema, actions: [name] }))
      expect(alone.reduce(unionPlans), name).toEqual(requirement)
    }
  })

  const REFUSED = {
    'tags of the principal': 'permit (principal, action, resource) when { principal.hasTag("x") };',
    'a forbid by an entity behind a reference':
      'forbid (principal is User, action, resource) when { principal.tenant in Company::"c" };',
    'a permit unless an entity behind a reference is in a group':
      'permit (principal is User, action, resource) unless { resource.tenant in Company::"blocked" };',
    'a permit unless an entity behind a reference has an attribute':
      'permit (principal is User, action, resource) unless { resource.tenant has suspended };',
    'a permit unless an entity that is named has one':
      'permit (principal is User, action, resource) unless { User::"boss" has suspended };',
  }
  test.each(Object.entries(REFUSED))('refuses %s', (_, text) => {
    expect(codeOf(() => createPlan({ policies: parse(text), schema }))).toBe('ERR_CLAIMS_PLAN_UNREACHABLE')
  })
})

test('a union has what either plan has, and restrictive wins', () => {
  const other = createPlan({
    policies: parse(`
      @id("helper") permit (principal in ?principal, action, resource in ?resource);
      forbid (principal is User, action == Action::"view", resource) when { principal.level < 2 };
    `),
    schema,
  })
  const both = unionPlans(plan, other)
  expect(both.templates).toEqual(['editor', 'helper', 'viewer'])
  expect(both.principals['User']?.attributes.find(({ path }) => path[0] === 'level')?.restrictive).toBe(true)
  expect(unionPlans(other, plan)).toEqual(both)
  expect(unionPlans(both, plan)).toEqual(both)
})
