// The reference workload in Cedar.

import { createSchemaReader } from '../../../conformance/schema.ts'
import { address, type CedarEntity, type CedarPolicy, type CedarWorkload, reference, uid } from '../workload.ts'
import { ACTIONS, type Reference, type ReferenceDocument, type ReferenceUser, TEMPLATE_ACTIONS } from './reference.ts'

const SCHEMA = `
entity Tenant;
entity Department;
entity Folder;
entity User in [Department] = { tenant: Tenant, office: ipaddr, vpn: ipaddr };
entity Document in [Folder, Department] = { tenant: Tenant, owner: User, classified: Bool, unusedDays: Long };
action ${ACTIONS.join(', ')} appliesTo { principal: [User], resource: [Document], context: { mfa: Bool, ip: ipaddr } };
`

const readSchema = createSchemaReader()

/** `unindexable`: that many policies more that apply to everybody and everything, and hold for nothing. */
export function cedarOf(data: Reference, unindexable = 0): CedarWorkload {
  const principal = userEntity(data.user)
  return {
    schema: readSchema(SCHEMA),
    policies: [...fixedPolicies(), ...departmentPolicies(data.departments), ...openPolicies(unindexable)],
    links: data.grants.map((grant, at) => ({
      id: `grant-${at}`,
      template: grant.template,
      principal: principal.uid,
      resource: uid(grant.type, grant.id),
    })),
    requests: data.requests.map(({ action, document, mfa, ip }) => ({
      principal,
      action: uid('Action', action),
      resource: documentEntity(document),
      context: { mfa, ip: address(ip) },
      others: [],
    })),
  }
}

function fixedPolicies(): CedarPolicy[] {
  const templates = Object.entries(TEMPLATE_ACTIONS).map(([id, names]): CedarPolicy => {
    const actions = names.map((name) => `Action::"${name}"`).join(', ')
    const scope = `principal == ?principal, action in [${actions}], resource in ?resource`
    return { id, text: `@id("${id}") permit (${scope});`, isTemplate: true }
  })
  const open = (id: string, effect: string, condition: string): CedarPolicy => ({
    id,
    text: `@id("${id}") ${effect} (principal, action, resource) ${condition};`,
    isTemplate: false,
  })
  return [
    open('owner', 'permit', 'when { resource.owner == principal }'),
    ...templates,
    open('other-tenant', 'forbid', 'unless { resource.tenant == principal.tenant }'),
    open('classified', 'forbid', 'when { resource.classified && !context.mfa }'),
    open(
      'network',
      'forbid',
      'unless { context.ip.isInRange(principal.office) || context.ip.isInRange(principal.vpn) }',
    ),
  ]
}

function departmentPolicies(count: number): CedarPolicy[] {
  return Array.from({ length: count }, (_, at) => {
    const id = `department-${at}`
    const scope = `principal in Department::"d${at}", action == Action::"view", resource in Department::"d${at}"`
    return { id, text: `@id("${id}") permit (${scope});`, isTemplate: false }
  })
}

/** Nothing but the value of an attribute says whether one of these holds, so no index can leave it out. */
function openPolicies(count: number): CedarPolicy[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `stale-${at}`,
    text: `@id("stale-${at}") permit (principal, action, resource) when { resource.unusedDays > ${1000 + at} && context.mfa };`,
    isTemplate: false,
  }))
}

function userEntity({ id, tenant, departments, office, vpn }: ReferenceUser): CedarEntity {
  return {
    uid: uid('User', id),
    attrs: { tenant: reference('Tenant', tenant), office: address(office), vpn: address(vpn) },
    parents: departments.map((department) => uid('Department', department)),
  }
}

function documentEntity(document: ReferenceDocument): CedarEntity {
  const { id, tenant, owner, folder, department, classified } = document
  return {
    uid: uid('Document', id),
    attrs: { tenant: reference('Tenant', tenant), owner: reference('User', owner), classified, unusedDays: 30 },
    parents: [uid('Folder', folder), uid('Department', department)],
  }
}
