// The table that the tests ask: documents of every shape, in a real SQLite, and the same rows as Cedar entities.

import { DatabaseSync } from 'node:sqlite'
import {
  compileProgram,
  createEntities,
  createLinks,
  createSchema,
  decide,
  defineSchema,
  entityUid,
  layerEntities,
  parsePolicies,
  recordValue,
  residual,
  sameEntity,
  setValue,
  unknownEntity,
} from '@cardea/policy'
import { createFilter, mapEntity } from '@cardea/policy/mapping'
import type { Entities, EntityUid, ForbidErrors, Policy, Program, Schema, TemplateLink, Value } from '@cardea/policy'
import type { Filter } from '@cardea/policy/mapping'
import type { SqlText } from '../src/sql-of.ts'

const action = <const Id extends string>(id: Id) =>
  ({
    uid: { type: 'Action', id },
    memberOf: [],
    principals: ['User'],
    resources: ['Document'],
    context: { flag: { type: 'Bool' }, text: { type: 'String' }, number: { type: 'Long' } },
  }) as const

export const definition = defineSchema({
  entities: {
    Team: { parents: [], attributes: {} },
    Office: { parents: ['Team'], attributes: {} },
    User: {
      parents: ['Team'],
      attributes: {
        office: { type: 'Entity', name: 'Office', optional: true },
        names: { type: 'Set', element: { type: 'String' } },
        friends: { type: 'Set', element: { type: 'Entity', name: 'User' } },
        folders: { type: 'Set', element: { type: 'Entity', name: 'Folder' } },
        levels: { type: 'Set', element: { type: 'Long' } },
        level: { type: 'Long' },
        secret: { type: 'String', optional: true },
        latest: { type: 'Entity', name: 'Document', optional: true },
      },
    },
    Folder: { parents: [], attributes: {} },
    // a shelf can be on a shelf
    Shelf: { parents: ['Shelf'], attributes: {} },
    Document: {
      parents: ['Folder', 'Shelf'],
      attributes: {
        owner: { type: 'Entity', name: 'User' },
        editor: { type: 'Entity', name: 'User', optional: true },
        team: { type: 'Entity', name: 'Team' },
        original: { type: 'Entity', name: 'Document', optional: true },
        title: { type: 'String' },
        note: { type: 'String', optional: true },
        level: { type: 'Long' },
        score: { type: 'Long', optional: true },
        shared: { type: 'Bool' },
        hidden: { type: 'Bool', optional: true },
        labels: { type: 'Set', element: { type: 'String' } },
        viewers: { type: 'Set', element: { type: 'Entity', name: 'User' }, optional: true },
        ranks: { type: 'Set', element: { type: 'Long' }, optional: true },
        meta: { type: 'Record', attributes: { kind: { type: 'String' } }, optional: true },
        net: { type: 'ipaddr', optional: true },
        made: { type: 'datetime', optional: true },
        unmapped: { type: 'String', optional: true },
      },
    },
  },
  actions: { view: action('view'), edit: action('edit') },
})

export const schema: Schema = createSchema(definition)

export const Document = mapEntity(definition, 'Document', {
  table: 'documents',
  id: 'id',
  attributes: {
    owner: 'owner_id',
    editor: 'editor_id',
    team: 'team_id',
    original: 'original_id',
    title: 'title',
    note: 'note',
    level: 'level',
    score: 'score',
    shared: 'shared',
    hidden: 'hidden',
    labels: 'labels',
    viewers: 'viewers',
    ranks: 'ranks',
    meta: 'meta',
    net: 'net',
    made: 'made',
  },
  parents: { Folder: 'folder_id', Shelf: { list: 'shelf_ids' } },
})

export interface DocumentRow {
  readonly id: string
  readonly owner_id: string
  readonly editor_id: string | null
  readonly team_id: string
  readonly original_id: string | null
  readonly folder_id: string | null
  readonly shelf_ids: string
  readonly title: string
  readonly note: string | null
  readonly level: number | bigint
  readonly score: number | bigint | null
  readonly shared: 0 | 1
  readonly hidden: 0 | 1 | null
  readonly labels: string
  readonly viewers: string | null
  readonly ranks: string | null
  readonly made: string | number | null
  readonly meta: string | null
  readonly net: string | null
}

/** A row with nothing special about it. */
const PLAIN: DocumentRow = {
  id: 'plain',
  owner_id: 'ann',
  editor_id: null,
  team_id: 'red',
  original_id: null,
  folder_id: null,
  shelf_ids: '[]',
  title: 'plan',
  note: null,
  level: 1,
  score: null,
  shared: 0,
  hidden: null,
  labels: '[]',
  viewers: null,
  ranks: null,
  made: null,
  meta: null,
  net: null,
}

/** The collation of the text columns is what an exact comparison must not use. */
export function openDatabase(rows: readonly Partial<DocumentRow>[]): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  database.exec(`create table documents (
    id text primary key collate nocase, owner_id text not null collate nocase, editor_id text, team_id text, original_id text,
    folder_id text collate nocase, shelf_ids text, title text collate nocase, note text, level integer, score integer, shared boolean,
    hidden boolean, labels text, viewers text, ranks text, meta text, net text, made)`)
  const names = Object.keys(PLAIN)
  const insert = database.prepare(`insert into documents (${names.join()}) values (${names.map(() => '?').join()})`)
  for (const row of rows) {
    insert.run(...Object.values({ ...PLAIN, ...row }))
  }
  return database
}

export const ann: EntityUid = entityUid('User', 'ann')

export const people: Entities = createEntities([
  {
    uid: ann,
    parents: [entityUid('Team', 'red'), entityUid('Team', 'blue')],
    attributes: recordValue({
      names: setValue(['plan', 'budget']),
      friends: setValue([entityUid('User', 'bob'), entityUid('User', 'eve')]),
      folders: setValue([entityUid('Folder', 'f1'), entityUid('Folder', 'f2')]),
      levels: setValue([1, 3]),
      level: 2,
      latest: entityUid('Document', 'plain'),
    }).fields,
  },
])

export const context: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['flag', true],
  ['text', 'plan'],
  ['number', 1],
  ['now', { kind: 'datetime', milliseconds: 1_709_164_800_001n }],
])

export interface Asked {
  readonly program: Program
  readonly links?: readonly TemplateLink[]
  readonly principal?: EntityUid
}

export function programOf(text: string, forbidErrors: ForbidErrors = 'deny'): Program {
  return compileProgram(policiesOf(text), { schema, forbidErrors })
}

export function policiesOf(text: string): readonly Policy[] {
  const { policies, problems } = parsePolicies(text, { file: 'policies.cedar' })
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'))
  return policies
}

/** What the program leaves to be asked of documents. */
export function filterOf({ program, links = [], principal = ann }: Asked): Filter {
  const left = residual(program, {
    principal,
    action: entityUid('Action', 'view'),
    resource: unknownEntity('Document'),
    context,
    entities: people,
    links: createLinks(links),
  })
  return createFilter(Document, left, 'view')
}

/** The ids that the query answers. */
export function selectIds(database: DatabaseSync, { sql, parameters }: SqlText): string[] {
  const rows = database.prepare(`select id from documents where ${sql}`).all(...parameters)
  return rows.map(({ id }) => String(id)).sort()
}

/** The ids that deciding row by row allows. */
export function decideIds(rows: readonly Partial<DocumentRow>[], asked: Asked): string[] {
  const { program, links = [], principal = ann } = asked
  const grants = createLinks(links)
  return rows
    .filter((row) => {
      const { entity } = Document({ ...PLAIN, ...row })
      const { decision } = decide(program, {
        principal,
        action: entityUid('Action', 'view'),
        resource: entity.uid,
        context,
        entities: layerEntities({ get: (uid) => (sameEntity(uid, entity.uid) ? entity : undefined) }, people),
        links: grants,
      })
      return decision === 'allow'
    })
    .map(({ id = PLAIN.id }) => id)
    .sort()
}
