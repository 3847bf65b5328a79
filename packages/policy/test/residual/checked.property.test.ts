// The same where requests are checked against the schema, and the residual may rely on that; and that what a residual says of its
// nodes, their types and whether they can err, is so.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLinks } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import { beginEvaluation } from '../../src/decide/request.ts'
import type { Evaluation } from '../../src/operator/evaluation.ts'
import { isFault } from '../../src/operator/fault.ts'
import { compileExpression } from '../../src/operator/table.ts'
import { childrenOf } from '../../src/check/children.ts'
import { evaluateResidual } from '../../src/residual/evaluate.ts'
import type { MarkedExpression } from '../../src/residual/marks.ts'
import { residual } from '../../src/residual/residual.ts'
import { checkEntity } from '../../src/schema/check-entity.ts'
import { checkRequest } from '../../src/schema/check-request.ts'
import { compileValue } from '../../src/schema/check-value.ts'
import { hiddenRequests } from '../generate/partial-requests.ts'
import { TYPED, typedUniverses, WORLDS } from '../generate/typed-world.ts'

const hidden = fc.oneof(...WORLDS.map(hiddenRequests))
describe.each(['deny', 'skip'] as const)('a residual of checked requests (%s)', (forbidErrors) => {
  it.each([true, false])('decides every filling as the program does, checked: %s', (checked) => {
    const kinds = new Map<string, number>()
    fc.assert(
      fc.property(typedUniverses, hidden, fc.boolean(), ({ policies, links }, request, areOwn) => {
        const program = compileProgram(policies, { schema: TYPED, forbidErrors, links: areOwn ? [] : links })
        const own = areOwn ? createLinks(links) : undefined
        const left = residual(program, { ...request.partial, checked, links: own })
        kinds.set(left.kind, (kinds.get(left.kind) ?? 0) + 1)
        const { decision } = decide(program, { ...request.whole, links: own })
        expect(evaluateResidual(left, request.filling).decision).toBe(decision)
        if (left.kind !== 'conditional' || !checked) return
        const evaluation = beginEvaluation(program, request.whole)
        for (const { condition } of [...left.permits, ...left.forbids]) expectMarks(condition, evaluation)
      }),
      { numRuns: 2000 },
    )
    for (const kind of ['always-allow', 'always-deny', 'conditional']) expect(kinds.get(kind)).toBeGreaterThan(40)
  })
})

describe('the typed world', () => {
  it('passes its own checks', () => {
    for (const { actions, principals, resources, contexts, entities } of WORLDS) {
      for (const uid of [...principals, ...resources]) {
        const entity = entities.get(uid)
        expect(entity === undefined ? uid : checkEntity(TYPED, entity)).toEqual([])
      }
      for (const action of actions) {
        for (const principal of principals) {
          for (const resource of resources) {
            for (const context of contexts)
              expect(checkRequest(TYPED, { principal, action, resource, context })).toEqual([])
          }
        }
      }
    }
  })
})

/** Holds the marks of every node that is evaluated against what it evaluates to. */
function expectMarks(node: MarkedExpression, evaluation: Evaluation): void {
  const result = compileExpression(node)(evaluation)
  if (isFault(result)) expect(node.canErr).toBe(true)
  else if (node.valueType !== undefined) {
    expect(compileValue(node.valueType, TYPED.definition.entities)(result)).toBe(true)
  }
  if (node.kind === 'and' || node.kind === 'or') {
    expectMarks(node.left, evaluation)
    const isReached = compileExpression(node.left)(evaluation) === (node.kind === 'and')
    if (isReached) expectMarks(node.right, evaluation)
  } else if (node.kind === 'if') {
    expectMarks(node.test, evaluation)
    const test = compileExpression(node.test)(evaluation)
    if (typeof test === 'boolean') expectMarks(test ? node.then : node.else, evaluation)
  } else if (node.kind !== 'is') {
    for (const child of childrenOf(node)) if ('canErr' in child) expectMarks(child as MarkedExpression, evaluation)
  }
}
