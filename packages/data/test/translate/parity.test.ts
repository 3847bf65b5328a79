// The product's promise for lists: what the query answers is what deciding row by row allows, for generated policies that err,
// read what is absent and refer to what does not exist, under both rules for an erring `forbid`.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entityUid } from '@cardea/policy'
import type { Program, TemplateLink } from '@cardea/policy'
import { checkTranslatable } from '../../src/check-translatable.ts'
import { DataError } from '../../src/errors.ts'
import { sqlOf } from '../../src/sql-of.ts'
import type { SqlText } from '../../src/sql-of.ts'
import { ann, decideIds, Document, openDatabase, programOf, filterOf, schema, selectIds } from '../documents.ts'
import type { DocumentRow } from '../documents.ts'
import { TABLES } from './conditions.ts'

const CONDITIONS = Object.values(TABLES).flatMap(({ cases }) => cases.map(([condition]) => condition))
/** What is known of the request, what errs, and constants. */
const FACTS = [
  'context.flag',
  'principal.secret == "x"',
  'principal has secret',
  'true',
  'false',
  'principal == User::"eve"',
]

const conditions: fc.Arbitrary<string> = fc.letrec<{ whole: string }>((tie) => ({
  whole: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: fc.constantFrom(...CONDITIONS) },
    { weight: 1, arbitrary: fc.constantFrom(...FACTS) },
    { weight: 2, arbitrary: fc.tuple(tie('whole'), tie('whole')).map(([left, right]) => `(${left}) && (${right})`) },
    { weight: 2, arbitrary: fc.tuple(tie('whole'), tie('whole')).map(([left, right]) => `(${left}) || (${right})`) },
    { weight: 1, arbitrary: tie('whole').map((inner) => `!(${inner})`) },
    {
      weight: 1,
      arbitrary: fc.tuple(tie('whole'), tie('whole'), tie('whole')).map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
    },
    { weight: 1, arbitrary: fc.tuple(tie('whole'), tie('whole')).map(([left, right]) => `(${left}) == (${right})`) },
  ),
})).whole

const scopes = fc.constantFrom(
  'resource',
  'resource is Document',
  'resource is Folder',
  'resource in Shelf::"s1"',
  'resource in Folder::"f1"',
  'resource == Document::"d1"',
  'resource is Document in Folder::"f2"',
)

const policies = fc
  .record({
    effect: fc.constantFrom('permit', 'permit', 'forbid'),
    scope: scopes,
    when: fc.option(conditions),
    unless: fc.option(conditions),
  })
  .map(({ effect, scope, when, unless }) => {
    const first = when === null ? '' : `when { ${when} }`
    const second = unless === null ? '' : `unless { ${unless} }`
    return `${effect}(principal, action, ${scope}) ${first} ${second};`
  })

const TEMPLATES = `
  @id("viewer") permit(principal in ?principal, action, resource in ?resource) when { resource has editor };
  @id("barred") forbid(principal == ?principal, action, resource == ?resource) when { resource.hidden };`

const links: fc.Arbitrary<TemplateLink> = fc.record({
  template: fc.constantFrom('viewer', 'barred'),
  principal: fc.constantFrom(ann, entityUid('Team', 'red'), entityUid('User', 'eve')),
  resource: fc
    .tuple(fc.constantFrom('Document', 'Folder', 'Shelf', 'Team'), fc.constantFrom('f1', 'f2', 'd1', 'd2', 's1'))
    .map(([type, id]) => entityUid(type, id)),
  id: fc.uuid(),
})

const people = fc.constantFrom('ann', 'ANN', 'bob', 'eve', '7', '007', 'nobody', "x' or 1=1 --")
const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values)
const texts = fc.oneof(
  fc.constantFrom(
    '',
    'plan',
    'PLAN',
    'budget',
    'p*n',
    'abc',
    'abxbc',
    '10',
    '010',
    'a\0b',
    'a',
    '\u00e9',
    'e\u0301',
    'plän 日本',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
)
const longs = fc.oneof(
  fc.integer({ min: -1, max: 4 }),
  fc.constantFrom(9007199254740993n, 9223372036854775807n, -9223372036854775808n),
)
const lists = <T>(items: fc.Arbitrary<T>): fc.Arbitrary<string> =>
  fc.array(items, { maxLength: 3 }).map((list) => JSON.stringify(list))

const columns: fc.Arbitrary<Omit<DocumentRow, 'id'>> = fc.record({
  owner_id: people,
  editor_id: maybe(people),
  team_id: fc.constantFrom('red', 'blue', 'green', 'RED'),
  original_id: maybe(fc.constantFrom('d1', 'd2', 'D1')),
  folder_id: maybe(fc.constantFrom('f1', 'f2', 'F1')),
  shelf_ids: lists(fc.constantFrom('s1', 's2', 'S1')),
  title: texts,
  note: maybe(texts),
  level: longs,
  score: maybe(longs),
  shared: fc.constantFrom<0 | 1>(0, 1),
  hidden: maybe(fc.constantFrom<0 | 1>(0, 1)),
  labels: lists(fc.constantFrom('a', 'b', 'A', '1')),
  viewers: maybe(lists(people)),
  ranks: maybe(lists(fc.integer({ min: 0, max: 3 }))),
  meta: fc.constant(null),
  net: fc.constant(null),
  made: maybe(fc.constantFrom<string | number>('2024-02-29', '2024-02-29T05:30:00+0530', 1_709_164_800_001)),
})

const tables = fc
  .array(columns, { minLength: 1, maxLength: 12 })
  .map((rows) => rows.map((row, index): DocumentRow => ({ id: `d${index}`, ...row })))

/** The query; `undefined` when there is none, which the check of the policies must have said. */
function translated(program: Program, links: readonly TemplateLink[]): SqlText | undefined {
  try {
    return sqlOf(filterOf({ program, links }))
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    expect(checkTranslatable(program.policies, schema, [Document])).not.toEqual([])
    return undefined
  }
}

describe.each(['deny', 'skip'] as const)('an erring forbid: %s', (forbidErrors) => {
  test('the query answers what deciding each row allows', () => {
    fc.assert(
      fc.property(fc.array(policies, { minLength: 1, maxLength: 4 }), tables, (texts, rows) => {
        const program = programOf(texts.join('\n'), forbidErrors)
        using database = openDatabase(rows)
        const text = translated(program, [])
        if (text !== undefined) expect(selectIds(database, text)).toEqual(decideIds(rows, { program }))
      }),
      { numRuns: 400 },
    )
  })

  test('grants are links, alone and beside policies', () => {
    fc.assert(
      fc.property(
        fc.array(links, { maxLength: 6 }),
        fc.array(policies, { maxLength: 2 }),
        tables,
        (links, texts, rows) => {
          const program = programOf(`${TEMPLATES}\n${texts.join('\n')}`, forbidErrors)
          using database = openDatabase(rows)
          const text = translated(program, links)
          if (text !== undefined) expect(selectIds(database, text)).toEqual(decideIds(rows, { program, links }))
        },
      ),
      { numRuns: 200 },
    )
  })
})
