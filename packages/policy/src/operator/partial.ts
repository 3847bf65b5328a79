// Partial evaluation: one walk for residuals (the resource is unknown) and for constants (nothing is known).

import type { Entities } from '../entity/entities.ts'
import type { Schema } from '../schema/schema.ts'
import type { Expression } from '../syntax/tree.ts'
import { NO_REQUEST } from './evaluation.ts'
import type { Evaluation } from './evaluation.ts'
import { resultNode } from './fault.ts'
import { asCondition } from './logic.ts'
import type { PartialEvaluation } from './operator.ts'
import { compileExpression, proof, residualExpression } from './table.ts'

/** What the known part of a request decides. `entities` are complete but for entities of the resource's type. */
export function partialOf(
  evaluation: Evaluation,
  entities: Entities,
  resourceType: string,
  schema: Schema | undefined,
): PartialEvaluation {
  return create({
    evaluation,
    resourceType,
    schema,
    knowsEntity: (uid) => uid.type !== resourceType || entities.get(uid) !== undefined,
    known(name) {
      switch (name) {
        case 'principal':
          return evaluation.principal
        case 'action':
          return evaluation.action
        case 'context':
          return { kind: 'record', fields: evaluation.context }
        case 'resource':
          return undefined
        default:
          return name satisfies never
      }
    },
  })
}

/** The expression with everything computed that no request can change. */
export function foldConstants(node: Expression): Expression {
  return constants.residual(node)
}

type Facts = Pick<PartialEvaluation, 'evaluation' | 'resourceType' | 'schema' | 'knowsEntity' | 'known'>

function create(facts: Facts): PartialEvaluation {
  const partial: PartialEvaluation = {
    ...facts,
    ...proof,
    residual: (node) => residualExpression(node, partial),
    condition: (node) => asCondition(residualExpression(node, partial)),
    evaluate: (node) => resultNode(compileExpression(node)(facts.evaluation), node.span),
  }
  return partial
}

const constants = create({
  evaluation: NO_REQUEST,
  resourceType: undefined,
  schema: undefined,
  knowsEntity: () => false,
  known: () => undefined,
})
