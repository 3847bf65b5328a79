// A small world of notes for the tests of this package.

import { defineSchema, type SchemaDefinition } from '@cardea/policy'

export const schema = defineSchema({
  entities: {
    Tenant: { parents: [], attributes: {} },
    Role: { parents: [], attributes: {} },
    User: { parents: ['Role'], attributes: { tenant: { type: 'Entity', name: 'Tenant' } } },
    Note: {
      parents: [],
      attributes: {
        tenant: { type: 'Entity', name: 'Tenant' },
        owner: { type: 'Entity', name: 'User' },
        readers: { type: 'Set', element: { type: 'Entity', name: 'User' }, optional: true },
      },
    },
  },
  actions: {
    view: { uid: { type: 'Action', id: 'view' }, memberOf: [], principals: ['User'], resources: ['Note'], context: {} },
    edit: {
      uid: { type: 'Action', id: 'edit' },
      memberOf: [],
      principals: ['User'],
      resources: ['Note'],
      context: {
        ip: { type: 'ipaddr' },
        acr: { type: 'String', optional: true },
        urgent: { type: 'Bool', optional: true },
      },
    },
  },
} as const satisfies SchemaDefinition)

export const POLICIES = `
@id("owner") permit (principal, action, resource) when { resource.owner == principal };
@id("auditor") permit (principal in Role::"auditor", action == Action::"view", resource);
@id("viewer") permit (principal == ?principal, action == Action::"view", resource == ?resource);
@id("isolation") forbid (principal, action, resource) unless { resource.tenant == principal.tenant };
@id("office") forbid (principal, action == Action::"edit", resource) unless { context.ip.isInRange(ip("10.0.0.0/8")) };
@id("factor") forbid (principal, action == Action::"edit", resource)
when { context has urgent && context.urgent } unless { context has acr && context.acr == "mfa" };
`

export const sources = [{ file: 'policies.cedar', text: POLICIES }]

export const MATRIX = `
principals:
  ann: { uid: 'User::"ann"', attributes: { tenant: 'Tenant::"acme"' } }
  olga: { uid: 'User::"olga"', attributes: { tenant: 'Tenant::"acme"' }, parents: ['Role::"auditor"'] }
  bob:
    uid: User::"bob"
    attributes: { tenant: 'Tenant::"acme"' }
    grants: [{ template: viewer, resource: 'Note::"n"', until: 2026-01-01T13:00:00Z }]
  eve: { uid: 'User::"eve"', attributes: { tenant: 'Tenant::"globex"' }, parents: ['Role::"auditor"'] }
resources:
  n: { uid: 'Note::"n"', attributes: { tenant: 'Tenant::"acme"', owner: 'User::"ann"', readers: ['User::"bob"'] } }
contexts:
  office: { ip: 10.1.2.3 }
  away: { ip: 203.0.113.9 }
  late: { now: 2026-01-01T13:00:00Z }
tests:
  - { as: ann, in: office, on: n, expect: { view: allow because owner, edit: allow because owner } }
  - { as: ann, in: away, on: n, expect: { view: allow, edit: deny because office } }
  - { as: olga, in: office, on: n, expect: { view: allow because auditor, edit: deny } }
  - { as: bob, on: n, expect: { view: allow because viewer } }
  - { name: the grant has ended, as: bob, in: late, on: n, expect: { view: deny } }
  - { as: eve, in: office, on: n, expect: { view: deny because isolation } }
`
