// fast-check generators of policies and templates as the parser makes them.

import fc from 'fast-check'
import type { ActionScope, Condition, Policy, Scope, Slot } from '../../src/syntax/tree.ts'
import type { EntityUid } from '../../src/value/value.ts'
import { entities, expressions, names, NOWHERE, texts, typeNames } from './expressions.ts'

const actions: fc.Arbitrary<EntityUid> = fc
  .tuple(fc.constantFrom('Action', 'Docs::Action', 'a::b::Action'), texts)
  .map(([type, id]) => ({ kind: 'entity', type, id }))

const span = fc.constant(NOWHERE)

function scopes(slot: Slot | undefined): fc.Arbitrary<Scope> {
  const reference = slot === undefined ? entities : fc.oneof(entities, fc.constant({ kind: 'slot' as const, slot }))
  return fc.oneof<fc.Arbitrary<Scope>[]>(
    fc.record({ kind: fc.constant('all'), span }),
    fc.record({ kind: fc.constantFrom('equal', 'in'), entity: reference, span }),
    fc.record({ kind: fc.constant('is'), type: typeNames, span }),
    fc.record({ kind: fc.constant('is'), type: typeNames, in: reference, span }),
  )
}

const actionScopes: fc.Arbitrary<ActionScope> = fc.oneof<fc.Arbitrary<ActionScope>[]>(
  fc.record({ kind: fc.constant('all'), span }),
  fc.record({ kind: fc.constant('equal'), entity: actions, span }),
  fc.record({ kind: fc.constant('in'), entities: actions.map((action) => [action]), list: fc.constant(false), span }),
  fc.record({ kind: fc.constant('in'), entities: fc.array(actions, { maxLength: 3 }), list: fc.constant(true), span }),
)

const conditions: fc.Arbitrary<Condition> = fc.record({
  kind: fc.constantFrom('when', 'unless'),
  body: expressions,
  span,
})

const annotations: fc.Arbitrary<ReadonlyMap<string, string>> = fc
  .array(fc.tuple(fc.oneof(names, fc.constantFrom('id', 'doc', 'if', '__cedar')), texts), { maxLength: 3 })
  .map((pairs) => new Map(pairs))

/** Policies without slots. The id is the annotation's, or `policy0`, as for the first policy of a text. */
export const policies: fc.Arbitrary<Policy> = policiesWith(undefined, undefined)

/** Policies that may have slots; now and then without any. */
export const templates: fc.Arbitrary<Policy> = policiesWith('principal', 'resource')

function policiesWith(principalSlot: Slot | undefined, resourceSlot: Slot | undefined): fc.Arbitrary<Policy> {
  return fc
    .record({
      effect: fc.constantFrom('permit', 'forbid'),
      annotations,
      principal: scopes(principalSlot),
      action: actionScopes,
      resource: scopes(resourceSlot),
      conditions: fc.array(conditions, { maxLength: 2 }),
    })
    .map((policy) => {
      const slots = [policy.principal, policy.resource].flatMap(slotOf)
      const id = policy.annotations.get('id')
      return { id: id === undefined || id === '' ? 'policy0' : id, ...policy, slots, span: NOWHERE }
    })
}

function slotOf(scope: Scope): readonly Slot[] {
  if (scope.kind === 'all') return []
  const reference = scope.kind === 'is' ? scope.in : scope.entity
  return reference?.kind === 'slot' ? [reference.slot] : []
}
