import {
  parseDatetime,
  parseDecimal,
  parseDuration,
  parseIp,
  recordValue,
  setValue,
  type TypeDefinition,
  type Value,
  entityUid,
} from '@cardea/policy'
import { formatValue } from '@cardea/policy/print'
import { expect, test } from 'vitest'
import { claimOfValue, valueOfClaim } from '../../src/principal/claim-value.ts'
import { codeOf, travel } from '../documents.ts'

const nested: TypeDefinition = {
  type: 'Set',
  element: {
    type: 'Record',
    attributes: { who: { type: 'Entity', name: 'User' }, since: { type: 'datetime', optional: true } },
  },
}
const ROWS: Record<string, [Value | undefined, TypeDefinition, unknown]> = {
  Bool: [true, { type: 'Bool' }, true],
  Long: [-7, { type: 'Long' }, -7],
  'a Long beyond 2^53': [9_223_372_036_854_775_807n, { type: 'Long' }, { __long: '9223372036854775807' }],
  String: ['__proto__', { type: 'String' }, '__proto__'],
  Entity: [entityUid('User', 'a"b'), { type: 'Entity', name: 'User' }, 'a"b'],
  decimal: [parseDecimal('1.5'), { type: 'decimal' }, '1.5'],
  ipaddr: [parseIp('10.0.0.0/8'), { type: 'ipaddr' }, '10.0.0.0/8'],
  datetime: [parseDatetime('2026-01-01'), { type: 'datetime' }, '2026-01-01'],
  duration: [parseDuration('1h'), { type: 'duration' }, '1h'],
  nested: [setValue([recordValue({ who: entityUid('User', 'ann') })]), nested, [{ who: 'ann' }]],
}
test.each(Object.entries(ROWS))('%s', (_, [value, type, claim]) => {
  if (value === undefined) throw new Error('the literal is fine')
  expect(claimOfValue(value, type)).toEqual(claim)
  expect(formatValue(valueOfClaim(travel(claim), type))).toBe(formatValue(value))
})

test('an instant that no literal can say comes back too', () => {
  const far: Value = { kind: 'datetime', milliseconds: 9_000_000_000_000_000n }
  expect(valueOfClaim(travel(claimOfValue(far, { type: 'datetime' })), { type: 'datetime' })).toEqual(far)
})

const REFUSED: Record<string, [unknown, TypeDefinition]> = {
  'a reference with its own type': [{ __entity: { type: 'Admin', id: 'x' } }, { type: 'Entity', name: 'User' }],
  'an empty id': ['', { type: 'Entity', name: 'User' }],
  'a set that is an object': [{ length: 0 }, { type: 'Set', element: { type: 'Long' } }],
  'an element of another type': [['1'], { type: 'Set', element: { type: 'Long' } }],
  'a field that the type does not have': [[{ who: 'ann', admin: true }], nested],
  'a required field that is missing': [[{}], nested],
  'a field named `__proto__`': [JSON.parse('[{"who":"ann","__proto__":1}]'), nested],
  'a text that is no address': ['10.0.0.256', { type: 'ipaddr' }],
  null: [null, { type: 'String' }],
  'a lone surrogate': ['\ud800', { type: 'String' }],
}
test.each(Object.entries(REFUSED))('refuses %s', (_, [claim, type]) => {
  expect(codeOf(() => valueOfClaim(claim, type))).toBe('ERR_CLAIMS_ATTRIBUTE')
})
