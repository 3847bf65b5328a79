// A schema of any size and a program that uses it as a service would: mappings, decisions, filters, lists of actions. The program
// is the same for every schema, so that what differs is the cost of the schema.

/** Entity types and actions that the program uses; every schema has at least these. */
export const USED = { types: 20, actions: 50 } as const

const ACTIONS_WITH_CONTEXT = 5

/** Cedar schema text with that many entity types and actions. */
export function schemaText(types: number, actions: number): string {
  const resources = resourceTypes(types)
  const programActions = actionNames(USED.actions)
  const fields =
    'owner: User, tenant: Tenant, name: String, locked: Bool, size: Long, due?: datetime, labels: Set<String>'
  const entities = resources.map((name) => `entity ${name} in [Folder] = { ${fields} };`)
  const declared = actionNames(actions).map((name, at) => {
    const context = at % ACTIONS_WITH_CONTEXT === 0 ? '{ ip: ipaddr, reason: String, urgent?: Bool }' : '{ ip: ipaddr }'
    const on = resourceOf(at, at < programActions.length ? resourceTypes(USED.types) : resources)
    return `action ${name} in [${at % 2 === 0 ? 'reading' : 'writing'}] appliesTo { principal: [User], resource: [${on}], context: ${context} };`
  })
  return [
    'entity Tenant;',
    'entity User in [Team] = { tenant: Tenant };',
    'entity Team;',
    'entity Folder in [Folder] = { tenant: Tenant };',
    ...entities,
    'action reading, writing;',
    ...declared,
  ].join('\n')
}

/** Typescript that maps the types in use and asks for each action in use. */
export function programText(): string {
  const resources = resourceTypes(USED.types)
  const mappings = resources.map(
    (name) => `export const ${name} = mapEntity(schema, '${name}', {
  table: '${name.toLowerCase()}',
  id: 'id',
  attributes: {
    owner: 'owner_id', tenant: 'tenant_id', name: 'name', locked: 'locked', size: 'size', due: 'due_at', labels: 'labels',
  },
  parents: { Folder: { list: 'folders' } },
})`,
  )
  const handlers = actionNames(USED.actions).map((action, at) => {
    const type = resourceOf(at, resources)
    const context = at % ACTIONS_WITH_CONTEXT === 0 ? `, { reason: 'asked' }` : ''
    return `export function on_${action}(row: RowOf<typeof ${type}>): string {
  const allowed = auth.authorize('${action}', ${type}(row)${context})
  save_${action}(allowed)
  const filter: Filter<typeof ${type}> = auth.filter('${action}', ${type}${context})
  const rows = auth.select('${action}', ${type}, [row]${context})
  const actions = auth.allowedActions(${type}(row))
  return [allowed.name, filter, rows.length, actions.length, auth.can('${action}', ${type}(row)${context})].join()
}
declare function save_${action}(row: Authorized<'${action}', typeof ${type}>): void`
  })
  return [
    `import { type Auth, type Authorized, type Filter, mapEntity } from '@cardea/guard'`,
    `import type { RowOf } from '@cardea/policy/mapping'`,
    `import { schema } from './schema.gen.ts'`,
    'declare const auth: Auth',
    ...mappings,
    ...handlers,
  ].join('\n')
}

/** The type that an action is for, whichever the schema. */
function resourceOf(action: number, resources: readonly string[]): string {
  return resources[action % resources.length] ?? 'Folder'
}

/** Four entity types are no resources of the program. */
function resourceTypes(types: number): string[] {
  return Array.from({ length: types - 4 }, (_, at) => `Resource${at}`)
}

/** Two actions are groups. */
function actionNames(actions: number): string[] {
  return Array.from({ length: actions - 2 }, (_, at) => `action${at}`)
}
