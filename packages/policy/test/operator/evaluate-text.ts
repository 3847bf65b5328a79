// Evaluates the text of an expression against the small world of `generate/universe.ts`.

import { NO_ENTITIES } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import type { Evaluation } from '../../src/operator/evaluation.ts'
import { isFault } from '../../src/operator/fault.ts'
import { compileExpression } from '../../src/operator/table.ts'
import { parseExpression } from '../../src/syntax/parse-policies.ts'
import type { Expression } from '../../src/syntax/tree.ts'
import { formatValue } from '../../src/value/format.ts'
import { ACTIONS, ANN, CONTEXTS, ENTITIES } from '../generate/universe.ts'

const RESOURCE = entityUid('Doc', '1')

export const EVALUATION: Evaluation = {
  principal: ANN,
  action: ACTIONS[0] ?? ANN,
  resource: RESOURCE,
  context: CONTEXTS[0] ?? new Map(),
  principalEntity: ENTITIES.get(ANN),
  resourceEntity: ENTITIES.get(RESOURCE),
  entities: ENTITIES,
  actions: NO_ENTITIES,
}

export function parse(text: string): Expression {
  const { expression, problems } = parseExpression(text)
  if (expression === undefined) throw new Error(`${text}: ${problems.map(({ message }) => message).join('; ')}`)
  return expression
}

/** The value as Cedar text, or the code of the fault. */
export function evaluateText(text: string): string {
  return outcome(parse(text))
}

export function outcome(node: Expression): string {
  const result = compileExpression(node)(EVALUATION)
  return isFault(result) ? result.code : formatValue(result)
}
