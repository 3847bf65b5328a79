// A filter as one predicate on the rows of a table.
// INVARIANT: a row satisfies the predicate exactly when its entity is allowed: a permit counts where it is certainly true, and a
// forbid is passed where it is certainly false (under `skip`, where it is not certainly true).

import type { Expression, Residual, Span } from '@cardea/policy'
import type { Filter } from '@cardea/policy/mapping'
import { DataError } from '../errors.ts'
import type { DataErrorCode } from '../errors.ts'
import type { Dialect } from '../sql/dialect.ts'
import { all, any, FALSE, isNotTrue, TRUE } from '../sql/fragment.ts'
import type { Predicate } from '../sql/fragment.ts'
import { UNKNOWN } from './operand.ts'
import { translateCondition, translateOperand } from './operators.ts'
import { rowOf } from './row.ts'
import type { Row } from './row.ts'
import type { Translation } from './translation.ts'

/** A construct that has no exact query, and where it stands. */
export interface Refusal {
  readonly code: DataErrorCode
  readonly message: string
  readonly hint: string | undefined
  readonly span: Span
}

/** The predicate of a filter. Errors: a `DataError` for what has no exact translation. */
export function translateFilter({ mapping, residual }: Filter, dialect: Dialect): Predicate {
  switch (residual.kind) {
    case 'always-allow':
      return TRUE
    case 'always-deny':
      return FALSE
    case 'conditional':
      return translateConditional(residual, createTranslation(rowOf(mapping), dialect, throwRefusal))
    default:
      return residual satisfies never
  }
}

/** Everything in an expression that has no exact translation, whatever the request is. */
export function refusalsOf(expression: Expression, row: Row, dialect: Dialect): Refusal[] {
  const refusals: Refusal[] = []
  createTranslation(row, dialect, (refusal) => refusals.push(refusal), true).condition(expression)
  return refusals
}

function translateConditional(
  { permits, forbids, forbidErrors }: Extract<Residual, { kind: 'conditional' }>,
  translation: Translation,
): Predicate {
  const permitted = any(...permits.map((policy) => translation.condition(policy.condition).whenTrue))
  const passed = forbids.map((policy) => {
    const forbidden = translation.condition(policy.condition)
    return forbidErrors === 'deny' ? forbidden.whenFalse : isNotTrue(forbidden.whenTrue)
  })
  const predicate = all(...passed, permitted)
  return all(...predicate.needs.values(), predicate)
}

function createTranslation(
  row: Row,
  dialect: Dialect,
  onRefusal: (refusal: Refusal) => void,
  isChecking = false,
  present: ReadonlySet<string> = new Set(),
): Translation {
  const translation: Translation = {
    row,
    dialect,
    present,
    isChecking,
    operand: (node) => translateOperand(node, translation),
    condition: (node) => translateCondition(node, translation),
    assuming: (more) =>
      more.isSubsetOf(present)
        ? translation
        : createTranslation(row, dialect, onRefusal, isChecking, present.union(more)),
    refuse(node, code, message, hint) {
      onRefusal({ code, message, hint, span: node.span })
      return UNKNOWN
    },
  }
  return translation
}

function throwRefusal({ code, message, hint, span }: Refusal): never {
  throw new DataError(code, message, hint === undefined ? { span } : { span, hint })
}
