// What values guarantee where decisions rarely look: sets tell apart what only looks alike, and fields are found by their names
// however many there are and whatever was read before.

import {
  isInRange,
  parseDatetime,
  parseDecimal,
  parseDuration,
  parseIp,
  recordValue,
  setContains,
  setValue,
  type Value,
  valueEquals,
} from '@cardea/policy'
import type { Check } from './check.ts'

/** Pairwise unequal, though some look alike when they are written down. */
const DISTINCT: readonly Value[] = [
  recordValue({ a: 'x', b: 'y' }),
  recordValue({ a: 'xsbsy' }),
  setValue(['a', 'b']),
  setValue(['ab']),
  setValue(['asb']),
  recordValue({ a: setValue(['s']), b: true }),
  recordValue({ a: setValue([]), b: true }),
  { kind: 'entity', type: 'A', id: 'b' },
  { kind: 'entity', type: 'Asb', id: '' },
  { kind: 'datetime', milliseconds: 1n },
  { kind: 'duration', milliseconds: 1n },
  { kind: 'decimal', scaled: 1n },
  1,
  '1',
  true,
  'T',
]

/** Pairwise equal, though written in another order. */
const SAME: readonly (readonly [Value, Value])[] = [
  [setValue(['a', 'b']), setValue(['b', 'a'])],
  [recordValue({ a: 1, b: 2 }), recordValue({ b: 2, a: 1 })],
  [setValue([setValue(['a', 'b'])]), setValue([setValue(['b', 'a'])])],
]

/** Texts of the extension types, and the number that each is read as; `undefined` for those that are refused. */
const TEXTS = {
  datetime: [
    ['1970-01-02', 86_400_000n],
    ['1970-01-01T00:00:00+0100', -3_600_000n],
    ['1970-01-01T00:00:00-0130', 5_400_000n],
    ['2000-02-29', 951_782_400_000n],
    ['1900-02-29', undefined],
    ['2024-04-31', undefined],
    ['2024-13-01', undefined],
    ['2023-02-29', undefined],
    ['0001-01-01', -62_135_596_800_000n],
    ['2024-04-30T24:00:00Z', undefined],
    ['2024-04-30T23:59:60Z', undefined],
    ['2024-04-30T23:59:59+0060', undefined],
  ],
  decimal: [
    ['1.5', 15_000n],
    ['-1.5', -15_000n],
    ['1.23456', undefined],
    ['922337203685477.5807', 2n ** 63n - 1n],
    ['922337203685477.5808', undefined],
  ],
  duration: [
    ['1d2h3m4s5ms', 93_784_005n],
    ['-1s', -1000n],
    ['9223372036854775808ms', undefined],
    ['', undefined],
    ['-', undefined],
  ],
} as const
const READ = {
  datetime: (text: string) => parseDatetime(text)?.milliseconds,
  decimal: (text: string) => parseDecimal(text)?.scaled,
  duration: (text: string) => parseDuration(text)?.milliseconds,
} as const

const NO_ADDRESSES = ['01.2.3.4', '256.0.0.0', '1.2.3', '1.2.3.4/33', '::1/129', '1:2:3:4::5:6:7:8', '1::2::3']
const RANGES: readonly (readonly [inner: string, outer: string, isIn: boolean])[] = [
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.0.0.0/8', '10.1.0.0/16', false],
  ['10.0.0.0/8', '10.0.0.0/16', false],
  ['1.2.3.4', '0.0.0.0/0', true],
  ['::1', '0.0.0.0/0', false],
  ['::1', '0.0.0.1', false],
  ['0.0.0.1', '::/0', false],
  ['::1', '::/0', true],
  ['::1', '::/127', true],
  ['::2', '::/127', false],
]

export const values: Check = {
  name: 'values',
  run() {
    const all = setValue([...DISTINCT, ...DISTINCT])
    if (all.elements.length !== DISTINCT.length) return `a set of ${DISTINCT.length} values has ${all.elements.length}`
    for (const [index, value] of DISTINCT.entries()) {
      if (!setContains(all, value)) return `value ${index} is not found`
      const same = DISTINCT.filter((other) => valueEquals(value, other)).length
      if (same !== 1) return `value ${index} equals ${same} values`
    }
    for (const [index, pair] of SAME.entries()) {
      if (!valueEquals(...pair)) return `pair ${index} is not equal`
      if (setValue(pair).elements.length !== 1) return `pair ${index} are two in a set`
      // enough for an index
      if (!setContains(setValue([...DISTINCT, pair[0]]), pair[1])) return `pair ${index} is not found in a set`
    }
    return fieldFailure() ?? textFailure()
  },
}

function fieldFailure(): string | undefined {
  const last = recordValue([
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ])
  if (last.fields.get('a') !== 3 || last.fields.size !== 2) return 'of two fields of a name the last counts'
  for (const width of [1, 3, 63, 64, 65, 200]) {
    const wide = recordValue(Array.from({ length: width }, (_, index) => [`f${index}`, index] as const))
    for (let index = 0; index < width; index++) {
      if (wide.fields.get(`f${index}`) !== index) return `field ${index} of ${width}`
    }
  }
  return undefined
}

function textFailure(): string | undefined {
  for (const kind of ['datetime', 'decimal', 'duration'] as const) {
    for (const [text, expected] of TEXTS[kind]) {
      const got = READ[kind](text)
      if (got !== expected) return `\`${text}\` is read as ${got}, not ${expected}`
    }
  }
  const taken = NO_ADDRESSES.find((text) => parseIp(text) !== undefined)
  if (taken !== undefined) return `\`${taken}\` is taken for an address`
  for (const [inner, outer, expected] of RANGES) {
    const [one, other] = [parseIp(inner), parseIp(outer)]
    if (one === undefined || other === undefined) return `\`${inner}\` or \`${outer}\` is no address`
    if (isInRange(one, other) !== expected) return `\`${inner}\` in \`${outer}\` is not ${expected}`
  }
  return undefined
}
