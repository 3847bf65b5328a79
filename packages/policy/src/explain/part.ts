// The parts of a condition that must each come out one way, and the smallest piece of a part that made it come out the other.

import { childrenOf } from '../check/children.ts'
import { sourcesOf } from '../check/sources.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { Result } from '../operator/fault.ts'
import { compileExpression } from '../operator/table.ts'
import type { Expression, Policy } from '../syntax/tree.ts'

export interface Part {
  readonly node: Expression
  /** What it must be for the policy to apply. */
  readonly wanted: boolean
}

/** What a policy's conditions ask for: `when { a && b } unless { c || d }` wants `a` and `b` true, `c` and `d` false. */
export function partsOf({ conditions }: Policy): Part[] {
  return conditions.flatMap(({ kind, body }) => split(body, kind === 'when'))
}

export function evaluateNode(node: Expression, evaluation: Evaluation): Result {
  return compileExpression(node)(evaluation)
}

/** The smallest piece that made the node come out as it did. Where several did, one that reads the context: it is easiest to change. */
export function decisivePiece(node: Expression, value: boolean, evaluation: Evaluation): Part {
  if (node.kind === 'not') return decisivePiece(node.operand, !value, evaluation)
  if (node.kind !== 'and' && node.kind !== 'or') return { node, wanted: !value }
  const pieces = [node.left, node.right].filter((side) => evaluateNode(side, evaluation) === value)
  const piece = pieces.find((side) => contextNames(side).length > 0) ?? pieces[0]
  return piece === undefined ? { node, wanted: !value } : decisivePiece(piece, value, evaluation)
}

/** Names of the context's attributes that the node reads. */
export function contextNames(node: Expression): string[] {
  const own = node.kind === 'has' ? sourcesOf(node.of) : sourcesOf(node)
  const names = own.flatMap(({ root, path }) => {
    const name = path[0] ?? (node.kind === 'has' ? node.path[0] : undefined)
    return root === 'context' && name !== undefined ? [name] : []
  })
  return [...names, ...childrenOf(node).flatMap(contextNames)]
}

function split(node: Expression, wanted: boolean): Part[] {
  if (node.kind === 'not') return split(node.operand, !wanted)
  if (node.kind === (wanted ? 'and' : 'or') && 'left' in node) {
    return [...split(node.left, wanted), ...split(node.right, wanted)]
  }
  return [{ node, wanted }]
}
