// The engine against a plain scan of all policies, and what must hold of every decision.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLinks } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import type { Decision } from '../../src/decide/decision.ts'
import { createEntities, NO_ENTITIES } from '../../src/entity/entities.ts'
import { createSchema } from '../../src/schema/schema.ts'
import type { Policy } from '../../src/syntax/tree.ts'
import { policies as anyPolicies } from '../generate/policies.ts'
import { ACTIONS, ANN, CONTEXTS, ENTITIES, GROUP, INPUTS, RESOURCES } from '../generate/universe.ts'
import { universes } from '../generate/universe-policies.ts'
import type { Universe } from '../generate/universe-policies.ts'
import { scan } from './linear-scan.ts'

const requests = fc.record({
  principal: fc.constant(ANN),
  action: fc.constantFrom(...ACTIONS),
  resource: fc.constantFrom(...RESOURCES),
  context: fc.constantFrom(...CONTEXTS),
  entities: fc.constant(ENTITIES),
})

const plain = ({ errors, ...decision }: Decision) => ({ ...decision, errors: errors.map(({ policy }) => policy) })

/** Links in the order of their policies, as ids within one template have no order of their own. */
function inPolicyOrder(ids: readonly string[], { policies, links }: Universe): string[] {
  const order = policies.map(({ id }) => id)
  const key = (id: string): number => order.indexOf(links.find((link) => link.id === id)?.template ?? id)
  return [...ids].sort((left, right) => key(left) - key(right) || left.localeCompare(right))
}

/** The same action groups as the universe's entities tell. */
const SCHEMA = createSchema({
  entities: {
    User: { parents: ['Team'], attributes: {} },
    Team: { parents: ['Team'], attributes: {} },
    Doc: { parents: ['Folder'], attributes: {} },
    Folder: { parents: ['Folder'], attributes: {} },
  },
  actions: Object.fromEntries(
    ['view', 'edit', 'share', 'writing'].map((id) => [
      id,
      {
        uid: { type: 'Action', id },
        memberOf: id === 'edit' || id === 'share' ? [{ type: GROUP.type, id: GROUP.id }] : [],
        principals: ['User'],
        resources: ['Doc', 'Team', 'User', 'Folder'],
        context: {},
      },
    ]),
  ),
})
const WITHOUT_ACTIONS = createEntities(INPUTS.filter(({ uid }) => uid.type !== 'Action'))

describe('decide', () => {
  it.each([
    ['with action groups from the entities', undefined, 'deny'],
    ['with action groups from the entities', undefined, 'skip'],
    ['with action groups from the schema', SCHEMA, 'deny'],
  ] as const)('answers as a scan of all policies does, %s (%#)', (_, schema, forbidErrors) => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(universes, requests, fc.boolean(), (universe, request, areOwn) => {
        const { policies, links } = universe
        const program = compileProgram(policies, {
          forbidErrors,
          ...(schema === undefined ? {} : { schema }),
          links: areOwn ? [] : links,
        })
        const entities = schema === undefined ? ENTITIES : WITHOUT_ACTIONS
        const decision = decide(program, { ...request, entities, links: areOwn ? createLinks(links) : undefined })
        const expected = scan(policies, links, forbidErrors, request)
        seen.set(decision.reason, (seen.get(decision.reason) ?? 0) + 1)
        const actual = plain(decision)
        expect({
          ...actual,
          determining: inPolicyOrder(actual.determining, universe),
          errors: inPolicyOrder(actual.errors, universe),
        }).toEqual({
          ...expected,
          determining: inPolicyOrder(expected.determining, universe),
          errors: inPolicyOrder(expected.errors, universe),
        })
        const known = new Map(policies.map(({ id }, order) => [id, order]))
        const orders = actual.determining.map(
          (id) => known.get(id) ?? known.get(links.find((l) => l.id === id)?.template ?? ''),
        )
        expect(orders).toEqual(orders.toSorted((left, right) => (left ?? 0) - (right ?? 0)))
      }),
      { numRuns: 3000 },
    )
    for (const reason of ['permit', 'forbid', 'no-permit']) expect(seen.get(reason)).toBeGreaterThan(100)
    expect(seen.get('forbid-error') ?? 0).toBeGreaterThan(forbidErrors === 'deny' ? 50 : -1)
  })

  it('never opens when a forbid is added', () => {
    fc.assert(
      fc.property(universes, universes, requests, ({ policies, links }, more, request) => {
        const forbids = more.policies
          .filter(({ slots }) => slots.length === 0)
          .map((policy, index): Policy => ({ ...policy, id: `added${index}`, effect: 'forbid' }))
        const before = decide(compileProgram(policies, { links }), request)
        const after = decide(compileProgram([...policies, ...forbids], { links }), request)
        if (before.decision === 'deny') expect(after.decision).toBe('deny')
      }),
      { numRuns: 1000 },
    )
  })

  it('never allows under `deny` what it denies under `skip`', () => {
    fc.assert(
      fc.property(universes, requests, ({ policies, links }, request) => {
        const skip = decide(compileProgram(policies, { links, forbidErrors: 'skip' }), request)
        const deny = decide(compileProgram(policies, { links, forbidErrors: 'deny' }), request)
        if (skip.decision === 'deny') expect(deny.decision).toBe('deny')
      }),
      { numRuns: 1000 },
    )
  })

  it('never throws, whatever the policies say', () => {
    fc.assert(
      fc.property(fc.array(anyPolicies, { maxLength: 4 }), requests, (list, request) => {
        const program = compileProgram(list.map((policy, index) => ({ ...policy, id: `p${index}` })))
        expect(['allow', 'deny']).toContain(decide(program, request).decision)
      }),
      { numRuns: 2000 },
    )
  })

  it('never throws, and never allows, whatever a request is', () => {
    const program = compileProgram([])
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (a, b, c) => {
        // hostile on purpose: no caller of the typed interface can make these
        const request: unknown = { principal: a, action: b, resource: c, context: a, entities: NO_ENTITIES, links: c }
        expect(decide(program, request as Parameters<typeof decide>[1]).decision).toBe('deny')
      }),
    )
  })
})
