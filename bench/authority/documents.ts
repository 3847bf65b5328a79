// What a service has of the world that is measured: its schema as `cardea generate` writes it, and how its rows become entities.

import { mapEntity } from '@cardea/guard'
import { defineSchema } from '@cardea/policy'

export const schema = defineSchema({
  entities: {
    Team: { parents: [], attributes: {} },
    Client: { parents: [], attributes: {} },
    User: { parents: ['Team'], attributes: {} },
    Document: { parents: [], attributes: { owner: { type: 'Entity', name: 'User' } } },
  },
  actions: {
    view: {
      uid: { type: 'Action', id: 'view' },
      memberOf: [],
      principals: ['User', 'Client'],
      resources: ['Document'],
      context: {},
    },
    edit: {
      uid: { type: 'Action', id: 'edit' },
      memberOf: [],
      principals: ['User', 'Client'],
      resources: ['Document'],
      context: {},
    },
  },
})

export const Document = mapEntity(schema, 'Document', { table: 'documents', id: 'id', attributes: { owner: 'owner' } })

/** A row of somebody else. */
export function rowOf(id: string): { readonly id: string; readonly owner: string } {
  return { id, owner: 'nobody' }
}
