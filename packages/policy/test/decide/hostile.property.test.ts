// Deciding never throws and never opens a door, whatever a request is made of: stores that throw, contexts that lie, ids of a megabyte,
// values deeper than the stack, names of JavaScript's own objects. The program has something to say of every part.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLinks } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import type { Request } from '../../src/decide/request.ts'
import { createEntities } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import { recordValue } from '../../src/value/record.ts'
import type { Value } from '../../src/value/value.ts'
import { names, texts } from '../generate/expressions.ts'
import { values } from '../generate/values.ts'

const READS_ALL = parsePolicies(`
@id("open") permit (principal, action, resource);
@id("closed") forbid (principal, action, resource) when {
  principal in resource || resource.owner == context.owner || context.text like "a*b" || context.set.contains(context.text) ||
  principal.tree == context.tree || principal has a.b.c || resource.hasTag(context.text) || context.long + 1 > 2
};
@id("link") permit (principal in ?principal, action, resource == ?resource);
`).policies
const PROGRAMS = [compileProgram(READS_ALL), compileProgram(READS_ALL, { forbidErrors: 'skip' })]

const ANN = entityUid('User', 'ann')
const GOOD: Request = {
  principal: ANN,
  action: entityUid('Action', 'view'),
  resource: entityUid('Doc', '1'),
  context: new Map(),
  entities: createEntities([{ uid: ANN, attributes: { tree: deep(3) } }]),
}

function deep(levels: number): Value {
  let value: Value = 1
  for (let level = 0; level < levels; level++) value = recordValue({ a: { kind: 'set', elements: [value] } })
  return value
}

const fails = (): never => {
  throw new Error('no connection')
}
const PARTS = [
  'principal',
  'action',
  'resource',
  'context',
  'entities',
  'links',
  'nowSeconds',
  'resourceEntity',
] as const

/** What no caller of the typed interface can make. */
const hostile = fc.oneof(
  fc.anything({ withMap: true, withNullPrototype: true, withBigInt: true, withDate: true }),
  fc.constantFrom<unknown>(
    { get: fails, has: fails },
    { get: () => ({}) },
    { get: () => null },
    { get: () => ({ uid: ANN, attributes: null, ancestors: null }) },
    new Proxy({}, { get: fails }),
    Object.create(null),
    new Map([['owner', null]]),
    new Map([['set', { kind: 'set' }]]),
    new Map([['text', { kind: 'nothing of ours' }]]),
  ),
)

const decisionOf = (program: (typeof PROGRAMS)[number], request: object): string =>
  decide(program, request as Request).decision

describe('decide', () => {
  it('never throws, whatever stands in the place of any part', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PROGRAMS),
        fc.subarray([...PARTS], { minLength: 1 }),
        hostile,
        (program, parts, odd) => {
          const request = { ...GOOD, ...Object.fromEntries(parts.map((part) => [part, odd])) }
          expect(['allow', 'deny']).toContain(decisionOf(program, request))
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('denies when the store fails, at whichever call', () => {
    const counting = (limit: number): Request['entities'] => {
      let calls = 0
      return { get: (uid) => (calls++ < limit ? GOOD.entities.get(uid) : fails()) }
    }
    for (const program of PROGRAMS) {
      for (const limit of [0, 1, 2]) {
        expect(decide(program, { ...GOOD, entities: counting(limit) })).toMatchObject({
          decision: 'deny',
          reason: 'forbid-error',
        })
      }
    }
  })

  it('never throws on any value in context, attributes and tags, under any name', () => {
    const fields = fc.array(
      fc.tuple(fc.oneof(names, texts, fc.constantFrom('owner', 'text', 'set', 'tree', 'long')), values),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...PROGRAMS),
        fields,
        fields,
        texts,
        texts,
        (program, context, attributes, type, id) => {
          const uid = entityUid(type, id)
          const entities = createEntities([{ uid, attributes, tags: attributes }])
          const links = createLinks([{ id, template: 'link', principal: uid, resource: uid }])
          const request = {
            ...GOOD,
            principal: uid,
            resource: uid,
            action: uid,
            context: new Map(context),
            entities,
            links,
          }
          expect(['allow', 'deny']).toContain(decisionOf(program, request))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('denies where values are deeper than the stack', () => {
    const [program = compileProgram([])] = PROGRAMS
    const tree = deep(100_000)
    const entities = createEntities([{ uid: ANN, attributes: { tree } }])
    const resource = createEntities([{ uid: GOOD.resource, attributes: { owner: false } }]).get(GOOD.resource)
    const context = new Map<string, Value>([
      ['owner', true],
      ['text', ''],
      ['set', { kind: 'set', elements: [] }],
      ['tree', deep(100_000)],
    ])
    const decision = decide(program, { ...GOOD, entities, resourceEntity: resource, context })
    expect(decision).toMatchObject({ decision: 'deny', reason: 'forbid-error' })
    expect(decision.errors.map(({ code }) => code)).toEqual(['ERR_POLICY_EVALUATION_INTERNAL'])
  })

  it('takes ids of a megabyte', () => {
    const huge = entityUid('User', 'x'.repeat(2 ** 20))
    expect(decide(compileProgram(READS_ALL, { forbidErrors: 'skip' }), { ...GOOD, principal: huge }).decision).toBe(
      'allow',
    )
  })
})
