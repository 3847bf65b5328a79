// Which requests can meet a policy as far as the schema tells: actions, and types of principals and resources. The three sets are
// wider than the requests themselves (a pair of types need not occur together), which only ever makes a check say less.

import type { EntityUid, Schema, VariableName } from '@cardea/policy'

export interface Domain {
  /** Names of actions that can be asked for. */
  readonly actions: ReadonlySet<string>
  readonly principals: ReadonlySet<string>
  readonly resources: ReadonlySet<string>
}

/** Every request that the schema takes. */
export function wholeDomain(schema: Schema): Domain {
  const all = Object.entries(schema.definition.actions)
  return close(
    {
      actions: new Set(all.map(([name]) => name)),
      principals: new Set(all.flatMap(([, { principals }]) => principals)),
      resources: new Set(all.flatMap(([, { resources }]) => resources)),
    },
    schema,
  )
}

/** The domain without what `part` leaves out; the same object when that is nothing. */
export function narrow(domain: Domain, part: Partial<Domain>, schema: Schema): Domain {
  const next = {
    actions: common(domain.actions, part.actions),
    principals: common(domain.principals, part.principals),
    resources: common(domain.resources, part.resources),
  }
  const isSame =
    next.actions === domain.actions && next.principals === domain.principals && next.resources === domain.resources
  return isSame ? domain : close(next, schema)
}

export function isEmpty({ actions }: Domain): boolean {
  return actions.size === 0
}

/** The types that a variable can have; `undefined` for those that are no entity of the request. */
export function typesOfVariable(domain: Domain, name: VariableName): ReadonlySet<string> | undefined {
  if (name === 'principal') return domain.principals
  return name === 'resource' ? domain.resources : undefined
}

/** What narrows the types of a variable. */
export function typesPart(name: 'principal' | 'resource', types: ReadonlySet<string>): Partial<Domain> {
  return name === 'principal' ? { principals: types } : { resources: types }
}

/** Names of the actions that are one of the entities; with `groups`, also of those that are in one of them. */
export function actionNames(entities: readonly EntityUid[], groups: boolean, schema: Schema): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [name, { uid }] of Object.entries(schema.definition.actions)) {
    const above = groups ? schema.actionEntities.get({ kind: 'entity', ...uid })?.ancestors : undefined
    const isMeant = entities.some(
      (entity) => (entity.type === uid.type && entity.id === uid.id) || above?.includes(entity) === true,
    )
    if (isMeant) names.add(name)
  }
  return names
}

/** Actions without a type that is left go, and so do types that are left for no action. */
function close({ actions, principals, resources }: Domain, schema: Schema): Domain {
  const kept = [...actions].flatMap((name) => {
    const definition = schema.action(name)
    if (definition === undefined) return []
    const isLeft =
      definition.principals.some((type) => principals.has(type)) &&
      definition.resources.some((type) => resources.has(type))
    return isLeft ? [{ name, definition }] : []
  })
  return {
    actions: new Set(kept.map(({ name }) => name)),
    principals: new Set(kept.flatMap(({ definition }) => definition.principals.filter((type) => principals.has(type)))),
    resources: new Set(kept.flatMap(({ definition }) => definition.resources.filter((type) => resources.has(type)))),
  }
}

function common(all: ReadonlySet<string>, some: ReadonlySet<string> | undefined): ReadonlySet<string> {
  if (some === undefined) return all
  const left = all.intersection(some)
  return left.size === all.size ? all : left
}
