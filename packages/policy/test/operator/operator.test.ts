// Every row is held against three judges: the expected outcome, partial evaluation that knows everything and that which knows
// nothing, and Cedar itself.

import * as cedar from '@cedar-policy/cedar-wasm/nodejs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { POLICY_ERRORS } from '../../src/errors.ts'
import { isFault } from '../../src/operator/fault.ts'
import { foldConstants, partialOf } from '../../src/operator/partial.ts'
import { NOTHING_DECLARED } from '../../src/operator/prove.ts'
import { compileExpression, focusExpression, proofOf } from '../../src/operator/table.ts'
import { typeOfValue } from '../../src/operator/type-of.ts'
import type { Expression } from '../../src/syntax/tree.ts'
import { valueToJson } from '../../src/value/json.ts'
import type { EntityUid } from '../../src/value/value.ts'
import { expressions } from '../generate/expressions.ts'
import { ENTITIES, INPUTS } from '../generate/universe.ts'
import { universeConditions } from '../generate/universe-expressions.ts'
import { evaluateText, EVALUATION, outcome, parse } from './evaluate-text.ts'
import { EXTENSION_ROWS } from './extension-rows.ts'
import { ENTITY_ROWS } from './entity-rows.ts'
import { ROWS } from './rows.ts'

const CODES: ReadonlySet<string> = new Set(Object.keys(POLICY_ERRORS))
const rows = Object.entries({ ...ROWS, ...ENTITY_ROWS, ...EXTENSION_ROWS }).flatMap(([name, list]) =>
  list.map(([text, expected]) => ({ name, text, expected: codeOr(expected) })),
)
const everything = partialOf({
  evaluation: EVALUATION,
  knows: (name) => name !== 'resource',
  knowsContext: () => true,
  knowsEntity: ({ type, id }) => type !== 'Doc' || ENTITIES.get({ kind: 'entity', type, id }) !== undefined,
  declared: NOTHING_DECLARED,
  proven: NOTHING_DECLARED,
})
const proof = proofOf(NOTHING_DECLARED)

function codeOr(expected: string): string {
  const code = `ERR_POLICY_EVALUATION_${expected}`
  return CODES.has(code) ? code : expected
}

describe.each(rows)('$name: $text', ({ text, expected }) => {
  it(`is ${expected}`, () => expect(evaluateText(text)).toBe(expected))

  it('keeps its outcome when what is known is computed before', () => {
    expect(outcome(foldConstants(parse(text)))).toBe(expected)
    expect(outcome(everything.residual(parse(text)))).toBe(expected)
  })

  it('is the same in Cedar', () => {
    const isError = CODES.has(expected)
    const condition = isError || expected === 'true' || expected === 'false' ? text : `(${text}) == (${expected})`
    const holds = expected !== 'false' && !isError
    expect(decideByCedar(condition)).toEqual({ holds, errs: isError })
  })
})

describe('the rows', () => {
  it('have every operator and every extension function', () => {
    const kinds = new Set<string>()
    const collect = (node: Expression): void => {
      kinds.add(node.kind)
      if (node.kind === 'call') kinds.add(node.function)
      for (const part of Object.values(node)) {
        const parts: unknown[] = part instanceof Map ? [...part.values()] : Array.isArray(part) ? part : [part]
        for (const each of parts) if (isNode(each)) collect(each)
      }
    }
    for (const { text } of rows) collect(parse(text))
    for (const name of Object.keys({ ...ROWS, ...ENTITY_ROWS, ...EXTENSION_ROWS })) expect(kinds).toContain(name)
    expect(Object.keys(EXTENSION_ROWS)).toHaveLength(22)
  })
})

describe('any expression', () => {
  const any = fc.oneof(universeConditions, expressions)

  it('has the same outcome with its constants folded and with its known parts evaluated', () => {
    fc.assert(
      fc.property(any, (node) => {
        const expected = kindOfOutcome(node)
        expect(kindOfOutcome(foldConstants(node))).toBe(expected)
        expect(kindOfOutcome(everything.residual(node))).toBe(expected)
      }),
      { numRuns: 5000 },
    )
  })

  it('is what is proven of it', () => {
    fc.assert(
      fc.property(any, (node) => {
        const result = compileExpression(node)(EVALUATION)
        if (proof.neverErrs(node)) expect(isFault(result)).toBe(false)
        const type = proof.typeOf(node)
        if (type !== undefined && !isFault(result)) expect(typeOfValue(result)).toEqual(type)
      }),
      { numRuns: 5000 },
    )
  })

  it.each([true, false])('keeps where it is %s when only that is asked', (wanted) => {
    fc.assert(
      fc.property(any, (node) => {
        const is = (each: Expression): boolean => compileExpression(each)(EVALUATION) === wanted
        expect(is(focusExpression(node, wanted))).toBe(is(node))
      }),
      { numRuns: 5000 },
    )
  })
})

/** The value, or that it errs: which of several faults is reported may differ. */
function kindOfOutcome(node: Expression): string {
  const text = outcome(node)
  return CODES.has(text) ? 'error' : text
}

function isNode(value: unknown): value is Expression {
  return typeof value === 'object' && value !== null && 'kind' in value && 'span' in value
}

const uid = ({ type, id }: EntityUid) => ({ type, id })
const toJson = (fields: Iterable<readonly [string, unknown]>) =>
  Object.fromEntries(fields) as Record<string, cedar.CedarValueJson>

function decideByCedar(condition: string): { holds: boolean; errs: boolean } {
  const answer = cedar.isAuthorized({
    principal: uid(EVALUATION.principal),
    action: uid(EVALUATION.action),
    resource: uid(EVALUATION.resource),
    context: toJson([...EVALUATION.context].map(([name, value]) => [name, valueToJson(value)])),
    policies: { staticPolicies: { p: `permit (principal, action, resource) when { ${condition} };` } },
    entities: INPUTS.map(({ uid: of, parents = [] }) => ({
      uid: uid(of),
      parents: parents.map(uid),
      attrs: toJson([...(ENTITIES.get(of)?.attributes ?? [])].map(([name, value]) => [name, valueToJson(value)])),
      tags: toJson([...(ENTITIES.get(of)?.tags ?? [])].map(([name, value]) => [name, valueToJson(value)])),
    })),
  })
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
  const { decision, diagnostics } = answer.response
  return { holds: decision === 'allow', errs: diagnostics.errors.length > 0 }
}
