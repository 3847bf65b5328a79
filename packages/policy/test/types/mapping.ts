// Compiled, not run: what must compile does, and what must not is marked. `tsc` fails on a mark that is not needed.

import { mapEntity } from '../../src/mapping/index.ts'
import type { Authorization, Authorized, EntityMapping, Filter, MappedEntity, RowOf } from '../../src/mapping/index.ts'
import { Document, Folder, Team, Tenant } from '../mapping/mappings.ts'
import { documents } from '../schema/documents.ts'

interface DocumentRow {
  id: string
  owner_id: string
  classified: number
  title: string
  editor_ids: string
  size: number | null
  published_at: string | null
  folder_id: string | null
  workspace_id: string
  tags: string
  body: string
}

declare const row: DocumentRow
declare const perhaps: DocumentRow | undefined

// a row gives an entity, no row gives nothing, and the row keeps its own type
export const mapped: MappedEntity<'Document', DocumentRow> = Document(row)
export const mappedPerhaps: MappedEntity<'Document', DocumentRow> | undefined = Document(perhaps)
export const body: string = Document(row).row.body
export const nothing: undefined = Document(undefined)

// @ts-expect-error what may be nothing is not an entity
export const surely: MappedEntity<'Document', DocumentRow> = Document(perhaps)

// @ts-expect-error a row without a mapped column
Document({ id: 'a', owner_id: 'ann' })

// @ts-expect-error a required attribute may not be null
Folder({ id: 'a', owner_id: null, workspace_id: null, tenant_id: null })

// @ts-expect-error an id is text
Tenant({ id: 7 })

// @ts-expect-error an entity type that the schema does not have
mapEntity(documents, 'Documents', { table: 'documents', id: 'id' })

// @ts-expect-error a required attribute without a column
mapEntity(documents, 'Folder', { table: 'folders', id: 'id', parents: { Workspace: null, Tenant: null } })

mapEntity(documents, 'Folder', {
  table: 'folders',
  id: 'id',
  // @ts-expect-error an attribute that the schema does not have
  attributes: { owner: 'owner_id', ownr: 'owner_id' },
  parents: { Workspace: null, Tenant: null },
})

// @ts-expect-error parents are not mapped
mapEntity(documents, 'Folder', { table: 'folders', id: 'id', attributes: { owner: 'owner_id' } })

mapEntity(documents, 'Folder', {
  table: 'folders',
  id: 'id',
  attributes: { owner: 'owner_id' },
  // @ts-expect-error the parent's parent is not mapped
  parents: { Workspace: 'workspace_id' },
})

mapEntity(documents, 'Folder', {
  table: 'folders',
  id: 'id',
  attributes: { owner: 'owner_id' },
  // @ts-expect-error a parent that the schema does not have
  parents: { Workspace: null, Tenant: null, Team: 'team_id' },
})

// @ts-expect-error teams are in teams: one id cannot say all ancestors
mapEntity(documents, 'Team', { table: 'teams', id: 'id', parents: { Team: 'parent_id' } })

mapEntity(documents, 'Document', {
  table: 'documents',
  id: 'id',
  attributes: { owner: 'owner_id', classified: 'classified', title: 'title', editors: 'editor_ids' },
  parents: { Folder: null, Workspace: null, Tenant: null },
  // @ts-expect-error an option that does not exist
  tag: 'tags',
  tags: 'tags',
})

// @ts-expect-error tags are not mapped
mapEntity(documents, 'Document', {
  table: 'documents',
  id: 'id',
  attributes: { owner: 'owner_id', classified: 'classified', title: 'title', editors: 'editor_ids' },
  parents: { Folder: null, Workspace: null, Tenant: null },
})

// what a guard does after an allow
declare function allow<A extends string, T extends string, R>(
  action: A,
  resource: MappedEntity<T, R>,
): R & Authorization<A, T>

declare function save(document: Authorized<'edit', typeof Document>): void
declare function saveEither(document: Authorized<'edit' | 'own', typeof Document>): void
declare function move(folder: Authorized<'edit', typeof Folder>): void

save(allow('edit', Document(row)))
saveEither(allow('edit', Document(row)))
saveEither(allow('own', Document(row)))

const copy = { ...allow('edit', Document(row)), id: 'other' } // oxlint-disable-line typescript/no-misused-spread -- that is the mistake
// @ts-expect-error a copy is another row
save(copy)

declare const both: Authorized<'edit', typeof Document> & Authorized<'own', typeof Document>
save(both)

declare const either: Authorized<'edit' | 'own', typeof Document>
saveEither(either)

// @ts-expect-error allowed for one of two is not allowed for this one
save(either)

// @ts-expect-error nobody has allowed anything
save(row)

// @ts-expect-error allowed for another action
save(allow('view', Document(row)))

// @ts-expect-error allowed on another type
move(allow('edit', Document({ ...row, tenant_id: 'acme' })))

declare const dynamic: string
// @ts-expect-error an action that the compiler does not know proves nothing
save(allow(dynamic, Document(row)))

// columns of the mapping can be read from what was allowed
declare const allowed: Authorized<'edit', typeof Document>
export const owner: string = allowed.owner_id
export const classified: boolean | number = allowed.classified
export const folder: string | null = allowed.folder_id

// every mapping is an `EntityMapping`, and a filter knows its mapping
export const mappings: readonly EntityMapping[] = [Tenant, Document, Folder, Team]
declare const filter: Filter<typeof Document>
export const anyFilter: Filter = filter
export const folderRow: RowOf<typeof Folder> = { id: 'f', owner_id: 'ann', workspace_id: null, tenant_id: 'acme' }
declare function list(mapping: EntityMapping<'Document' | 'Folder'>): void
list(Document)
list(Folder)

// @ts-expect-error a mapping of another type
list(Team)
