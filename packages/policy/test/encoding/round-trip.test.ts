// What was encoded is decoded as it was, through JSON and exactly, and the same policies have the same encoding.

import { readdirSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeProgram, encodeProgram, type EncodedSource } from '../../src/encoding/index.ts'
import { SYNTAX_LIMITS } from '../../src/syntax/limits.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import type { Expression, Policy } from '../../src/syntax/tree.ts'
import { recordValue } from '../../src/value/record.ts'
import type { Value } from '../../src/value/value.ts'
import { expressions, NOWHERE } from '../generate/expressions.ts'
import { policies, templates } from '../generate/policies.ts'
import { universes } from '../generate/universe-policies.ts'
import { values } from '../generate/values.ts'

const GENERATED: readonly EncodedSource[] = [{ file: NOWHERE.file, text: '' }]

function throughJson(given: readonly Policy[], sources: readonly EncodedSource[] = GENERATED): readonly Policy[] {
  return decodeProgram(JSON.parse(JSON.stringify(encodeProgram(given, sources))), sources)
}

const SCOPE = { kind: 'all', span: NOWHERE } as const

function policyWith(body: Expression): Policy {
  const conditions = [{ kind: 'when', body, span: NOWHERE }] as const
  const scope = { principal: SCOPE, action: SCOPE, resource: SCOPE }
  return { id: 'p', effect: 'permit', annotations: new Map(), ...scope, conditions, slots: [], span: NOWHERE }
}

const literal = (value: Value): Expression => ({ kind: 'literal', value, span: NOWHERE })

describe('decoding undoes encoding', () => {
  it('for policies and templates of every form', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(policies, templates), { maxLength: 4 }), (given) => {
        expect(throughJson(given)).toEqual(given)
      }),
      { numRuns: 500 },
    )
  })

  it('for the policies of the small world', () => {
    fc.assert(
      fc.property(universes, ({ policies: given }) => {
        expect(throughJson(given)).toEqual(given)
      }),
      { numRuns: 300 },
    )
  })

  it('for every value, as a residual holds them', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(throughJson([policyWith(literal(value))])).toEqual([policyWith(literal(value))])
      }),
      { numRuns: 2000 },
    )
  })

  it('for faults', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), expressions, (code, message, right) => {
        const fault: Expression = { kind: 'fault', code, message, span: NOWHERE }
        const given = [policyWith({ kind: 'and', left: fault, right, span: NOWHERE })]
        expect(throughJson(given)).toEqual(given)
      }),
    )
  })

  const EDGES: Record<string, Value> = {
    'the smallest Long': -(2n ** 63n),
    'the largest Long': 2n ** 63n - 1n,
    'the first that a double cannot hold': 2n ** 53n,
    'half a character': '\ud800',
    'the other half': 'a\udfffb',
    'a line separator': '\u2028\u0000',
    'a field that bites': recordValue([
      ['__proto__', 1],
      ['constructor', { kind: 'entity', type: 'User', id: '__proto__' }],
      ['toJSON', true],
    ]),
    'an instant that has no text': { kind: 'datetime', milliseconds: -(2n ** 63n) },
    'an empty set': { kind: 'set', elements: [] },
  }
  it.each(Object.entries(EDGES))('for %s', (_, value) => {
    expect(throughJson([policyWith(literal(value))])).toEqual([policyWith(literal(value))])
  })

  it('for a tree as high as the parser makes', () => {
    const chain = Array.from({ length: SYNTAX_LIMITS.height - 1 }, () => 'true').join(' && ')
    const text = `permit (principal, action, resource) when { ${chain} };`
    const { policies: given, problems } = parsePolicies(text)
    expect(problems).toEqual([])
    expect(throughJson(given, [{ file: 'policy.cedar', text }])).toEqual(given)
  })

  it('for twenty thousand policies of two files', () => {
    const sources = ['a.cedar', 'b.cedar'].map((file) => ({
      file,
      text: Array.from(
        { length: 10_000 },
        (_, at) => `@id("${file}-${at}") permit (principal in T::"${at}", action, resource);`,
      ).join('\n'),
    }))
    const given = sources.flatMap(({ file, text }) => parsePolicies(text, { file }).policies)
    expect(given).toHaveLength(20_000)
    expect(throughJson(given, sources)).toEqual(given)
  })
})

describe('every policy of the case files', () => {
  const FOLDER = new URL('../../../../conformance/cedar/', import.meta.url)
  const FILES = readdirSync(FOLDER).filter((name) => /\.jsonl?(?:\.gz)?$/.test(name))

  // 66 000 policies
  const SLOW = { timeout: 120_000 }

  it.each(FILES)('of %s comes back with its places', SLOW, (name) => {
    const bytes = readFileSync(new URL(name, FOLDER))
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
    const cases: readonly { readonly policy: string }[] = name.includes('.jsonl')
      ? text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : JSON.parse(text)
    const sources = cases.map(({ policy }, index) => ({ file: `${index}.cedar`, text: policy }))
    const given = sources.flatMap((source) => parsePolicies(source.text, { file: source.file }).policies)
    expect(given.length).toBeGreaterThanOrEqual(cases.length)
    expect(isDeepStrictEqual(throughJson(given, sources), given)).toBe(true)
  })

  it('are in as many files as there are', () => {
    expect(FILES).toHaveLength(4)
  })
})

describe('an encoding', () => {
  it('is the same for the same policies, and another for others', () => {
    fc.assert(
      fc.property(policies, policies, (left, right) => {
        const text = (policy: Policy): string => JSON.stringify(encodeProgram([policy], GENERATED))
        expect(text(structuredClone(left))).toBe(text(left))
        let same = true
        try {
          expect(right).toEqual(left)
        } catch {
          same = false
        }
        // the order of annotations and fields is the text's
        if (!same) expect(text(right)).not.toBe(text(left))
      }),
      { numRuns: 300 },
    )
  })

  it('has every text and every entity once', () => {
    const text = 'permit (principal == A::"a", action, resource in A::"a") when { "A" == A::"a" };'
    const { policies: given } = parsePolicies(text)
    const { texts, entities } = encodeProgram(given, [{ file: 'policy.cedar' }])
    expect({ texts, entities }).toEqual({ texts: ['policy0', 'A', 'a'], entities: [1, 2] })
  })

  it('of an expression nested too deeply is refused', () => {
    let body: Expression = literal(true)
    for (let level = 0; level < 5000; level++) body = { kind: 'not', operand: body, span: NOWHERE }
    expect(() => encodeProgram([policyWith(body)], GENERATED)).toThrow(
      expect.objectContaining({ code: 'ERR_POLICY_ENCODING_DEPTH' }),
    )
  })

  it('of a policy of another file is a mistake of the programmer', () => {
    expect(() => encodeProgram([policyWith(literal(true))], [])).toThrow(TypeError)
  })
})
