// Asking of many at once is asking of each: for actions and for principals, under both rules, with grants and with action groups from
// entities and from a schema.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLinks } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import { allowedActions, allowedPrincipals } from '../../src/decide/allowed.ts'
import { decide } from '../../src/decide/decide.ts'
import { createEntities } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import { TYPED, typedUniverses } from '../generate/typed-world.ts'
import { ACTIONS, ANN, CONTEXTS, ENTITIES, RESOURCES, TEAMS, USERS } from '../generate/universe.ts'
import { universes } from '../generate/universe-policies.ts'

const SLOW = { timeout: 60_000 }

describe.each(['deny', 'skip'] as const)('asked of many at once (%s)', (forbidErrors) => {
  it.each(['entities', 'a schema'])('each is answered as if asked alone, with groups from %s', SLOW, (from) => {
    const seen = { some: 0, none: 0 }
    fc.assert(
      fc.property(
        from === 'entities' ? universes : typedUniverses,
        fc.constantFrom(...RESOURCES),
        fc.constantFrom(ANN, ...USERS),
        fc.constantFrom(...CONTEXTS),
        fc.boolean(),
        ({ policies, links }, resource, principal, context, areOwn) => {
          const schema = from === 'entities' ? {} : { schema: TYPED }
          const program = compileProgram(policies, { forbidErrors, links: areOwn ? [] : links, ...schema })
          const own = areOwn ? createLinks(links) : undefined
          const request = { resource, context, entities: ENTITIES, links: own, nowSeconds: 0 }
          const isAllowed = (who: typeof principal, action: typeof resource): boolean =>
            decide(program, { ...request, principal: who, action }).decision === 'allow'
          const actions = allowedActions(program, { ...request, principal, actions: ACTIONS })
          expect(actions).toEqual(ACTIONS.filter((action) => isAllowed(principal, action)))
          seen[actions.length === 0 ? 'none' : 'some'] += 1
          const people = [...USERS, ...TEAMS]
          for (const action of ACTIONS.slice(0, 2)) {
            const expected = people.filter((who) => isAllowed(who, action))
            expect(allowedPrincipals(program, { ...request, action }, people)).toEqual(expected)
          }
        },
      ),
      { numRuns: 1500 },
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100)
  })
})

describe('allowedActions', () => {
  const user = entityUid('User', 'ann')
  const team = entityUid('Team', 'x')
  const { policies } = parsePolicies('permit (principal, action, resource) when { context.mfa };')
  const program = compileProgram(policies, { schema: TYPED })
  const question = {
    principal: user,
    resource: team,
    context: new Map([['mfa', true]]),
    entities: createEntities([]),
  }

  it('asks for the actions that apply to both types', () => {
    expect(allowedActions(program, question)).toEqual([entityUid('Action', 'share')])
    expect(allowedActions(program, { ...question, resource: entityUid('Doc', '1') }).map(({ id }) => id)).toEqual([
      'view',
      'edit',
      'share',
    ])
  })

  it('gives each action its own context', () => {
    const contextOf = ({ id }: { readonly id: string }) => new Map([['mfa', id === 'edit']])
    expect(allowedActions(program, { ...question, resource: entityUid('Doc', '1'), contextOf })).toEqual([
      entityUid('Action', 'edit'),
    ])
  })

  it('denies when entities or a context fail', () => {
    const fail = () => {
      throw new Error('no connection')
    }
    expect(allowedActions(program, { ...question, entities: { get: fail } })).toEqual([])
    expect(allowedActions(program, { ...question, contextOf: fail })).toEqual([])
    const asked = { ...question, action: entityUid('Action', 'share'), entities: { get: fail } }
    expect(allowedPrincipals(program, asked, [user])).toEqual([])
  })
})
