// How a row is an entity, said once. Decisions, lists and tests all use it.

import { mapEntity } from '@cardea/guard'
import { schema } from './schema.gen.ts'

export const Folder = mapEntity(schema, 'Folder', {
  table: 'folders',
  id: 'id',
  attributes: { tenant: 'tenant_id', owner: 'owner_id' },
})

export const Document = mapEntity(schema, 'Document', {
  table: 'documents',
  id: 'id',
  attributes: { tenant: 'tenant_id', owner: 'owner_id', classified: 'classified', shared: 'shared' },
  parents: { Folder: 'folder_id' },
})
