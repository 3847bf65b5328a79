import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  contextValues,
  entityUid,
  type InputSource,
  inputValue,
  parseDatetime,
  parseDecimal,
  parseDuration,
  parseIp,
  PolicyError,
  recordValue,
  setValue,
  type TypeDefinition,
  type Value,
  valueEquals,
} from '../../src/index.ts'
import { formatValue } from '../../src/print/index.ts'
import { documents } from './documents.ts'

const BOOL: TypeDefinition = { type: 'Bool' }
const LONG: TypeDefinition = { type: 'Long' }
const USER: TypeDefinition = { type: 'Entity', name: 'User' }
const USERS: TypeDefinition = { type: 'Set', element: USER }
const META = documents.entities.Document.attributes.meta
const noon = parseDatetime('2026-03-01T12:00:00Z')

describe('inputValue', () => {
  const both: readonly InputSource[] = ['code', 'column']
  const good: readonly (readonly [string, TypeDefinition, unknown, Value | undefined, readonly InputSource[]])[] = [
    ['a boolean', BOOL, true, true, both],
    ['a bit', BOOL, 1, true, ['column']],
    ['a wide bit', BOOL, 0n, false, ['column']],
    ['an integer', LONG, -5, -5, both],
    ['a wide integer', LONG, 2n ** 60n, 2n ** 60n, both],
    ['a bigint that is safe', LONG, 5n, 5, both],
    ['decimal text of an integer', LONG, '-9007199254740993', -9007199254740993n, ['column']],
    ['a text', { type: 'String' }, '', '', both],
    ['a decimal', { type: 'decimal' }, '12.50', parseDecimal('12.5'), both],
    ['an address', { type: 'ipaddr' }, '10.0.0.0/8', parseIp('10.0.0.0/8'), both],
    ['a duration', { type: 'duration' }, '1h30m', parseDuration('90m'), both],
    ['a date', { type: 'datetime' }, new Date('2026-03-01T12:00:00Z'), noon, both],
    ['milliseconds', { type: 'datetime' }, Date.UTC(2026, 2, 1, 12), noon, both],
    ['a time with its zone', { type: 'datetime' }, '2026-03-01T13:00:00+0100', noon, both],
    ['what a `Date` says as JSON', { type: 'datetime' }, '2026-03-01T12:00:00.000Z', noon, both],
    ['an id', USER, 'ann', entityUid('User', 'ann'), both],
    ['an array', USERS, ['a', 'b', 'a'], setValue([entityUid('User', 'a'), entityUid('User', 'b')]), both],
    ['JSON text of an array', USERS, '["a"]', setValue([entityUid('User', 'a')]), ['column']],
    ['an object', META, { pages: 3 }, recordValue({ pages: 3 }), both],
    ['an object with an optional null', META, { pages: 3, language: null }, recordValue({ pages: 3 }), both],
    [
      'JSON text of an object',
      META,
      '{"pages":3,"language":"en"}',
      recordValue({ pages: 3, language: 'en' }),
      ['column'],
    ],
    ['a reference', USER, entityUid('User', 'ann'), entityUid('User', 'ann'), ['code']],
    ['an address as value', { type: 'ipaddr' }, parseIp('::1'), parseIp('::1'), ['code']],
    ['a set as value', USERS, setValue([entityUid('User', 'a')]), setValue([entityUid('User', 'a')]), ['code']],
    ['a record as value', META, recordValue({ pages: 3 }), recordValue({ pages: 3 }), ['code']],
  ]
  it.each(good.flatMap((row) => row[4].map((source) => [row[0], source, row] as const)))(
    'takes %s from %s',
    (_, source, [, type, input, expected]) => {
      const value = inputValue(type, input, source, 'it')
      expect(expected !== undefined && valueEquals(value, expected)).toBe(true)
    },
  )
  const onlyOne = good.filter((row) => row[4].length === 1)
  it.each(onlyOne)('refuses %s from elsewhere', (_, type, input, _expected, [source]) => {
    expect(refusal(type, input, source === 'code' ? 'column' : 'code').code).toBe('ERR_POLICY_VALUE')
  })

  const bad: readonly (readonly [string, TypeDefinition, unknown])[] = [
    ['null', BOOL, null],
    ['undefined', BOOL, undefined],
    ['a text for a Bool', BOOL, 'true'],
    ['2 for a Bool', BOOL, 2],
    ['a fraction', LONG, 0.5],
    ['NaN', LONG, Number.NaN],
    ['infinity', LONG, Number.POSITIVE_INFINITY],
    ['an integer that lost digits', LONG, 2 ** 53],
    ['an integer beyond 64 bits', LONG, 2n ** 63n],
    ['a text of one', LONG, '9223372036854775808'],
    ['a number in another notation', LONG, '1e3'],
    ['a number with leading zeros', LONG, '007'],
    ['an unpaired surrogate', { type: 'String' }, '\ud800'],
    ['an id with one', USER, '\udc00'],
    ['a number as id', USER, 7],
    ['a reference to another type', USER, entityUid('Team', 'ann')],
    ['a local time', { type: 'datetime' }, '2026-03-01T12:00:00'],
    ['a time as SQL writes it', { type: 'datetime' }, '2026-03-01 12:00:00+00'],
    ['no date', { type: 'datetime' }, new Date(Number.NaN)],
    ['a number for a decimal', { type: 'decimal' }, 12.5],
    ['five digits for a decimal', { type: 'decimal' }, '0.00001'],
    ['a name for an address', { type: 'ipaddr' }, 'localhost'],
    ['an object for a set', USERS, { length: 0 }],
    ['a set with null', USERS, [null]],
    ['a list for a record', META, []],
    ['a record without a field', META, {}],
    ['a record with an unknown field', META, { pages: 1, size: 3 }],
    ['a record with a null that is required', META, { pages: null }],
    ['a function', META, () => 3],
    ['JSON that is none', META, '{pages: 3}'],
    ['JSON null', META, 'null'],
    [
      'an object that looks like an address',
      { type: 'ipaddr' },
      { kind: 'ipaddr', family: 4, address: 1n, prefix: 32 },
    ],
    ['an address out of range', { type: 'ipaddr' }, { kind: 'ipaddr', family: 4, address: 2 ** 32, prefix: 32 }],
    ['an object that looks like a datetime', { type: 'datetime' }, { kind: 'datetime', milliseconds: 5 }],
    ['an object that looks like a record', META, { kind: 'record', fields: { pages: 3 } }],
  ]
  it.each(bad.flatMap((row) => both.map((source) => [row[0], source, row] as const)))(
    'refuses %s from %s',
    (_, source, [, type, input]) => expect(refusal(type, input, source).code).toBe('ERR_POLICY_VALUE'),
  )

  it('says where, and never the value', () => {
    const error = refusal(USERS, ['ann', { secret: 'hunter2' }], 'code')
    expect(error.message).toBe('an element of it must be of type `User`')
    expect(error.hint).toMatch(/id/)
  })

  it('never takes a Long for another Long', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (integer) => {
        const fits = integer >= -(2n ** 63n) && integer < 2n ** 63n
        for (const input of [integer, integer.toString()]) {
          if (fits) expect(formatValue(inputValue(LONG, input, 'column', 'it'))).toBe(String(integer))
          else expect(() => inputValue(LONG, input, 'column', 'it')).toThrow(PolicyError)
        }
      }),
    )
  })

  it('gives a value or our error, whatever comes', () => {
    const types: readonly TypeDefinition[] = [
      BOOL,
      LONG,
      USER,
      USERS,
      META,
      { type: 'String' },
      { type: 'ipaddr' },
      { type: 'datetime' },
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        fc.constantFrom<InputSource>('code', 'column'),
        (type, input, source) => {
          try {
            inputValue(type, input, source, 'it')
          } catch (error) {
            expect(error).toBeInstanceOf(PolicyError)
          }
        },
      ),
    )
  })
})

describe('contextValues', () => {
  const { share, view } = documents.actions

  it('converts what the action declares', () => {
    const context = contextValues(share, { outside: true, until: new Date(0), note: undefined })
    expect([...context.keys()]).toEqual(['outside', 'until'])
    expect([...contextValues(view)]).toEqual([])
  })

  const bad: readonly (readonly [string, object | undefined, string])[] = [
    ['a reserved name', { outside: true, ip: '10.0.0.1' }, 'ERR_POLICY_CONTEXT_RESERVED'],
    ['a reserved name that is undefined', { outside: true, now: undefined }, 'ERR_POLICY_CONTEXT_RESERVED'],
    ['a reserved name that the action does not declare', { outside: true, acr: 'mfa' }, 'ERR_POLICY_CONTEXT_RESERVED'],
    ['nothing where something is required', undefined, 'ERR_POLICY_VALUE'],
    ['an unknown name', { outside: true, notes: '' }, 'ERR_POLICY_VALUE'],
    ['another type', { outside: 1 }, 'ERR_POLICY_VALUE'],
  ]
  it.each(bad)('refuses %s', (_, input, code) => {
    expect(() => contextValues(share, input)).toThrow(expect.objectContaining({ code }))
  })
})

function refusal(type: TypeDefinition, input: unknown, source: InputSource): PolicyError {
  try {
    inputValue(type, input, source, 'it')
  } catch (error) {
    if (error instanceof PolicyError) return error
    throw error
  }
  throw new TypeError('the input was taken')
}
