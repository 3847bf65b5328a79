// The document service of the tests: its schema by hand, its policies, and how its rows are entities.

import { defineSchema } from '@cardea/policy'
import { mapEntity } from '@cardea/policy/mapping'

const IP = { ip: { type: 'ipaddr' } } as const
const ACTION = 'Action'

export const schema = defineSchema({
  entities: {
    Tenant: { parents: [], attributes: {} },
    Team: { parents: [], attributes: {} },
    Role: { parents: [], attributes: {}, enum: ['admin', 'auditor'] },
    User: {
      parents: ['Team', 'Role'],
      attributes: { tenant: { type: 'Entity', name: 'Tenant' }, clearance: { type: 'Long', optional: true } },
    },
    Client: { parents: [], attributes: {} },
    Folder: { parents: [], attributes: { tenant: { type: 'Entity', name: 'Tenant' } } },
    Document: {
      parents: ['Folder'],
      attributes: {
        tenant: { type: 'Entity', name: 'Tenant' },
        owner: { type: 'Entity', name: 'User' },
        classified: { type: 'Bool' },
      },
    },
  },
  actions: {
    view: {
      uid: { type: ACTION, id: 'view' },
      memberOf: [],
      principals: ['User'],
      resources: ['Document'],
      context: IP,
      annotations: { reveal: '' },
    },
    edit: {
      uid: { type: ACTION, id: 'edit' },
      memberOf: [],
      principals: ['User'],
      resources: ['Document'],
      context: IP,
    },
    delete: {
      uid: { type: ACTION, id: 'delete' },
      memberOf: [],
      principals: ['User'],
      resources: ['Document'],
      context: {
        ...IP,
        acr: { type: 'String', optional: true },
        authTime: { type: 'datetime', optional: true },
        now: { type: 'datetime' },
      },
      annotations: { sensitive: '' },
    },
    share: {
      uid: { type: ACTION, id: 'share' },
      memberOf: [],
      principals: ['User'],
      resources: ['Document'],
      context: { ...IP, outside: { type: 'Bool' } },
      annotations: { maxStale: '30s' },
    },
    create: {
      uid: { type: ACTION, id: 'create' },
      memberOf: [],
      principals: ['User'],
      resources: ['Folder'],
      context: {},
    },
  },
})

export const POLICIES = [
  {
    file: 'documents.cedar',
    text: `
@id("owner-manages")
permit (principal, action in [Action::"view", Action::"edit", Action::"delete", Action::"share"], resource is Document)
when { resource.owner == principal };

@id("auditor-views")
permit (principal in Role::"auditor", action == Action::"view", resource is Document)
when { resource.tenant == principal.tenant };

@id("admin-creates")
permit (principal in Role::"admin", action == Action::"create", resource is Folder);

@id("viewer")
permit (principal in ?principal, action == Action::"view", resource in ?resource);

@id("editor")
@advice("request_grant")
permit (principal in ?principal, action == Action::"edit", resource in ?resource);

@id("tenant-isolation")
forbid (principal, action, resource)
unless { resource.tenant == principal.tenant };

@id("classified-needs-office")
@advice("network")
forbid (principal, action in [Action::"edit", Action::"delete", Action::"share"], resource is Document)
when { resource.classified }
unless { context.ip.isInRange(ip("10.0.0.0/8")) };

@id("delete-needs-second-factor")
@advice("step_up:acr=mfa,max_age=300")
forbid (principal, action == Action::"delete", resource)
unless {
  context has acr && context.acr == "mfa" &&
  context has authTime && context.now.durationSince(context.authTime) <= duration("5m")
};

@id("outside-never")
forbid (principal, action == Action::"share", resource)
when { context.outside };
`,
  },
] as const

export const Document = mapEntity(schema, 'Document', {
  table: 'documents',
  id: 'id',
  attributes: { tenant: 'tenant_id', owner: 'owner_id', classified: 'classified' },
  parents: { Folder: 'folder_id' },
})

export const Folder = mapEntity(schema, 'Folder', { table: 'folders', id: 'id', attributes: { tenant: 'tenant_id' } })

export interface DocumentRow {
  readonly id: string
  readonly tenant_id: string
  readonly owner_id: string
  readonly folder_id: string
  readonly classified: number
  readonly title: string
}

const row = (id: string, owner: string, more: Partial<DocumentRow> = {}): DocumentRow => ({
  id,
  tenant_id: 'acme',
  owner_id: owner,
  folder_id: 'plans',
  classified: 0,
  title: `the title of ${id}`,
  ...more,
})

/** ann owns `plan` and the classified `secret`; bob owns `memo`; `foreign` is of another tenant, and ann owns it. */
export const DOCUMENTS: ReadonlyMap<string, DocumentRow> = new Map(
  [
    row('plan', 'ann'),
    row('secret', 'ann', { classified: 1 }),
    row('memo', 'bob', { folder_id: 'memos' }),
    row('foreign', 'ann', { tenant_id: 'globex' }),
  ].map((document) => [document.id, document]),
)

/** Of the test's data; a missing one is a mistake of the test. */
export function documentNamed(id: string): DocumentRow {
  const found = DOCUMENTS.get(id)
  if (found === undefined) throw new TypeError(`the test has no document \`${id}\``)
  return found
}
