// The reference workload: document sharing. Eight fixed policies - the owner, four templates over the caller's 20 grants, and
// forbids for another tenant, for classified without a second factor and for an address outside the tenant's networks - plus one
// policy a department up to the asked size. 64 requests, about half of them allowed. Plain data: every subject builds its own
// form from it, and all must give the same answers before anything is timed.

export interface ReferenceUser {
  readonly id: string
  readonly tenant: string
  readonly departments: readonly string[]
  /** The CIDR ranges of the tenant's networks. */
  readonly office: string
  readonly vpn: string
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
  /** Departments that have a policy: `d0`, `d1`, ... */
  readonly departments: number
}

/** How many policies there are beside those of the departments. */
export const FIXED_POLICIES = 8

export const ACTIONS: readonly ReferenceAction[] = ['view', 'comment', 'edit', 'manage']

/** What each template lets its grantee do. */
export const TEMPLATE_ACTIONS: Readonly<Record<Template, readonly ReferenceAction[]>> = {
  viewer: ['view'],
  commenter: ['view', 'comment'],
  editor: ['view', 'comment', 'edit'],
  manager: ['view', 'comment', 'edit', 'manage'],
}

const OFFICE = '10.1.2.3'
const VPN = '172.20.4.5'
const OUTSIDE = '203.0.113.9'
const REQUESTS = 64

export function referenceOf(size: number): Reference {
  if (size < FIXED_POLICIES + 2) throw new RangeError(`the workload has at least ${FIXED_POLICIES + 2} policies`)
  return {
    user: { id: 'ann', tenant: 'acme', departments: ['d0', 'd1'], office: '10.0.0.0/8', vpn: '172.16.0.0/12' },
    grants: grants(),
    requests: Array.from({ length: REQUESTS }, (_, at) => request(at)),
    departments: size - FIXED_POLICIES,
  }
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
    action: granted === 0 || granted === 3 ? 'view' : (ACTIONS[(at >> 2) % ACTIONS.length] ?? 'view'),
    document,
    mfa: at % 3 !== 2,
    ip: at % 13 === 12 ? OUTSIDE : at % 7 === 6 ? VPN : OFFICE,
  }
}
