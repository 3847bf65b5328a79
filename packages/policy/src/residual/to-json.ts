// A residual as JSON: for a page, a log or another program to read. Conditions are Cedar text, as a whole and part by part.

import { childrenOf } from '../check/children.ts'
import type { ForbidErrors } from '../compile/program.ts'
import type { TypeDefinition } from '../schema/definition.ts'
import { printExpression } from '../print/print-policy.ts'
import type { Effect, Expression, ExpressionKind, VariableName } from '../syntax/tree.ts'
import type { MarkedExpression } from './marks.ts'
import type { Residual, ResidualPolicy } from './residual.ts'

export type JsonResidual =
  | Exclude<Residual, { kind: 'conditional' }>
  | {
      readonly kind: 'conditional'
      readonly forbidErrors: ForbidErrors
      readonly unknowns: readonly VariableName[]
      readonly permits: readonly JsonResidualPolicy[]
      readonly forbids: readonly JsonResidualPolicy[]
      readonly validUntil?: number
    }

export interface JsonResidualPolicy {
  readonly id: string
  readonly effect: Effect
  readonly links?: readonly string[]
  readonly condition: JsonResidualNode
}

export interface JsonResidualNode {
  /** The operator, as in the syntax tree. */
  readonly kind: ExpressionKind
  /** Cedar text; a part that is known to err is `error("CODE")`. */
  readonly text: string
  /** Absent when the schema and the request do not tell. */
  readonly type?: TypeDefinition
  readonly canErr: boolean
  /** The operands, in the order in which they are evaluated. */
  readonly parts: readonly JsonResidualNode[]
}

/** Only objects, lists, texts, numbers and Booleans: `JSON.stringify` takes it. Text of each part makes it quadratic in the depth. */
export function residualToJson(residual: Residual): JsonResidual {
  if (residual.kind !== 'conditional') return residual
  const { kind, forbidErrors, unknowns, validUntil } = residual
  const [permits, forbids] = [residual.permits.map(policyToJson), residual.forbids.map(policyToJson)]
  return { kind, forbidErrors, unknowns, permits, forbids, ...(validUntil === undefined ? {} : { validUntil }) }
}

function policyToJson({ condition, ...policy }: ResidualPolicy): JsonResidualPolicy {
  return { ...policy, condition: nodeToJson(condition) }
}

function nodeToJson(node: MarkedExpression): JsonResidualNode {
  const { kind, valueType, canErr } = node
  const parts = childrenOf(node).filter(isMarked).map(nodeToJson)
  return { kind, text: printExpression(node), ...(valueType === undefined ? {} : { type: valueType }), canErr, parts }
}

/** Every part of a marked expression is marked. */
function isMarked(node: Expression): node is MarkedExpression {
  return 'canErr' in node
}
