// Generated expressions, one by one: what is folded, what is left where all is known, what is asked for one value, and what is proven
// must agree with what evaluating says.

import fc from 'fast-check'
import { isFault } from '../../../packages/policy/src/operator/fault.ts'
import { foldConstants, partialOf } from '../../../packages/policy/src/operator/partial.ts'
import { NOTHING_DECLARED } from '../../../packages/policy/src/operator/prove.ts'
import { compileExpression, focusExpression, proofOf } from '../../../packages/policy/src/operator/table.ts'
import { expressions as anyExpressions } from '../../../packages/policy/test/generate/expressions.ts'
import { ENTITIES } from '../../../packages/policy/test/generate/universe.ts'
import { universeConditions } from '../../../packages/policy/test/generate/universe-expressions.ts'
import { EVALUATION, outcome } from '../../../packages/policy/test/operator/evaluate-text.ts'
import type { Expression } from '@cardea/policy'
import type { Check } from './check.ts'

const NODES = 2500
const SEED = 7

export const expressions: Check = {
  name: 'expressions',
  run() {
    const everything = partialOf({
      evaluation: EVALUATION,
      knows: (name) => name !== 'resource',
      knowsContext: () => true,
      knowsEntity: ({ type, id }) => type !== 'Doc' || ENTITIES.get({ kind: 'entity', type, id }) !== undefined,
      declared: NOTHING_DECLARED,
      proven: NOTHING_DECLARED,
    })
    const proof = proofOf(NOTHING_DECLARED)
    for (const node of fc.sample(fc.oneof(universeConditions, anyExpressions), { numRuns: NODES, seed: SEED })) {
      const expected = kindOf(node)
      if (kindOf(foldConstants(node)) !== expected) return `folding changes ${expected}`
      if (kindOf(everything.residual(node)) !== expected) return `what is left is not ${expected}`
      const result = compileExpression(node)(EVALUATION)
      if (proof.neverErrs(node) && isFault(result)) return 'what is proven not to err errs'
      for (const wanted of [true, false]) {
        const is = compileExpression(focusExpression(node, wanted))(EVALUATION) === wanted
        if (is !== (result === wanted)) return `asked for ${wanted}, it differs`
      }
    }
    return undefined
  },
}

/** The value, or that it errs: which of several faults is reported may differ. */
function kindOf(node: Expression): string {
  const text = outcome(node)
  return text.startsWith('ERR_POLICY_EVALUATION_') ? 'error' : text
}
