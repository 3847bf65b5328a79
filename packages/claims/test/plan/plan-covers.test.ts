import { createSchema } from '@cardea/policy'
import { expect, test } from 'vitest'
import { createPlan, planCovers, requirementsByAction, unionPlans } from '../../src/index.ts'
import { definition, parse, plan, policies, schema } from '../documents.ts'

const planOf = (text: string) => createPlan({ policies: parse(text), schema })
const when = (effect: string, condition: string): string =>
  `${effect} (principal is User, action == Action::"view", resource) when { ${condition} };`

test("a plan covers each action's requirement, and the union of two covers both", () => {
  for (const requirement of requirementsByAction(policies, schema).values())
    expect(planCovers(plan, requirement)).toEqual([])
  const other = planOf(when('forbid', 'principal.level == 0'))
  const both = unionPlans(plan, other)
  expect(planCovers(both, plan)).toEqual([])
  expect(planCovers(both, other)).toEqual([])
})

const ROWS = {
  'another attribute': [
    when('permit', 'principal.level > 1'),
    when('permit', 'principal has nickname'),
    ['User.nickname'],
  ],
  'the same attribute, but now restrictive': [
    when('permit', 'principal.level > 1'),
    when('forbid', 'principal.level > 1'),
    ['User.level'],
  ],
  'restrictive covers permissive': [when('forbid', 'principal.level > 1'), when('permit', 'principal.level > 1'), []],
  'a record covers its fields': [
    when('forbid', 'principal.networks == principal.networks'),
    when('forbid', 'principal.networks.office.isLoopback()'),
    [],
  ],
  'a field does not cover its record': [
    when('forbid', 'principal.networks.office.isLoopback()'),
    when('forbid', 'principal.networks == principal.networks'),
    ['User.networks.home'],
  ],
  'another group': [
    when('permit', 'principal in Role::"a"'),
    when('permit', 'principal in Team::"a"'),
    ['User in Team'],
  ],
  'the same group, but now restrictive': [
    when('permit', 'principal in Role::"a"'),
    when('forbid', 'principal in Role::"a"'),
    ['User in Role'],
  ],
  'another template': [
    when('permit', 'true'),
    '@id("guest") permit (principal in ?principal, action, resource in ?resource);',
    ['template guest'],
  ],
} as const
test.each(Object.entries(ROWS))('%s', (_, [has, needs, missing]) => {
  expect(planCovers(planOf(has), planOf(needs))).toEqual(missing)
})

test('a record that was packed whole does not cover a field that its type has since', () => {
  const policies = parse(when('forbid', 'principal.networks == principal.networks'))
  const { User } = definition.entities
  const { networks } = User.attributes
  const blocked = { type: 'Bool', optional: true } as const
  const grown = createSchema({
    ...definition,
    entities: {
      ...definition.entities,
      User: {
        ...User,
        attributes: { ...User.attributes, networks: { ...networks, attributes: { ...networks.attributes, blocked } } },
      },
    },
  })
  const now = parse(when('forbid', 'principal.networks has blocked'))
  expect(planCovers(createPlan({ policies, schema }), createPlan({ policies: now, schema: grown }))).toEqual([
    'User.networks.blocked',
  ])
  expect(planCovers(createPlan({ policies, schema: grown }), createPlan({ policies: now, schema: grown }))).toEqual([])
})

test('only the type of the caller counts when it is known', () => {
  const needs = planOf(
    'permit (principal is Client, action == Action::"view", resource) when { principal in Role::"sync" };',
  )
  const has = planOf(when('permit', 'true'))
  expect(planCovers(has, needs)).toEqual(['Client in Role'])
  expect(planCovers(has, needs, 'User')).toEqual([])
})
