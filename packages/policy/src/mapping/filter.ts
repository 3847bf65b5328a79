// Which rows of a mapping a principal may act on. A guard makes a filter, a data target turns it into a query; to everyone
// between them it is opaque.

import type { Residual } from '../residual/residual.ts'
import type { EntityMapping } from './entity-mapping.ts'

export interface Filter<M extends EntityMapping = EntityMapping> {
  readonly mapping: M
  /** What is left of the policies when all but the resource is known. */
  readonly residual: Residual
  /** The action's name. */
  readonly action: string
}

/** Joins a residual with the mapping of the resource type for which it was made. */
export function createFilter<M extends EntityMapping>(mapping: M, residual: Residual, action: string): Filter<M> {
  return Object.freeze({ mapping, residual, action })
}
