// The document that an OPA gets: its exact form, what it reaches, and what it refuses to say nearly.

import {
  createEntities,
  createEntity,
  createLinks,
  entityUid,
  fieldMap,
  recordValue,
  type Request,
  type Value,
} from '@cardea/policy'
import { describe, expect, test } from 'vitest'
import { jsonText, MAX_REFERENCES, requestInput } from '../../src/index.ts'
import { ANN, PLAN, requestOf } from '../support/request.ts'

describe('the document', () => {
  test('has these members, in Cedar’s explicit forms', () => {
    expect(requestInput(requestOf())).toEqual({
      principal: { type: 'User', id: 'ann' },
      action: { type: 'Action', id: 'view' },
      resource: { type: 'Document', id: 'plan' },
      context: {
        ip: { __extn: { fn: 'ip', arg: '10.1.2.0/24' } },
        now: { __extn: { fn: 'datetime', arg: '2026-01-01T12:00:00.000Z' } },
        device: 'laptop',
      },
      entities: [
        {
          uid: { type: 'User', id: 'ann' },
          attrs: {
            manager: { __entity: { type: 'User', id: 'mia' } },
            tenant: { __entity: { type: 'Tenant', id: 'acme' } },
            serial: 9_007_199_254_740_993n,
            limits: {
              most: { __extn: { fn: 'decimal', arg: '1.5' } },
              wait: { __extn: { fn: 'duration', arg: '1h30m' } },
            },
          },
          parents: [
            { type: 'Team', id: 'core' },
            { type: 'Team', id: 'all' },
          ],
          tags: { peers: [{ __entity: { type: 'User', id: 'bob' } }, { __entity: { type: 'User', id: 'gone' } }] },
        },
        {
          uid: { type: 'Document', id: 'plan' },
          attrs: { owner: { __entity: { type: 'User', id: 'ann' } }, words: ['a', 'b'] },
          parents: [{ type: 'Folder', id: 'plans' }],
          tags: {},
        },
        { uid: { type: 'Team', id: 'core' }, attrs: {}, parents: [{ type: 'Team', id: 'all' }], tags: {} },
        { uid: { type: 'Team', id: 'all' }, attrs: { open: true }, parents: [], tags: {} },
        { uid: { type: 'User', id: 'mia' }, attrs: { level: 3 }, parents: [], tags: {} },
        { uid: { type: 'User', id: 'bob' }, attrs: {}, parents: [], tags: {} },
      ],
      links: [
        {
          id: 'viewer-1',
          template: 'viewer',
          principal: { type: 'User', id: 'ann' },
          resource: { type: 'Folder', id: 'plans' },
        },
        {
          id: 'ends',
          template: 'editor',
          principal: { type: 'User', id: 'ann' },
          resource: { type: 'Document', id: 'plan' },
        },
      ],
      nowSeconds: 1_700_000_000,
    })
  })

  test('keeps the digits of every Long, and a field called `__proto__`', () => {
    const text = jsonText(requestInput(requestOf()))
    expect(text).toContain('"serial":9007199254740993')
    const odd = requestOf({ context: fieldMap([['__proto__', -9_223_372_036_854_775_808n]]) })
    expect(jsonText(requestInput(odd))).toContain('"context":{"__proto__":-9223372036854775808}')
  })

  test('has what the caller holds already, and not what is looked up in its place', () => {
    const held = createEntity({ uid: ANN, attributes: { level: 9 } })
    const { entities } = requestInput(requestOf({ principalEntity: held }))
    expect(entities[0]).toMatchObject({ uid: { id: 'ann' }, attrs: { level: 9 } })
    expect(entities.filter(({ uid }) => uid.id === 'ann')).toHaveLength(1)
  })

  test('has who acts on himself once', () => {
    const { entities } = requestInput(requestOf({ resource: ANN }))
    expect(entities.filter(({ uid }) => uid.id === 'ann')).toHaveLength(1)
  })
})

const deep = (levels: number): Value => {
  let value: Value = 'bottom'
  for (let level = 0; level < levels; level += 1) value = recordValue({ a: value })
  return value
}
const crowd = Array.from({ length: MAX_REFERENCES }, (_, at) => entityUid('User', String(at)))

describe('refused', () => {
  test.each<[string, Partial<Request>]>([
    ['a grant with an end and no time', { nowSeconds: undefined }],
    [
      'a principal that is also the resource and differs',
      { resource: ANN, resourceEntity: createEntity({ uid: ANN, attributes: { level: 9 } }) },
    ],
    [
      'the same with other parents',
      {
        principal: PLAN,
        principalEntity: createEntity({ uid: PLAN }),
        resourceEntity: createEntity({ uid: PLAN, parents: [ANN] }),
      },
    ],
    ['a field `__entity` in a record', { context: fieldMap({ a: recordValue({ __entity: 'x' }) }) }],
    ['a field `__extn` in a record', { context: fieldMap({ a: recordValue({ __extn: 'x' }) }) }],
    ['an id with half of a pair', { resource: entityUid('Document', 'a\ud800') }],
    ['a text with half of a pair', { context: fieldMap({ a: '\udfff' }) }],
    ['a time that is none', { nowSeconds: Number.NaN, links: createLinks([]) }],
    ['too much nesting', { context: fieldMap({ a: deep(300) }) }],
    ['too many references', { entities: createEntities([{ uid: ANN, parents: crowd }]) }],
  ])('%s', (_name, more) => {
    expect(() => jsonText(requestInput(requestOf(more)))).toThrow(
      expect.objectContaining({ code: 'ERR_OPA_INPUT' }) as Error,
    )
  })

  test.each<[string, unknown]>([
    ['a function', { a: () => 1 }],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['nothing', undefined],
    ['no number', Number.POSITIVE_INFINITY],
    ['nothing in a list', [undefined]],
  ])('by the printer: %s', (_name, value) => {
    expect(() => jsonText(value)).toThrow(expect.objectContaining({ code: 'ERR_OPA_INPUT' }) as Error)
  })

  test('the printer says what JSON.stringify says of everything else', () => {
    const value = {
      a: [1, -0, 1e21, null, true, '"\u0000\u2028é'],
      b: {},
      c: undefined,
      d: Object.create(null) as object,
    }
    expect(jsonText(value)).toBe(JSON.stringify(value))
  })
})
