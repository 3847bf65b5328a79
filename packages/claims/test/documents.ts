// The document service that the tests of this package speak of.

import { createSchema, defineSchema, entityUid, parsePolicies, type Policy, type Schema } from '@cardea/policy'
import { type ClaimsPlan, createPlan } from '../src/index.ts'

const action = <const N extends string>(id: N) => ({
  uid: { type: 'Action', id },
  memberOf: [],
  principals: ['User'],
  resources: ['Document'],
  context: {},
})

export const definition = defineSchema({
  entities: {
    Tenant: { parents: [], attributes: {} },
    Company: { parents: [], attributes: {} },
    Team: { parents: ['Company'], attributes: {} },
    Role: { parents: [], attributes: {} },
    User: {
      parents: ['Team', 'Role'],
      attributes: {
        tenant: { type: 'Entity', name: 'Tenant' },
        level: { type: 'Long' },
        nickname: { type: 'String', optional: true },
        suspended: { type: 'Bool', optional: true },
        regions: { type: 'Set', element: { type: 'String' } },
        joined: { type: 'datetime', optional: true },
        networks: {
          type: 'Record',
          attributes: { office: { type: 'ipaddr' }, home: { type: 'ipaddr', optional: true } },
        },
      },
    },
    Client: { parents: ['Role'], attributes: {} },
    Folder: { parents: [], attributes: {} },
    Document: {
      parents: ['Folder'],
      attributes: {
        tenant: { type: 'Entity', name: 'Tenant' },
        level: { type: 'Long' },
        region: { type: 'String' },
        classified: { type: 'Bool' },
      },
    },
  },
  actions: {
    view: { ...action('view'), principals: ['User', 'Client'] },
    edit: action('edit'),
    delete: action('delete'),
  },
})

const POLICIES = `
  @id("viewer") permit (principal in ?principal, action == Action::"view", resource in ?resource);
  @id("editor") permit (principal in ?principal, action in [Action::"view", Action::"edit"], resource in ?resource);
  @id("reader-of-level") permit (principal is User, action == Action::"view", resource)
    when { resource.level <= principal.level && principal.regions.contains(resource.region) };
  @id("sync") permit (principal is Client, action == Action::"view", resource) when { principal in Role::"sync" };
  @id("admin") permit (principal in Role::"admin", action == Action::"delete", resource);
  @id("no-interns") forbid (principal in Team::"interns", action == Action::"delete", resource);
  @id("suspended") forbid (principal is User, action == Action::"edit", resource)
    when { principal has suspended && principal.suspended };
  @id("office") forbid (principal is User, action == Action::"edit", resource)
    when { resource.classified }
    unless { principal.networks.office.isInRange(ip("10.0.0.0/8")) };
  @id("blocked") forbid (principal in ?principal, action, resource in ?resource);
`

export const schema: Schema = createSchema(definition)
export const policies: readonly Policy[] = parse(POLICIES)
export const plan: ClaimsPlan = createPlan({ policies, schema })
export const ann = entityUid('User', 'ann')

export function parse(text: string): readonly Policy[] {
  const { policies, problems } = parsePolicies(text, { file: 'policies.cedar' })
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '))
  return policies
}

/** What claims are after a signature and a parser: other objects with the same content. */
export function travel<T>(claims: T): T {
  return JSON.parse(JSON.stringify(claims))
}

/** The code of the error that the work throws, or `none`. */
export function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  }
  return 'none'
}
