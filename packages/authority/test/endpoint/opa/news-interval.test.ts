import type { SchemaDefinition } from '@cardea/policy'
import { expect, test } from 'vitest'
import { newsSeconds } from '../../../src/endpoint/opa/news-interval.ts'

type Annotations = Readonly<Record<string, string>>

const schemaOf = (actions: Readonly<Record<string, Annotations>>): SchemaDefinition => ({
  entities: {},
  actions: Object.fromEntries(
    Object.entries(actions).map(([id, annotations]) => [
      id,
      { uid: { type: 'Action', id }, memberOf: [], principals: [], resources: [], context: {}, annotations },
    ]),
  ),
})

const ALL = { view: {}, edit: { sensitive: '' }, erase: { sensitive: '', maxStale: '3s' }, list: { maxStale: '2m' } }

test.each<[string, SchemaDefinition | undefined, readonly string[] | undefined, number]>([
  ['the tightest bound', schemaOf(ALL), undefined, 1],
  ['`@sensitive`', schemaOf({ view: {}, edit: ALL.edit }), undefined, 5 / 3],
  ['the actions of the audience alone', schemaOf(ALL), ['view', 'edit'], 5 / 3],
  ['no bound', schemaOf({ view: {} }), undefined, 10],
  ['a wide bound', schemaOf({ list: ALL.list }), undefined, 10],
  ['a bound below what is possible', schemaOf({ view: { maxStale: '500ms' } }), undefined, 1],
  ['no policy', undefined, undefined, 10],
])('%s', (_, definition, actions, seconds) => {
  expect(
    newsSeconds(definition, { actions: actions === undefined ? undefined : [...actions], tokenSeconds: 300 }),
  ).toBe(seconds)
})

test('short tokens', () => {
  expect(newsSeconds(schemaOf({ view: {} }), { actions: undefined, tokenSeconds: 12 })).toBe(4)
})
