// fast-check generators of policies, templates and links over the small world.

import fc from 'fast-check'
import type { TemplateLink } from '../../src/compile/links.ts'
import type { ActionScope, Condition, Policy, Scope, Slot } from '../../src/syntax/tree.ts'
import type { EntityUid } from '../../src/value/value.ts'
import { NOWHERE } from './expressions.ts'
import { ACTIONS, ANN, DOCUMENTS, FOLDERS, GROUP, RESOURCES, TEAMS, USERS } from './universe.ts'
import { universeConditions } from './universe-expressions.ts'

function scopes(
  slot: Slot,
  isTemplate: boolean,
  entities: readonly EntityUid[],
  types: readonly string[],
): fc.Arbitrary<Scope> {
  const named = isTemplate ? fc.constant({ kind: 'slot' as const, slot }) : fc.constantFrom(...entities)
  const span = fc.constant(NOWHERE)
  const withEntity: fc.Arbitrary<Scope>[] = [
    fc.record({ kind: fc.constant('equal'), entity: named, span }),
    fc.record({ kind: fc.constant('in'), entity: named, span }),
    fc.record({ kind: fc.constant('is'), type: fc.constantFrom(...types), in: named, span }),
  ]
  if (isTemplate) return fc.oneof(...withEntity)
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('all'), span }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('is'), type: fc.constantFrom(...types), span }) },
    { weight: 4, arbitrary: fc.oneof(...withEntity) },
  )
}

const actionScopes: fc.Arbitrary<ActionScope> = fc.oneof<fc.Arbitrary<ActionScope>[]>(
  fc.constant({ kind: 'all', span: NOWHERE }),
  fc.constant({ kind: 'all', span: NOWHERE }),
  fc.constantFrom(...ACTIONS).map((entity) => ({ kind: 'equal', entity, span: NOWHERE })),
  fc.constantFrom(GROUP, ...ACTIONS).map((entity) => ({ kind: 'in', entities: [entity], list: false, span: NOWHERE })),
  fc.subarray([GROUP, ...ACTIONS]).map((entities) => ({ kind: 'in', entities, list: true, span: NOWHERE })),
)

function policyWith(slots: readonly Slot[]): fc.Arbitrary<Policy> {
  const condition: fc.Arbitrary<Condition> = fc.record({
    kind: fc.constantFrom('when', 'unless'),
    body: universeConditions,
    span: fc.constant(NOWHERE),
  })
  return fc.record({
    id: fc.constant(''),
    effect: fc.constantFrom('permit', 'permit', 'forbid'),
    annotations: fc.constant(new Map()),
    principal: scopes(
      'principal',
      slots.includes('principal'),
      [ANN, ANN, ...TEAMS, ...USERS],
      ['User', 'User', 'Team'],
    ),
    action: actionScopes,
    resource: scopes(
      'resource',
      slots.includes('resource'),
      [...DOCUMENTS, ...FOLDERS, ...TEAMS, ...USERS],
      ['Doc', 'Team', 'User'],
    ),
    conditions: fc.oneof(fc.constant([]), fc.array(condition, { maxLength: 2 })),
    slots: fc.constant(slots),
    span: fc.constant(NOWHERE),
  })
}

const universePolicy = fc.oneof(
  { weight: 4, arbitrary: policyWith([]) },
  { weight: 1, arbitrary: policyWith(['principal', 'resource']) },
  { weight: 1, arbitrary: policyWith(['resource']) },
  { weight: 1, arbitrary: policyWith(['principal']) },
)

export interface Universe {
  readonly policies: readonly Policy[]
  readonly links: readonly TemplateLink[]
}

/** Policies and templates with their links, each with an id. */
export const universes: fc.Arbitrary<Universe> = fc
  .tuple(
    fc.array(universePolicy, { minLength: 1, maxLength: 9 }),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(ANN, ...USERS, ...TEAMS), fc.constantFrom(...RESOURCES)), {
      maxLength: 12,
    }),
  )
  .map(([unnamed, seeds]) => {
    const policies = unnamed.map((policy, index) => ({ ...policy, id: `p${index}` }))
    const templates = policies.filter(({ slots }) => slots.length > 0)
    const links = seeds.flatMap(([seed, principal, resource], index) => {
      const template = templates[seed % Math.max(templates.length, 1)]
      if (template === undefined) return []
      return [
        {
          id: `l${index}`,
          template: template.id,
          ...(template.slots.includes('principal') ? { principal } : {}),
          ...(template.slots.includes('resource') ? { resource } : {}),
        },
      ]
    })
    return { policies, links }
  })
