// What a module of mappings supplies to policies, as data that can leave its thread: columns of rows, and claims where the module exports
// the claim mapping that the guard is given.

import type { EntityMapping } from '@cardea/policy/mapping'
import type { SuppliedPrincipal, Supply } from '@cardea/validate'

/** What the mappings and the first claim mapping among the exports supply. */
export function supplyOf(mappings: readonly EntityMapping[], exported: readonly unknown[]): Supply {
  const claims = exported.find(isClaimMapping)
  return {
    resources: new Map(
      mappings.map(({ type, columns }) => {
        const ancestors = [...columns.parents].filter(([, { kind }]) => kind !== 'none').map(([name]) => name)
        return [type, { attributes: new Set(columns.attributes.keys()), ancestors: new Set(ancestors) }]
      }),
    ),
    ...(claims === undefined ? {} : { principal: suppliedBy(claims) }),
  }
}

interface Claims {
  readonly principal: { readonly type: string }
  readonly attributes: object
  readonly parents: object
  readonly tenant?: unknown
}

function suppliedBy({ principal, attributes, parents, tenant }: Claims): SuppliedPrincipal {
  return {
    type: principal.type,
    attributes: named(attributes),
    ancestors: named(parents),
    hasTenant: tenant !== undefined,
  }
}

/** Names with a source: `null` says that there never is one. */
function named(sources: object): ReadonlySet<string> {
  return new Set(Object.entries(sources).flatMap(([name, source]) => (source === null ? [] : [name])))
}

function isClaimMapping(value: unknown): value is Claims {
  if (!isObject(value) || !isObject(value['principal'])) return false
  const { type, id } = value['principal']
  return typeof type === 'string' && id !== undefined && isObject(value['attributes']) && isObject(value['parents'])
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null
}
