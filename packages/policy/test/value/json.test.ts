// Values from and to JSON: what is written reads back, types direct the reading, and what would lose something is refused.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PolicyError } from '../../src/errors.ts'
import type { TypeDefinition } from '../../src/schema/definition.ts'
import { valueEquals } from '../../src/value/equality.ts'
import { formatValue } from '../../src/value/format.ts'
import { valueFromJson, valueToJson } from '../../src/value/json.ts'
import { values } from '../generate/values.ts'

const LONG: TypeDefinition = { type: 'Long' }
const RECORD: TypeDefinition = {
  type: 'Record',
  attributes: { at: { type: 'datetime' }, who: { type: 'Entity', name: 'User' } },
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return error instanceof PolicyError ? error.code : String(error)
  }
}

describe('valueToJson', () => {
  it('writes what reads back as the same value, also as text', () => {
    fc.assert(
      fc.property(values, (value) => {
        const json = valueToJson(value)
        expect(valueEquals(valueFromJson(JSON.parse(JSON.stringify(json))), value)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps a field called __proto__', () => {
    const json = valueToJson(valueFromJson(JSON.parse('{"__proto__": {"a": 1}}')))
    expect(JSON.stringify(json)).toBe('{"__proto__":{"a":1}}')
    expect(Object.getPrototypeOf(json)).toBe(Object.prototype)
  })
})

describe('valueFromJson', () => {
  it.each<[string, unknown, TypeDefinition | undefined, string]>([
    ['an explicit entity', { __entity: { type: 'User', id: 'a' } }, undefined, 'User::"a"'],
    ['an entity by type', { type: 'User', id: 'a' }, { type: 'Entity', name: 'User' }, 'User::"a"'],
    [
      'an explicit entity by type',
      { __entity: { type: 'User', id: 'a' } },
      { type: 'Entity', name: 'User' },
      'User::"a"',
    ],
    ['what looks like an entity', { type: 'User', id: 'a' }, undefined, '{"type": "User", "id": "a"}'],
    ['an explicit address', { __extn: { fn: 'ip', arg: '::1' } }, undefined, 'ip("::1")'],
    ['an address by type', '10.0.0.0/8', { type: 'ipaddr' }, 'ip("10.0.0.0/8")'],
    ['a call by type', { fn: 'decimal', arg: '1.0' }, { type: 'decimal' }, 'decimal("1.0")'],
    ['what looks like an address', '10.0.0.0', undefined, '"10.0.0.0"'],
    [
      'an instant far away',
      {
        __extn: {
          fn: 'offset',
          args: [{ __extn: { fn: 'datetime', arg: '1970-01-01' } }, { __extn: { fn: 'duration', arg: '-1ms' } }],
        },
      },
      undefined,
      'datetime("1969-12-31T23:59:59.999Z")',
    ],
    [
      'a record by type',
      { at: '2024-01-01', who: { type: 'User', id: 'a' }, more: 1 },
      RECORD,
      '{"at": datetime("2024-01-01"), "who": User::"a", "more": 1}',
    ],
    ['a set by type', ['1.0', '1.00'], { type: 'Set', element: { type: 'decimal' } }, '[decimal("1.0")]'],
    ['a Long in words', { __long: '9223372036854775807' }, LONG, '9223372036854775807'],
    ['a Long in words without type', { __long: '1' }, undefined, '1'],
    ['a BigInt', 9007199254740993n, undefined, '9007199254740993'],
    ['a small BigInt', 1n, LONG, '1'],
    ['minus zero', -0, undefined, '0'],
    [
      'field names that bite',
      JSON.parse('{"__proto__": 1, "constructor": 2}'),
      undefined,
      '{"__proto__": 1, "constructor": 2}',
    ],
  ])('reads %s', (_, json, type, text) => expect(formatValue(valueFromJson(json, type))).toBe(text))

  it.each<[string, unknown, TypeDefinition | undefined, string]>([
    ['null', null, undefined, 'ERR_POLICY_VALUE'],
    ['undefined', undefined, undefined, 'ERR_POLICY_VALUE'],
    ['a function', () => 1, undefined, 'ERR_POLICY_VALUE'],
    ['null in a record', { a: null }, undefined, 'ERR_POLICY_VALUE'],
    ['a fraction', 1.5, undefined, 'ERR_POLICY_VALUE_LONG'],
    ['a number that lost digits', 2 ** 53 + 2, undefined, 'ERR_POLICY_VALUE_LONG'],
    ['a Long that does not fit', 2n ** 63n, LONG, 'ERR_POLICY_VALUE_LONG'],
    ['words that are no Long', { __long: '1e3' }, LONG, 'ERR_POLICY_VALUE'],
    ['NaN', Number.NaN, LONG, 'ERR_POLICY_VALUE_LONG'],
    ['a text for a Long', '1', LONG, 'ERR_POLICY_VALUE'],
    ['a Long for a Bool', 1, { type: 'Bool' }, 'ERR_POLICY_VALUE'],
    ['a Bool for a String', true, { type: 'String' }, 'ERR_POLICY_VALUE'],
    ['an entity of another type', { type: 'Team', id: 'a' }, { type: 'Entity', name: 'User' }, 'ERR_POLICY_VALUE'],
    ['an entity without id', { __entity: { type: 'User' } }, undefined, 'ERR_POLICY_VALUE'],
    ['no address', '10.0.0', { type: 'ipaddr' }, 'ERR_POLICY_VALUE'],
    ['an address for a decimal', { __extn: { fn: 'ip', arg: '::1' } }, { type: 'decimal' }, 'ERR_POLICY_VALUE'],
    ['an unknown function', { __extn: { fn: 'toString', arg: '1' } }, undefined, 'ERR_POLICY_VALUE'],
    ['a malformed call', { __extn: 1 }, undefined, 'ERR_POLICY_VALUE'],
    ['an object for a set', {}, { type: 'Set', element: LONG }, 'ERR_POLICY_VALUE'],
    ['a list for a record', [], RECORD, 'ERR_POLICY_VALUE'],
    ['an unpaired surrogate', '\ud800', undefined, 'ERR_POLICY_VALUE'],
    ['an unpaired surrogate in an id', { __entity: { type: 'User', id: '\udc00' } }, undefined, 'ERR_POLICY_VALUE'],
    ['depth', JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`), undefined, 'ERR_POLICY_VALUE_DEPTH'],
  ])('refuses %s', (_, json, type, code) => expect(codeOf(() => valueFromJson(json, type))).toBe(code))

  it('never puts a value in a message', () => {
    for (const json of ['secret-value', { secret: 'value' }, ['secret-value']]) {
      expect(() => valueFromJson(json, LONG)).toThrow(/^(?!.*(?:secret|value-))/)
    }
  })
})
