// What a service has of the reference workload: its schema as `cardea generate` writes it, and how its rows become entities.

import { mapEntity } from '@cardea/guard'
import { defineSchema } from '@cardea/policy'
import type { ReferenceDocument } from '../decide/reference/reference.ts'

const ASKED = {
  memberOf: [],
  principals: ['User'],
  resources: ['Document'],
  context: { mfa: { type: 'Bool' }, ip: { type: 'ipaddr' } },
} as const

export const schema = defineSchema({
  entities: {
    Tenant: { parents: [], attributes: {} },
    Department: { parents: [], attributes: {} },
    Folder: { parents: [], attributes: {} },
    User: {
      parents: ['Department'],
      attributes: {
        tenant: { type: 'Entity', name: 'Tenant' },
        office: { type: 'ipaddr' },
        vpn: { type: 'ipaddr' },
      },
    },
    Document: {
      parents: ['Folder', 'Department'],
      attributes: {
        tenant: { type: 'Entity', name: 'Tenant' },
        owner: { type: 'Entity', name: 'User' },
        classified: { type: 'Bool' },
        unusedDays: { type: 'Long' },
      },
    },
  },
  actions: {
    view: { uid: { type: 'Action', id: 'view' }, ...ASKED },
    comment: { uid: { type: 'Action', id: 'comment' }, ...ASKED },
    edit: { uid: { type: 'Action', id: 'edit' }, ...ASKED },
    manage: { uid: { type: 'Action', id: 'manage' }, ...ASKED },
  },
})

const Document = mapEntity(schema, 'Document', {
  table: 'documents',
  id: 'id',
  attributes: { tenant: 'tenant', owner: 'owner', classified: 'classified', unusedDays: 'unusedDays' },
  parents: { Folder: 'folder', Department: 'department' },
})

export function documentOf(row: ReferenceDocument): ReturnType<typeof Document> {
  return Document({ ...row, unusedDays: 30 })
}
