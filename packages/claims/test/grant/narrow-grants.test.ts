// Narrowing: what stays of grants, and that no limit ever opens anything.

import {
  compileProgram,
  createEntities,
  decide,
  entityUid,
  layerEntities,
  parseIp,
  recordValue,
  setValue,
  type Value,
} from '@cardea/policy'
import { array, assert, constantFrom, integer, option, property, record, type Arbitrary } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Grant, type GrantLimit, narrowGrants, packPrincipal, readPrincipal } from '../../src/index.ts'
import { ann, plan, policies, schema, travel } from '../documents.ts'

const NOW = 1000
const red = entityUid('Team', 'red')
const interns = entityUid('Team', 'interns')
const plans = entityUid('Document', 'plan')
const held: Grant = { tenant: 't1', template: 'viewer', grantee: ann, resource: plans }

describe('what stays', () => {
  const cases: readonly [string, Grant, GrantLimit[], (Grant | undefined)?][] = [
    ['the grant that is named', held, [{ template: 'viewer', resource: plans }], held],
    ['the one of its grantee', held, [{ template: 'viewer', resource: plans, grantee: ann }], held],
    ['not the one of another', held, [{ template: 'viewer', resource: plans, grantee: red }]],
    ['not one of another template', held, [{ template: 'editor', resource: plans }]],
    ['not one of another resource', held, [{ template: 'viewer', resource: entityUid('Document', 'other') }]],
    ['not one of a type twin', held, [{ template: 'viewer', resource: entityUid('Folder', 'plan') }]],
    ['nothing without limits', held, []],
    ['a lasting one until the end', held, [{ ...held, untilSeconds: 7 }], { ...held, untilSeconds: 7 }],
    ['one that ends, until then', { ...held, untilSeconds: 5 }, [held], { ...held, untilSeconds: 5 }],
    ['the earlier end', { ...held, untilSeconds: 5 }, [{ ...held, untilSeconds: 7 }], { ...held, untilSeconds: 5 }],
    [
      'the later one of two limits',
      held,
      [
        { ...held, untilSeconds: 7 },
        { ...held, untilSeconds: 9 },
      ],
      { ...held, untilSeconds: 9 },
    ],
  ]
  test.each(cases)('%s', (_, grant, limits, left) => {
    expect(narrowGrants([grant], limits)).toEqual(left === undefined ? [] : [left])
  })
})

const resource = record({ type: constantFrom('Document', 'Folder'), id: constantFrom('a', 'b', '__proto__') }).map(
  ({ type, id }) => entityUid(type, id),
)
const untilSeconds = option(integer({ min: NOW - 2, max: NOW + 2 }), { nil: undefined })
const template = constantFrom('viewer', 'editor')
const grantee = constantFrom(ann, red, interns)
const anyGrant: Arbitrary<Grant> = record({ template, grantee, resource, untilSeconds }).map(
  ({ untilSeconds: end, ...grant }) => ({
    tenant: 't1',
    ...grant,
    ...(end === undefined ? {} : { untilSeconds: end }),
  }),
)
const anyLimit: Arbitrary<GrantLimit> = record({
  template: constantFrom('viewer', 'editor', 'blocked', 'gone'),
  resource,
  grantee: option(grantee, { nil: undefined }),
  untilSeconds,
})

const office = ((): Value => {
  const parsed = parseIp('10.1.0.0/16')
  if (parsed === undefined) throw new Error('the literal is fine')
  return parsed
})()
const program = compileProgram(policies)
const RESOURCES = ['a', 'b', '__proto__'].flatMap((id) => [
  {
    uid: entityUid('Document', id),
    attributes: { tenant: entityUid('Tenant', 't1'), level: 9, region: 'eu', classified: id === 'b' },
    parents: [entityUid('Folder', id)],
  },
])
const resources = createEntities(
  RESOURCES.map(({ attributes, ...entity }) => ({ ...entity, attributes: new Map(Object.entries(attributes)) })),
)

/** What a token with these grants is allowed, as text. */
function allowed(grants: readonly Grant[]): ReadonlySet<string> {
  const input = {
    principal: ann,
    tenant: 't1',
    attributes: new Map<string, unknown>([
      ['tenant', entityUid('Tenant', 't1')],
      ['level', 3],
      ['regions', setValue(['eu'])],
      ['networks', recordValue({ office })],
    ]),
    ancestors: [red, interns],
    grants,
  } as Parameters<typeof packPrincipal>[0]
  const claims = travel(packPrincipal(input, plan, schema))
  const facts = readPrincipal({ sub: 'ann', client_id: 'web', tenant: 't1', ...claims }, { schema, plan })
  const entities = layerEntities(facts.entities, resources)
  const yes = ['view', 'edit', 'delete'].flatMap((action) =>
    RESOURCES.filter(({ uid }) => {
      const request = {
        principal: ann,
        action: entityUid('Action', action),
        resource: uid,
        context: new Map<string, Value>(),
        entities,
        links: facts.links,
        nowSeconds: NOW,
      }
      return decide(program, request).decision === 'allow'
    }).map(({ uid }) => `${action} ${uid.id}`),
  )
  return new Set(yes)
}

describe('narrowing never widens:', () => {
  test('whatever the grants and the limits are, decisions are a part of those before', () => {
    const seen = { same: 0, fewer: 0 }
    assert(
      property(
        array(anyGrant, { maxLength: 6 }),
        array(array(anyLimit, { maxLength: 6 }), { maxLength: 3 }),
        (grants, steps) => {
          let before = allowed(grants)
          let left: readonly Grant[] = grants
          for (const limits of steps) {
            left = narrowGrants(left, limits)
            const after = allowed(left)
            expect([...after].filter((decision) => !before.has(decision))).toEqual([])
            seen[after.size < before.size ? 'fewer' : 'same'] += 1
            before = after
          }
        },
      ),
    )
    expect(Math.min(seen.same, seen.fewer)).toBeGreaterThan(5)
  })

  test('what was granted once, as a limit, changes nothing', () => {
    assert(
      property(array(anyGrant, { maxLength: 6 }), array(anyLimit, { maxLength: 6 }), (grants, limits) => {
        const granted = narrowGrants(grants, limits)
        expect(allowed(narrowGrants(grants, granted))).toEqual(allowed(granted))
      }),
    )
  })
})
