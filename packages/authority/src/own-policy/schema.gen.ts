// The schema of the authority's own policy, from schema.cedarschema; a test compares the two.

import type { SchemaDefinition } from '@cardea/policy'

export const schema = {
  entities: {
    Role: { parents: [], attributes: {}, enum: ['admin', 'guard', 'granter', 'auditor'] },
    Client: {
      parents: ['Role'],
      attributes: {
        audiences: { type: 'Set', element: { type: 'String' } },
        tenants: { type: 'Set', element: { type: 'String' } },
        templates: { type: 'Set', element: { type: 'String' } },
      },
    },
    Audience: { parents: [], attributes: { name: { type: 'String' } } },
    Grant: { parents: [], attributes: { tenant: { type: 'String' }, template: { type: 'String' } } },
    Authority: { parents: [], attributes: {} },
  },
  actions: {
    obtainToken: {
      uid: { type: 'Action', id: 'obtainToken' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Audience'],
      context: {},
    },
    exchangeToken: {
      uid: { type: 'Action', id: 'exchangeToken' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Audience'],
      context: {
        from: { type: 'String' },
        exchanges: {
          type: 'Set',
          element: { type: 'Record', attributes: { from: { type: 'String' }, to: { type: 'String' } } },
        },
      },
    },
    introspectToken: {
      uid: { type: 'Action', id: 'introspectToken' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Audience'],
      context: {},
    },
    followFeed: {
      uid: { type: 'Action', id: 'followFeed' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Audience'],
      context: {},
    },
    viewGrant: {
      uid: { type: 'Action', id: 'viewGrant' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Grant'],
      context: {},
    },
    makeGrant: {
      uid: { type: 'Action', id: 'makeGrant' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Grant'],
      context: {},
    },
    removeGrant: {
      uid: { type: 'Action', id: 'removeGrant' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Grant'],
      context: {},
    },
    recordDecisions: {
      uid: { type: 'Action', id: 'recordDecisions' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Authority'],
      context: {},
    },
    readAudit: {
      uid: { type: 'Action', id: 'readAudit' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Authority'],
      context: {},
    },
    eraseRecords: {
      uid: { type: 'Action', id: 'eraseRecords' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Authority'],
      context: {},
    },
    readLog: {
      uid: { type: 'Action', id: 'readLog' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Authority'],
      context: {},
    },
    readPolicy: {
      uid: { type: 'Action', id: 'readPolicy' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Authority'],
      context: {},
    },
    publishPolicy: {
      uid: { type: 'Action', id: 'publishPolicy' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Authority'],
      context: {},
    },
    readKeys: {
      uid: { type: 'Action', id: 'readKeys' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Authority'],
      context: {},
    },
    changeKeys: {
      uid: { type: 'Action', id: 'changeKeys' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Authority'],
      context: {},
    },
    revoke: {
      uid: { type: 'Action', id: 'revoke' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Authority'],
      context: {},
    },
    manageClients: {
      uid: { type: 'Action', id: 'manageClients' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Authority'],
      context: {},
    },
    readGuards: {
      uid: { type: 'Action', id: 'readGuards' },
      memberOf: [],
      principals: ['Client'],
      resources: ['Authority'],
      context: {},
    },
  },
} as const satisfies SchemaDefinition
