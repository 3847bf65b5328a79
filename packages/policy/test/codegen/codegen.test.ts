// Generated code against closures: the same value or the same fault, at the same place, for every row of the operators, for any
// expression and for any set of policies. And no text of a policy is ever part of the code.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codegen } from '../../src/codegen/codegen.ts'
import { createEmitter } from '../../src/codegen/emitter.ts'
import { emitExpression } from '../../src/codegen/table.ts'
import { closures } from '../../src/compile/evaluator.ts'
import { createLinks } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import type { Expression } from '../../src/syntax/tree.ts'
import { expressions } from '../generate/expressions.ts'
import { ACTIONS, ANN, CONTEXTS, ENTITIES, RESOURCES } from '../generate/universe.ts'
import { universeConditions } from '../generate/universe-expressions.ts'
import { universes } from '../generate/universe-policies.ts'
import { ENTITY_ROWS } from '../operator/entity-rows.ts'
import { EVALUATION, parse } from '../operator/evaluate-text.ts'
import { EXTENSION_ROWS } from '../operator/extension-rows.ts'
import { ROWS } from '../operator/rows.ts'

/** Whether the node's own value is the expected one, so that values that are no Bools are compared too. */
function asConditions(node: Expression): Expression[] {
  const { span } = node
  const itself: Expression = { kind: 'equal', left: node, right: node, span }
  return [
    node,
    itself,
    { kind: 'not', operand: node, span },
    { kind: 'if', test: node, then: itself, else: node, span },
  ]
}

function expectSame(node: Expression): void {
  for (const condition of asConditions(node)) {
    const expected = closures.compile(condition)(EVALUATION)
    expect(codegen.compile(condition)(EVALUATION)).toEqual(expected)
  }
}

describe('generated code', () => {
  const texts = Object.values({ ...ROWS, ...ENTITY_ROWS, ...EXTENSION_ROWS }).flatMap((rows) =>
    rows.map(([text]) => text),
  )

  it.each(texts)('means the same: %s', (text) => expectSame(parse(text)))

  it('means the same for any expression', () => {
    fc.assert(fc.property(fc.oneof(universeConditions, expressions), expectSame), { numRuns: 4000 })
  })

  it.each(['deny', 'skip'] as const)('decides the same for any policies, under `%s`', (forbidErrors) => {
    const requests = fc.record({
      principal: fc.constant(ANN),
      action: fc.constantFrom(...ACTIONS),
      resource: fc.constantFrom(...RESOURCES),
      context: fc.constantFrom(...CONTEXTS),
      entities: fc.constant(ENTITIES),
    })
    fc.assert(
      fc.property(universes, requests, ({ policies, links }, request) => {
        const [plain, generated] = [closures, codegen].map((evaluator) =>
          decide(compileProgram(policies, { forbidErrors, evaluator }), { ...request, links: createLinks(links) }),
        )
        expect(generated).toEqual(plain)
      }),
      { numRuns: 2000 },
    )
  })

  it('holds no text of the policy', () => {
    fc.assert(
      fc.property(fc.oneof(universeConditions, expressions), (node) => {
        const emitter = createEmitter()
        emitExpression(node, emitter)
        const { code } = emitter.finish('e')
        expect(code.replaceAll(WORDS, '').match(/[A-Za-z_$"`\\]+/g) ?? []).toEqual([])
      }),
    )
  })

  it('is a closure where the code would be too long', () => {
    const long = parse(Array.from({ length: 400 }, (_, at) => `context.level + ${at} == ${at + 2}`).join(' && '))
    expect(codegen.compile(long)(EVALUATION)).toBe(true)
  })

  it('is refused where code cannot be made, when the program is compiled', () => {
    const evaluator = {
      name: 'none',
      compile: () => {
        throw new TypeError('no code here')
      },
    }
    expect(() =>
      compileProgram(parsePolicies('permit (principal, action, resource);').policies, { evaluator }),
    ).toThrow('no code here')
  })
})

/** Every word that may stand in generated code. */
const WORDS =
  /'use strict'|\b(?:const|let|constants|return|if|else|typeof|undefined|true|false|e|h|fields|slot|[prc]e|[pr]a|[klrsv]\d+|family|prefix|address|kind|id|type|layout|slots|slotOf|get|attributes|context|principal|resource|action|principalEntity|resourceEntity|object|number|string|boolean|entity|record|fault|ipaddr|break|tally|count|p\d+[ip]?|unknownLayout|findEntity|hasAncestor|hasPath|isInRange|isMember|recordValue|setValue|valueEquals)\b/g
