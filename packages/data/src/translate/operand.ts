// What an expression over `resource` is in a query: a constant of the request, a column, a condition, a list of these, or an error.

import type { TypeDefinition, Value } from '@cardea/policy'
import type { Pair } from '../sql/dialect.ts'
import { mergeNeeds, UNDECIDED_PREDICATE } from '../sql/fragment.ts'
import type { Column, Needs } from '../sql/fragment.ts'
import { truth } from './truth.ts'
import type { Truth } from './truth.ts'

export type Operand = Known | ColumnOperand | Condition | ListOperand | FaultOperand

/** Does not depend on the row. `value` is absent when policies are checked and no request is there yet. */
export interface Known {
  readonly kind: 'known'
  readonly value?: Value
}

export interface ColumnOperand {
  readonly kind: 'column'
  readonly column: Column
  readonly type: TypeDefinition
  /** `resource` itself, whose ancestors are in the row too. */
  readonly isResource: boolean
  /** An optional attribute that nothing has proven to be there: reading it may err. */
  readonly mayErr: boolean
  /** What a valid row has: a required attribute is there. */
  readonly needs: Needs
}

export interface Condition {
  readonly kind: 'condition'
  readonly truth: Truth
}

/** A set literal with a part that depends on the row. */
interface ListOperand {
  readonly kind: 'list'
  readonly elements: readonly Operand[]
}

/** Errs on every row. */
export interface FaultOperand {
  readonly kind: 'fault'
}

/** A value that no request has given yet. */
export const UNKNOWN: Known = Object.freeze({ kind: 'known' })
export const FAULT_OPERAND: FaultOperand = Object.freeze({ kind: 'fault' })
/** A Bool that no request has given yet. */
export const UNDECIDED: Truth = truth(
  { whenTrue: UNDECIDED_PREDICATE, whenFalse: UNDECIDED_PREDICATE },
  { mayErr: true },
)

export function condition(truth: Truth): Condition {
  return { kind: 'condition', truth }
}

/** The outcome of a test on columns, which errs exactly where one of them is NULL. */
export function testOf(pair: Pair, ...columns: readonly ColumnOperand[]): Truth {
  return truth(pair, {
    mayErr: columns.some(({ mayErr }) => mayErr),
    needs: mergeNeeds(columns.map(({ needs }) => needs)),
  })
}
