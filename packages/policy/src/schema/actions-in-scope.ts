// Which actions of a schema the scope of a policy lets through: for whoever sorts policies by action. What the schema says of groups is
// turned round once, so that asking for each of ten thousand policies costs a look-up each.

import { addTo, UidMap } from '../entity/uid-map.ts'
import type { ActionScope } from '../syntax/tree.ts'
import type { Schema } from './schema.ts'

/**
 * Names of the actions and groups of actions that the scope lets through, in the schema's order. The same array for scopes that mean
 * the same, so that policies can be grouped by it.
 */
export function actionsInScope(scope: ActionScope, schema: Schema): readonly string[] {
  const { all, own, within, lists } = actionsOf(schema)
  switch (scope.kind) {
    case 'all':
      return all
    case 'equal':
      return own.get(scope.entity) ?? NONE
    case 'in':
      return together(
        scope.entities.map((entity) => within.get(entity) ?? NONE),
        all,
        lists,
      )
    default:
      return scope satisfies never
  }
}

interface SchemaActions {
  readonly all: readonly string[]
  readonly own: UidMap<readonly string[]>
  /** The action itself, and of a group everything that is in it. */
  readonly within: UidMap<readonly string[]>
  /** By their names, what several entities together let through. */
  readonly lists: Map<string, readonly string[]>
}

const NONE: readonly string[] = Object.freeze([])
/** As many lists are remembered: a schema may outlive the policies. */
const MOST_LISTS = 1000

const known = new WeakMap<Schema, SchemaActions>()

function actionsOf(schema: Schema): SchemaActions {
  const found = known.get(schema)
  if (found !== undefined) return found
  const own = new UidMap<readonly string[]>()
  const within = new UidMap<string[]>()
  for (const [name, { uid }] of Object.entries(schema.definition.actions)) {
    const entity = { kind: 'entity', ...uid } as const
    own.set(entity, [name])
    addTo(within, entity, name)
    for (const [type, ids] of schema.actionEntities.get(entity)?.ancestors ?? []) {
      for (const id of ids) addTo(within, { kind: 'entity', type, id }, name)
    }
  }
  const made = { all: Object.keys(schema.definition.actions), own, within, lists: new Map<string, readonly string[]>() }
  known.set(schema, made)
  return made
}

function together(
  parts: readonly (readonly string[])[],
  all: readonly string[],
  lists: Map<string, readonly string[]>,
): readonly string[] {
  const [only = NONE, ...others] = parts
  if (others.length === 0) return only
  const names = new Set(parts.flat())
  const list = all.filter((name) => names.has(name))
  const key = JSON.stringify(list)
  const same = lists.get(key)
  if (same !== undefined) return same
  if (lists.size >= MOST_LISTS) lists.clear()
  lists.set(key, list)
  return list
}
