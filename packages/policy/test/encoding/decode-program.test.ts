// Whatever is decoded, the result is policies or a `PolicyError` with a code of its own: nothing else is thrown, nothing is believed.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileProgram } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import { NO_ENTITIES } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { decodeProgram, encodeProgram, type EncodedProgram } from '../../src/encoding/index.ts'
import { PolicyError } from '../../src/errors.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import { printPolicy } from '../../src/print/print-policy.ts'

const TEXT = `@id("one") @doc("first")
permit (principal is User in Team::"a", action in [Action::"view", Action::"edit"], resource == Doc::"d")
when { principal.level > -3 && resource has a.b && context.name like "a*b" && [1, "x"].contains(9007199254740993) }
unless { if principal is User in Team::"b" then ip("10.0.0.1").isInRange(ip("10.0.0.0/8")) else {a: !context.b} == {a: -context.c} };
@id("two") forbid (principal in ?principal, action == Action::"view", resource is Doc in ?resource) when { principal.hasTag("t") };
permit (principal, action in Action::"all", resource);`
const SOURCES = [{ file: 'policy.cedar', text: TEXT }]
const VALID = encodeProgram(parsePolicies(TEXT).policies, SOURCES)

function codeOf(encoded: unknown, sources = SOURCES): string {
  try {
    decodeProgram(encoded, sources)
    return 'none'
  } catch (error) {
    if (error instanceof PolicyError) return error.code
    throw error
  }
}

/** A condition that is one expression: these integers behind kind and span of policy and condition. */
function withBody(texts: readonly string[], body: readonly number[], entities: readonly number[] = []): EncodedProgram {
  const policy = [0, 0, 0, 0, 0, 0, ...ALL, ...ALL, ...ALL]
  return { version: 1, texts, entities, policies: [...policy, 1, 0, 0, 0, ...body] }
}

const ALL = [0, 0, 0] as const
const TRUE = [0, 0, 0, 1] as const

it('what these rows change is valid', () => {
  expect(codeOf(VALID)).toBe('none')
  expect(codeOf(withBody(['p'], TRUE))).toBe('none')
})

describe('what is refused', () => {
  const deep = (levels: number): EncodedProgram =>
    withBody(['p'], [...Array.from({ length: levels }, () => [2, 0, 0]).flat(), ...TRUE])
  const deepValue = [0, 0, 0, ...Array.from({ length: 100_000 }, () => [6, 1]).flat(), 1]
  const { policies, texts, entities } = VALID
  const ROWS: Record<string, readonly [encoded: unknown, code: string]> = {
    nothing: [undefined, 'ERR_POLICY_ENCODING'],
    'a list': [[], 'ERR_POLICY_ENCODING_VERSION'],
    'no version': [{ texts, entities, policies }, 'ERR_POLICY_ENCODING_VERSION'],
    'the next version': [{ ...VALID, version: 2 }, 'ERR_POLICY_ENCODING_VERSION'],
    'the version as text': [{ ...VALID, version: '1' }, 'ERR_POLICY_ENCODING_VERSION'],
    'one more member': [{ ...VALID, more: [] }, 'ERR_POLICY_ENCODING'],
    'texts that are none': [{ ...VALID, texts: [...texts, 1] }, 'ERR_POLICY_ENCODING'],
    'no texts': [{ ...VALID, texts: undefined }, 'ERR_POLICY_ENCODING'],
    'half an integer': [{ ...VALID, policies: [...policies, 0.5] }, 'ERR_POLICY_ENCODING'],
    'an integer as text': [{ ...VALID, policies: [...policies, '0'] }, 'ERR_POLICY_ENCODING'],
    'an integer that was rounded': [{ ...VALID, policies: [...policies, 2 ** 53] }, 'ERR_POLICY_ENCODING'],
    'entities that are no list': [{ ...VALID, entities: {} }, 'ERR_POLICY_ENCODING'],
    'an entity without an id': [{ ...VALID, entities: [...entities, 0] }, 'ERR_POLICY_ENCODING'],
    'an entity outside of the texts': [{ ...VALID, entities: [...entities, 0, texts.length] }, 'ERR_POLICY_ENCODING'],
    'an entity before the texts': [{ ...VALID, entities: [...entities, -1, 0] }, 'ERR_POLICY_ENCODING'],
    'an entity type that is no name': [{ ...VALID, texts: ['', 'a b'], entities: [1, 0] }, 'ERR_POLICY_ENCODING'],
    'an early end': [{ ...VALID, policies: policies.slice(0, -1) }, 'ERR_POLICY_ENCODING'],
    'one integer too many': [{ ...VALID, policies: [...policies, 0] }, 'ERR_POLICY_ENCODING'],
    'an unknown node': [withBody(['p'], [31, 0, 0]), 'ERR_POLICY_ENCODING_KIND'],
    'a node below all': [withBody(['p'], [-1, 0, 0]), 'ERR_POLICY_ENCODING_KIND'],
    'an unknown value': [withBody(['p'], [0, 0, 0, 12]), 'ERR_POLICY_ENCODING_KIND'],
    'an unknown function': [withBody(['p'], [29, 0, 0, 22, 0]), 'ERR_POLICY_ENCODING'],
    'an unknown variable': [withBody(['p'], [1, 0, 0, 4]), 'ERR_POLICY_ENCODING'],
    'a text beyond the texts': [withBody(['p'], [0, 0, 0, 4, 1]), 'ERR_POLICY_ENCODING'],
    'an entity beyond the entities': [withBody(['p'], [0, 0, 0, 5, 0]), 'ERR_POLICY_ENCODING'],
    'an operator with one operand': [withBody(['p'], [5, 0, 0, ...TRUE]), 'ERR_POLICY_ENCODING'],
    'a list longer than what follows': [withBody(['p'], [27, 0, 0, 2 ** 52]), 'ERR_POLICY_ENCODING'],
    'a list of less than nothing': [withBody(['p'], [27, 0, 0, -1]), 'ERR_POLICY_ENCODING'],
    'a `has` of no name': [withBody(['p'], [24, 0, 0, 0, ...TRUE]), 'ERR_POLICY_ENCODING'],
    'a record with a field twice': [withBody(['p'], [28, 0, 0, 2, 0, ...TRUE, 0, ...TRUE]), 'ERR_POLICY_ENCODING'],
    'a record value with a field twice': [withBody(['p'], [0, 0, 0, 7, 2, 0, 1, 0, 1]), 'ERR_POLICY_ENCODING'],
    'a set value with an element twice': [withBody(['p'], [0, 0, 0, 6, 2, 1, 1]), 'ERR_POLICY_ENCODING'],
    'digits of a safe integer': [withBody(['1'], [0, 0, 0, 3, 0]), 'ERR_POLICY_ENCODING'],
    'digits beyond 64 bits': [withBody(['9223372036854775808'], [0, 0, 0, 3, 0]), 'ERR_POLICY_ENCODING'],
    'digits that are none': [withBody(['0x1'], [0, 0, 0, 9, 0]), 'ERR_POLICY_ENCODING'],
    'a million digits': [withBody(['9'.repeat(1_000_000)], [0, 0, 0, 10, 0]), 'ERR_POLICY_ENCODING'],
    'an address that is none': [withBody(['1.2.3'], [0, 0, 0, 8, 0]), 'ERR_POLICY_ENCODING'],
    'a type that is no name after `is`': [withBody(['p', 'a b'], [26, 0, 0, 1, 0, ...TRUE]), 'ERR_POLICY_ENCODING'],
    'a span before its text': [withBody(['p'], [0, -1, 0, 1]), 'ERR_POLICY_ENCODING_SPAN'],
    'a span behind its text': [withBody(['p'], [0, TEXT.length, 1, 1]), 'ERR_POLICY_ENCODING_SPAN'],
    'a span that ends before it begins': [withBody(['p'], [0, 5, -1, 1]), 'ERR_POLICY_ENCODING_SPAN'],
    'one level too many': [deep(1000), 'ERR_POLICY_ENCODING_DEPTH'],
    'levels without end': [deep(100_000), 'ERR_POLICY_ENCODING_DEPTH'],
    'a value without end': [withBody(['p'], deepValue), 'ERR_POLICY_ENCODING_DEPTH'],
  }
  it.each(Object.entries(ROWS))('%s', (_, [encoded, code]) => {
    expect(codeOf(encoded)).toBe(code)
  })

  it('a file beyond the sources', () => {
    expect(codeOf(VALID, [])).toBe('ERR_POLICY_ENCODING')
  })

  it('places of a longer text', () => {
    expect(codeOf(VALID, [{ file: 'policy.cedar', text: TEXT.slice(0, -1) }])).toBe('ERR_POLICY_ENCODING_SPAN')
  })

  it('nothing at the last level that the parser makes', () => {
    expect(codeOf(deep(999))).toBe('none')
  })

  const scope = (...integers: readonly number[]): unknown => ({
    version: 1,
    texts: ['p', 'User'],
    entities: [1, 0],
    policies: [0, 0, 0, 0, 0, 0, ...integers],
  })
  const SCOPES: Record<string, readonly [encoded: unknown, code: string]> = {
    'nothing of these': [scope(1, 0, 0, -1, ...ALL, 3, 0, 0, 1, 0), 'none'],
    'the slot of the other': [scope(1, 0, 0, -2, ...ALL, ...ALL, 0), 'ERR_POLICY_ENCODING'],
    'a slot that is none': [scope(1, 0, 0, -3, ...ALL, ...ALL, 0), 'ERR_POLICY_ENCODING'],
    'a slot for the action': [scope(...ALL, 1, 0, 0, -1, ...ALL, 0), 'ERR_POLICY_ENCODING'],
    'an unknown scope': [scope(6, 0, 0, ...ALL, ...ALL, 0), 'ERR_POLICY_ENCODING_KIND'],
    'a list of principals': [scope(5, 0, 0, 0, ...ALL, ...ALL, 0), 'ERR_POLICY_ENCODING_KIND'],
    'an action with a type': [scope(...ALL, 3, 0, 0, 1, ...ALL, 0), 'ERR_POLICY_ENCODING_KIND'],
  }
  it.each(Object.entries(SCOPES))('of scopes: %s', (_, [encoded, code]) => {
    expect(codeOf(encoded)).toBe(code)
  })

  it('an annotation twice', () => {
    const policies = [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, ...ALL, ...ALL, ...ALL, 0]
    expect(codeOf({ version: 1, texts: ['p'], entities: [], policies })).toBe('ERR_POLICY_ENCODING')
  })
})

describe('damage to what was valid', () => {
  const REQUEST = {
    principal: entityUid('User', 'a'),
    action: entityUid('Action', 'view'),
    resource: entityUid('Doc', 'd'),
    context: new Map(),
    entities: NO_ENTITIES,
  }
  const integers = fc.oneof(
    fc.integer({ min: -3, max: 40 }),
    fc.constantFrom(TEXT.length, -TEXT.length, 2 ** 31, 2 ** 53 - 1, -(2 ** 53 - 1)),
  )
  const damage = fc.record({
    member: fc.constantFrom('policies', 'policies', 'policies', 'entities'),
    at: fc.nat(),
    remove: fc.nat(3),
    insert: fc.array(integers, { maxLength: 3 }),
  })

  it('makes other policies that can be printed, compiled and decided with, or an error of ours', () => {
    const seen = { refused: 0, accepted: 0 }
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 2 }), (changes) => {
        const encoded = { ...VALID, policies: [...VALID.policies], entities: [...VALID.entities] }
        for (const { member, at, remove, insert } of changes) {
          const list = encoded[member]
          list.splice(at % (list.length + 1), remove, ...insert)
        }
        try {
          const policies = decodeProgram(encoded, SOURCES)
          for (const policy of policies) expect(printPolicy(policy)).not.toBe('')
          expect(['allow', 'deny']).toContain(decide(compileProgram(policies), REQUEST).decision)
          seen.accepted += 1
        } catch (error) {
          expect(error).toBeInstanceOf(PolicyError)
          expect((error as PolicyError).code).toMatch(/^ERR_POLICY_(?:ENCODING|SOURCES)/)
          seen.refused += 1
        }
      }),
      {
        numRuns: 5000,
        examples: [
          // a method without a receiver
          [
            [
              { member: 'policies', at: 1_315_705_452, remove: 2, insert: [] },
              { member: 'policies', at: 502_731_725, remove: 3, insert: [29, 0] },
            ],
          ],
        ],
      },
    )
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100)
  })

  it('of any other JSON is an error of ours', () => {
    const member = fc.option(fc.jsonValue())
    const any = fc.record({ version: fc.constant(1), texts: member, entities: member, policies: member })
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), any), (json) => {
        expect(codeOf(json)).toMatch(/^(?:none|ERR_POLICY_ENCODING\w*)$/)
      }),
      { numRuns: 1000 },
    )
  })
})
