// fast-check generators of expression trees as the parser makes them: whatever comes out can be printed and parsed back.
// Types are not respected: most expressions err when evaluated, which is what decisions must survive too.

import fc from 'fast-check'
import type {
  Binary,
  Expression,
  ExtensionConstructor,
  ExtensionMethod,
  PatternPart,
  Span,
  VariableName,
} from '../../src/syntax/tree.ts'
import type { EntityUid, Long } from '../../src/value/value.ts'

/** The place of everything generated. */
export const NOWHERE: Span = { file: 'generated', start: 0, end: 0 }

/** Names that may stand without quotes, among them keywords that are not reserved and names that bite in JavaScript. */
export const names: fc.Arbitrary<string> = fc.constantFrom(
  'a',
  'b',
  'name',
  'owner',
  'constructor',
  'toString',
  '__proto__',
  'hasOwnProperty',
  'principal',
  'context',
  'when',
  'permit',
  'ip',
  'contains',
  '_',
  'A1_',
)

/** Attribute names and texts: names, words that must be quoted, and any Unicode text. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: names },
  fc.constantFrom('', 'if', 'is', '__cedar', 'a b', '"', '\\', '*', '\\*', '\n\r\t\0', '\u202e', 'é', '日本', '😀'),
  fc.string({ unit: 'binary', maxLength: 6 }),
)

export const typeNames: fc.Arbitrary<string> = fc
  .tuple(fc.array(names, { maxLength: 2 }), fc.constantFrom('User', 'Document', 'Team', 'principal'))
  .map(([path, name]) => [...path, name].join('::'))

export const entities: fc.Arbitrary<EntityUid> = fc
  .tuple(typeNames, texts)
  .map(([type, id]) => ({ kind: 'entity', type, id }))

/** Longs in canonical form, crowded around the borders of 32, 53 and 64 bits. */
export const longs: fc.Arbitrary<Long> = fc
  .oneof(
    fc.integer({ min: -3, max: 3 }).map(BigInt),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc
      .tuple(fc.constantFrom(31n, 32n, 53n, 63n), fc.constantFrom(-1n, 1n), fc.constantFrom(-1n, 0n, 1n))
      .map(([bits, sign, offset]) => BigInt.asIntN(64, sign * 2n ** bits + offset)),
  )
  .map((integer) => (Number.isSafeInteger(Number(integer)) ? Number(integer) : integer))

const patterns: fc.Arbitrary<readonly PatternPart[]> = fc
  .array(fc.option(texts, { nil: undefined }), { maxLength: 4 })
  .map((parts) => {
    const merged: PatternPart[] = []
    for (const text of parts) {
      const last = merged.at(-1)
      if (text === undefined) merged.push({ kind: 'wildcard' })
      else if (last?.kind === 'text') merged[merged.length - 1] = { kind: 'text', text: last.text + text }
      else if (text !== '') merged.push({ kind: 'text', text })
    }
    return merged
  })

const BINARIES: readonly Binary['kind'][] = [
  'and',
  'or',
  'equal',
  'notEqual',
  'less',
  'lessEqual',
  'greater',
  'greaterEqual',
  'add',
  'subtract',
  'multiply',
  'in',
  'contains',
  'containsAll',
  'containsAny',
  'getTag',
  'hasTag',
]

const CONSTRUCTORS: readonly ExtensionConstructor[] = ['ip', 'decimal', 'datetime', 'duration']

const METHODS: readonly ExtensionMethod[] = [
  'isIpv4',
  'isIpv6',
  'isLoopback',
  'isMulticast',
  'isInRange',
  'lessThan',
  'lessThanOrEqual',
  'greaterThan',
  'greaterThanOrEqual',
  'offset',
  'durationSince',
  'toDate',
  'toTime',
  'toMilliseconds',
  'toSeconds',
  'toMinutes',
  'toHours',
  'toDays',
]

/** Texts that extension constructors take, and some that they refuse. */
const EXTENSION_TEXTS = ['10.0.0.0/8', '::1', '1.5', '-0.0001', '2024-02-29', '2024-01-01T10:00:00Z', '-1d2h', 'none']

const variables: fc.Arbitrary<Expression> = fc
  .constantFrom<VariableName>('principal', 'action', 'resource', 'context')
  .map((name) => ({ kind: 'variable', name, span: NOWHERE }))

const literals: fc.Arbitrary<Expression> = fc
  .oneof(fc.boolean(), longs, texts, entities)
  .map((value) => ({ kind: 'literal', value, span: NOWHERE }))

const constructions: fc.Arbitrary<Expression> = fc
  .tuple(fc.constantFrom(...CONSTRUCTORS), fc.constantFrom(...EXTENSION_TEXTS))
  .map(([name, text]) => ({
    kind: 'call',
    function: name,
    arguments: [{ kind: 'literal', value: text, span: NOWHERE }],
    span: NOWHERE,
  }))

const paths: fc.Arbitrary<readonly string[]> = fc.oneof(
  texts.map((name) => [name]),
  fc.array(names, { minLength: 2, maxLength: 3 }),
)

/** Expressions of every kind, nested up to about five deep. */
export const expressions: fc.Arbitrary<Expression> = fc.letrec<{ whole: Expression }>((tie) => {
  const inner = tie('whole')
  const span = fc.constant(NOWHERE)
  return {
    whole: fc.oneof(
      { maxDepth: 5, depthSize: 'small', withCrossShrink: true },
      variables,
      literals,
      constructions,
      fc.record({ kind: fc.constantFrom('not', 'negate', 'isEmpty'), operand: inner, span }),
      fc.record({ kind: fc.constantFrom(...BINARIES), left: inner, right: inner, span }),
      fc.record({ kind: fc.constant('if'), test: inner, then: inner, else: inner, span }),
      fc.record({ kind: fc.constant('attribute'), of: inner, name: texts, span }),
      fc.record({ kind: fc.constant('has'), of: inner, path: paths, span }),
      fc.record({ kind: fc.constant('like'), of: inner, pattern: patterns, span }),
      fc.record({ kind: fc.constant('is'), of: inner, type: typeNames, span }),
      fc.record({ kind: fc.constant('is'), of: inner, type: typeNames, in: inner, span }),
      fc.record({ kind: fc.constant('set'), elements: fc.array(inner, { maxLength: 3 }), span }),
      fc.record({
        kind: fc.constant('record'),
        fields: fc.array(fc.tuple(texts, inner), { maxLength: 3 }).map((fields) => new Map(fields)),
        span,
      }),
      fc.record({
        kind: fc.constant('call'),
        function: fc.constantFrom(...METHODS),
        arguments: fc.array(inner, { minLength: 1, maxLength: 2 }),
        span,
      }),
      fc.record({
        kind: fc.constant('call'),
        function: fc.constantFrom(...CONSTRUCTORS),
        arguments: fc.array(inner, { maxLength: 2 }),
        span,
      }),
    ),
  }
}).whole
