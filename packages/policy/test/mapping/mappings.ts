// Mappings of the shared schema.

import { mapEntity } from '../../src/mapping/index.ts'
import { documents } from '../schema/documents.ts'

export const Tenant = mapEntity(documents, 'Tenant', { table: 'tenants', id: 'id' })

export const Document = mapEntity(documents, 'Document', {
  table: 'documents',
  id: 'id',
  attributes: {
    owner: 'owner_id',
    classified: 'classified',
    title: 'title',
    editors: 'editor_ids',
    size: 'size',
    published: 'published_at',
  },
  parents: { Folder: 'folder_id', Workspace: 'workspace_id', Tenant: null },
  tags: 'tags',
})

export const Folder = mapEntity(documents, 'Folder', {
  table: 'folders',
  id: 'id',
  attributes: { owner: 'owner_id' },
  parents: { Workspace: 'workspace_id', Tenant: 'tenant_id' },
})

export const Team = mapEntity(documents, 'Team', {
  table: 'teams',
  id: 'id',
  parents: { Team: { list: 'path' } },
})
