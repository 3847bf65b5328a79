// A row for which an action was allowed, as a type. At run time it is the row itself; the mark exists for the compiler only.

import type { EntityMapping, RowOf, TypeOf } from './entity-mapping.ts'

/**
 * Proof that the action was allowed on an entity of that type. Nothing has this property at run time: only a guard asserts
 * it, right after an allow. Several proofs can be joined with `&`. A class only because the compiler leaves protected members
 * out of a spread: `{ ...allowed, id }` is another row and proves nothing.
 */
export declare abstract class Authorization<in out Action extends string, in out Type extends string> {
  /** In and out, so that neither a wider nor a narrower action proves the same. */
  protected readonly allowed: (action: Action, type: Type) => readonly [Action, Type]
}

/**
 * A row of the mapping for which a guard has allowed the action. `Authorized<'edit' | 'own', typeof Document>` takes a row that
 * was allowed for either.
 */
export type Authorized<Action extends string, M extends EntityMapping> = Action extends unknown
  ? RowOf<M> & Authorization<Action, TypeOf<M>>
  : never
