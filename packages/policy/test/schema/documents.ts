// The schema that these tests share: documents of many tenants, with nested folders, tags, enumerated ids and a namespace.

import { defineSchema } from '../../src/index.ts'

export const documents = defineSchema({
  entities: {
    Tenant: { parents: [], attributes: {} },
    Role: { parents: [], attributes: {}, enum: ['admin', 'auditor'] },
    Team: { parents: ['Team'], attributes: {} },
    User: {
      parents: ['Team', 'Role'],
      attributes: {
        tenant: { type: 'Entity', name: 'Tenant' },
        networks: {
          type: 'Record',
          attributes: { office: { type: 'ipaddr' }, vpn: { type: 'ipaddr', optional: true } },
        },
        level: { type: 'Long' },
      },
    },
    Workspace: { parents: ['Tenant'], attributes: {} },
    Folder: { parents: ['Workspace'], attributes: { owner: { type: 'Entity', name: 'User' } } },
    Document: {
      parents: ['Folder'],
      attributes: {
        owner: { type: 'Entity', name: 'User' },
        classified: { type: 'Bool' },
        size: { type: 'Long', optional: true },
        title: { type: 'String' },
        editors: { type: 'Set', element: { type: 'Entity', name: 'User' } },
        published: { type: 'datetime', optional: true },
        price: { type: 'decimal', optional: true },
        keep: { type: 'duration', optional: true },
        origin: { type: 'ipaddr', optional: true },
        meta: {
          type: 'Record',
          optional: true,
          attributes: { pages: { type: 'Long' }, language: { type: 'String', optional: true } },
        },
      },
      tags: { type: 'Set', element: { type: 'String' } },
    },
    'Billing::Invoice': { parents: [], attributes: { amount: { type: 'decimal' } } },
  },
  actions: {
    reading: { uid: { type: 'Action', id: 'reading' }, memberOf: [], principals: [], resources: [], context: {} },
    view: {
      uid: { type: 'Action', id: 'view' },
      memberOf: [{ type: 'Action', id: 'reading' }],
      principals: ['User'],
      resources: ['Document', 'Folder'],
      context: { ip: { type: 'ipaddr' } },
      annotations: { reveal: '' },
    },
    share: {
      uid: { type: 'Action', id: 'share' },
      memberOf: [],
      principals: ['User'],
      resources: ['Document'],
      context: {
        ip: { type: 'ipaddr' },
        now: { type: 'datetime' },
        outside: { type: 'Bool' },
        note: { type: 'String', optional: true },
        until: { type: 'datetime', optional: true },
      },
    },
    'Billing::pay': {
      uid: { type: 'Billing::Action', id: 'pay' },
      memberOf: [],
      principals: ['User'],
      resources: ['Billing::Invoice'],
      context: {},
    },
  },
})
