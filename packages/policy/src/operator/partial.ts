// Partial evaluation: one walk for residuals (a part of the request is unknown) and for constants (nothing is known).

import { childrenOf } from '../check/children.ts'
import type { Expression, VariableName } from '../syntax/tree.ts'
import type { EntityUid, Value } from '../value/value.ts'
import type { Clock } from './clock.ts'
import { NO_REQUEST } from './evaluation.ts'
import type { Evaluation } from './evaluation.ts'
import { resultNode } from './fault.ts'
import { asCondition } from './logic.ts'
import type { Declarations, PartialEvaluation } from './operator.ts'
import { NOTHING_DECLARED } from './prove.ts'
import { compileExpression, proofOf, residualExpression } from './table.ts'

/** What is known of a request. */
export interface Knowledge {
  /** The known part; what is unknown is nobody there. */
  readonly evaluation: Evaluation
  readonly knows: (name: VariableName) => boolean
  readonly knowsContext: (name: string) => boolean
  readonly knowsEntity: (uid: EntityUid) => boolean
  /** What the schema says of values that are there. */
  readonly declared: Declarations
  /** The same as far as a proof may rely on it, also on what is required to be there. */
  readonly proven: Declarations
  /** Every action that an unknown one can be, where that is known. */
  readonly actions?: readonly EntityUid[] | undefined
  /** Watches what is made of the time. */
  readonly clock?: Clock | undefined
}

/** What the known part of a request decides. */
export function partialOf(knowledge: Knowledge): PartialEvaluation {
  const { evaluation, knows, knowsContext, knowsEntity, declared, proven, actions, clock } = knowledge
  const partial: PartialEvaluation = {
    ...proofOf(proven),
    evaluation,
    knowsContext,
    knowsEntity,
    declaredType: proofOf(declared).typeOf,
    known: (name) => (knows(name) ? valueOf(name, evaluation) : undefined),
    residual(node) {
      const left = residualExpression(node, partial)
      return actions === undefined ? left : agreed(left, actions, evaluation)
    },
    condition: (node) => asCondition(partial.residual(node)),
    evaluate(node) {
      const result = resultNode(compileExpression(node)(evaluation), node.span)
      clock?.observe(node, result)
      return result
    },
  }
  return partial
}

/** The expression with everything computed that no request can change. */
export function foldConstants(node: Expression): Expression {
  return constants.residual(node)
}

const constants = partialOf({
  evaluation: NO_REQUEST,
  knows: () => false,
  knowsContext: () => false,
  knowsEntity: () => false,
  declared: NOTHING_DECLARED,
  proven: NOTHING_DECLARED,
})

function valueOf(name: VariableName, { principal, action, resource, context }: Evaluation): Value {
  switch (name) {
    case 'principal':
      return principal
    case 'action':
      return action
    case 'resource':
      return resource
    case 'context':
      return { kind: 'record', fields: context }
    default:
      return name satisfies never
  }
}

/** What every action that comes into question says, where they all say the same. */
function agreed(node: Expression, actions: readonly EntityUid[], evaluation: Evaluation): Expression {
  const parts = childrenOf(node)
  const isOfAction = parts.some(isAction) && parts.every((part) => isAction(part) || part.kind === 'literal')
  if (!isOfAction) return node
  const evaluate = compileExpression(node)
  const [first, ...others] = actions.map((action) => evaluate({ ...evaluation, action }))
  const isSame = typeof first === 'boolean' && others.every((other) => other === first)
  return isSame ? resultNode(first, node.span) : node
}

function isAction(node: Expression): boolean {
  return node.kind === 'variable' && node.name === 'action'
}
