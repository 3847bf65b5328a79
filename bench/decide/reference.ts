// The reference workload: document sharing. Eight fixed policies - the owner, four templates over the caller's 20 grants, and
// forbids for another tenant, for classified without a second factor and for an address outside the tenant's network - plus one
// policy a department up to the asked size. 64 requests, about half of them allowed. Plain data: every subject builds its own
// form from it, and all must give the same answers before anything is timed.

export interface ReferenceUser {
  readonly id: string
  readonly tenant: string
  readonly departments: readonly string[]
  /** CIDR range of the tenant. */
  readonly network: string
}

export interface ReferenceDocument {
  readonly id: string
  readonly tenant: string
  readonly owner: string
  readonly folder: string
  readonly department: string
  readonly classified: boolean
}

export interface ReferenceGrant {
  readonly template: Template
  readonly type: 'Document' | 'Folder'
  readonly id: string
}

export type Template = 'viewer' | 'commenter' | 'editor' | 'manager'
export type ReferenceAction = 'view' | 'comment' | 'edit' | 'manage'

export interface ReferenceRequest {
  readonly action: ReferenceAction
  readonly document: ReferenceDocument
  readonly mfa: boolean
  readonly ip: string
}

export interface Reference {
  readonly user: ReferenceUser
  readonly grants: readonly ReferenceGrant[]
  readonly requests: readonly ReferenceRequest[]
  /** Static policies and templates as Cedar text. */
  readonly policies: string
}

/** What each template lets its grantee do. */
export const TEMPLATE_ACTIONS: Readonly<Record<Template, readonly ReferenceAction[]>> = {
  viewer: ['view'],
  commenter: ['view', 'comment'],
  editor: ['view', 'comment', 'edit'],
  manager: ['view', 'comment', 'edit', 'manage'],
}

export const INSIDE = '10.1.2.3'
const OUTSIDE = '203.0.113.9'
const NETWORK = '10.0.0.0/8'
const REQUESTS = 64

export function referenceWorkload(size: number): Reference {
  const user: ReferenceUser = { id: 'ann', tenant: 'acme', departments: ['d1', 'd2'], network: NETWORK }
  return {
    user,
    grants: grants(),
    requests: Array.from({ length: REQUESTS }, (_, at) => request(at)),
    policies: policies(size),
  }
}

function policies(size: number): string {
  const fixed = [
    '@id("owner") permit (principal, action, resource) when { resource.owner == principal };',
    ...Object.entries(TEMPLATE_ACTIONS).map(
      ([template, actions]) =>
        `@id("${template}") permit (principal == ?principal, action in [${actions.map((name) => `Action::"${name}"`).join(', ')}], resource in ?resource);`,
    ),
    '@id("other-tenant") forbid (principal, action, resource) unless { resource.tenant == principal.tenant };',
    '@id("classified") forbid (principal, action, resource) when { resource.classified && !context.mfa };',
    '@id("network") forbid (principal, action, resource) unless { context.ip.isInRange(principal.network) };',
  ]
  const departments = Array.from(
    { length: size - fixed.length },
    (_, at) =>
      `@id("department-${at}") permit (principal in Department::"d${at}", action == Action::"view", resource in Department::"d${at}");`,
  )
  return [...fixed, ...departments].join('\n')
}

function grants(): ReferenceGrant[] {
  const templates = Object.keys(TEMPLATE_ACTIONS) as Template[]
  return Array.from({ length: 20 }, (_, at) => ({
    template: templates[at % templates.length] ?? 'viewer',
    type: at < 15 ? 'Document' : 'Folder',
    id: at < 15 ? `doc-${at}` : `folder-${at}`,
  }))
}

function request(at: number): ReferenceRequest {
  const actions: readonly ReferenceAction[] = ['view', 'comment', 'edit', 'manage']
  const granted = at % 4
  const document: ReferenceDocument = {
    id: granted === 0 ? `doc-${at % 15}` : `other-${at}`,
    tenant: at % 11 === 10 ? 'globex' : 'acme',
    owner: granted === 1 ? 'ann' : 'bob',
    folder: granted === 2 ? `folder-${15 + (at % 5)}` : 'folder-x',
    department: granted === 3 && at % 8 === 3 ? 'd1' : 'd9999999',
    classified: at % 5 === 4,
  }
  return {
    action: granted === 0 || granted === 3 ? 'view' : (actions[(at >> 2) % actions.length] ?? 'view'),
    document,
    mfa: at % 3 !== 2,
    ip: at % 13 === 12 ? OUTSIDE : INSIDE,
  }
}
