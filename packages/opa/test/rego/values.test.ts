// Values from JSON in Rego, against our own reading of the same texts: what one takes the other takes, as the same value.

import { parseDatetime, parseDecimal, parseDuration, parseIp, type Value } from '@cardea/policy'
import { describe, expect, test, vi } from 'vitest'
import { libraryModules, valueTerm } from '../../src/index.ts'
import { evalOpa, requireOpa } from '../../../../tools/opa.ts'

vi.setConfig({ testTimeout: 60_000 })

const IPS = [
  '10.0.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '256.0.0.1',
  '01.2.3.4',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.4/0',
  '1.2.3.4/32',
  '1.2.3.4/33',
  '1.2.3.4/08',
  '1.2.3.4/',
  '1.2.3.4/8/8',
  '10.0.0.0/9',
  '10.255.0.0/15',
  '',
  '/',
  '/8',
  ':',
  '::',
  ':::',
  '::1',
  '1::',
  '::1/128',
  '::/0',
  '::/129',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '::ffff:1.2.3.4',
  '2001:db8::1',
  '2001:DB8::A/33',
  '12345::',
  'g::',
  '1:2:3:4:5:6:7::',
  '::2:3:4:5:6:7:8',
  '1:2:3:4::5:6:7:8',
  'fe80::1%eth0',
  ' 10.0.0.1',
  '10.0.0.1 ',
  '10.0.0.1\n',
  '１.2.3.4',
  'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/127',
  '0000:0000:0000:0000:0000:0000:0000:0000/1',
  '0000:0000:0000:0000:0000:0000:0000:00001/1',
]
const DECIMALS = [
  '0.0',
  '1.0',
  '-1.0',
  '1.00',
  '1.2345',
  '1.23456',
  '1',
  '1.',
  '.5',
  '-0.0',
  '--1.0',
  '+1.0',
  '00001.5',
  '922337203685477.5807',
  '922337203685477.5808',
  '-922337203685477.5808',
  '-922337203685477.5809',
  '99999999999999999999999999.0',
  '1e3',
  '1.0\n',
  ' 1.0',
  '١.0',
  '-.5',
  '0.0001',
  '-0.0001',
]
const DURATIONS = [
  '1d',
  '1h',
  '1m',
  '1s',
  '1ms',
  '1d2h3m4s5ms',
  '-1d2h3m4s5ms',
  '',
  '-',
  '1',
  '1ms1s',
  '1s1m',
  '1m1ms',
  '5m5ms',
  '0ms',
  '-0ms',
  '1d1d',
  '1D',
  '1.5h',
  ' 1h',
  '1h\n',
  '9223372036854775807ms',
  '9223372036854775808ms',
  '-9223372036854775808ms',
  '-9223372036854775809ms',
  '106751991167d',
  '106751991168d',
  '106751991167d7h12m55s807ms',
  '106751991167d7h12m55s808ms',
  '00000000000000000000001s',
  '99999999999999999999d',
  '1d-2h',
  '--1d',
  '1ms2',
]
const DATETIMES = [
  '1970-01-01',
  '2024-02-29',
  '2023-02-29',
  '1900-02-29',
  '2000-02-29',
  '0000-01-01',
  '0000-02-29',
  '9999-12-31',
  '2024-13-01',
  '2024-00-01',
  '2024-01-00',
  '2024-01-32',
  '2024-04-31',
  '2024-01-01T00:00:00Z',
  '2024-01-01T23:59:59.999Z',
  '2024-01-01T24:00:00Z',
  '2024-01-01T23:60:00Z',
  '2024-01-01T23:59:60Z',
  '2024-01-01T00:00:00+0000',
  '2024-01-01T00:00:00-0000',
  '2024-01-01T12:34:56.789+2359',
  '2024-01-01T12:34:56.789-2359',
  '2024-01-01T12:34:56+2400',
  '2024-01-01T12:34:56+0060',
  '2024-01-01T12:34:56',
  '2024-01-01T12:34Z',
  '2024-01-01T12:34:56.7Z',
  '2024-01-01t12:34:56Z',
  '2024-1-1',
  '24-01-01',
  '2024-01-01 ',
  '0000-01-01T00:00:00+2359',
  '9999-12-31T23:59:59.999-2359',
  '1969-12-31T23:59:59.999Z',
  '2024-12-31T23:59:59Z',
  '-2024-01-01',
  '2024-03-01',
  '2100-03-01',
  '1600-02-29',
]
const LONGS = [
  '0',
  '-0',
  '1',
  '-1',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '-9223372036854775809',
  '9007199254740993',
  '1.0',
  '1.5',
  '1e3',
  '1E400',
  '1e-1',
  '"1"',
  'true',
  'null',
  '[1]',
]

const KINDS: readonly (readonly [
  name: string,
  call: string,
  texts: readonly string[],
  parse: (text: string) => Value | undefined,
])[] = [
  ['addresses', 'ip_of', IPS, parseIp],
  ['decimals', 'decimal_of', DECIMALS, parseDecimal],
  ['durations', 'duration_of', DURATIONS, parseDuration],
  ['datetimes', 'datetime_of', DATETIMES, parseDatetime],
]

describe('values in Rego', () => {
  /** What a function makes of each, as canonical JSON; nothing where it is undefined. */
  async function made(command: string, call: string, inputs: readonly string[]): Promise<(string | undefined)[]> {
    const found = (await evalOpa(command, {
      files: libraryModules('cedar'),
      input: `[${inputs.join(',')}]`,
      query: `{index: text | some index, item in input; text := json.marshal(data.cardea.cedar.${call}(item))}`,
    })) as { readonly [index: string]: string }
    return inputs.map((_, index) => found[index])
  }

  test.for(KINDS)('%s', async ([, call, texts, parse], { skip }) => {
    const command = await requireOpa(skip)
    const expected = texts.map((text) => {
      const value = parse(text)
      return value === undefined ? undefined : valueTerm(value).replaceAll(' ', '')
    })
    const got = await made(
      command,
      call,
      texts.map((text) => JSON.stringify(text)),
    )
    expect(Object.fromEntries(texts.map((text, index) => [text, got[index]]))).toEqual(
      Object.fromEntries(texts.map((text, index) => [text, expected[index]])),
    )
    expect(expected.filter((value) => value !== undefined).length).toBeGreaterThan(8)
    expect(expected.filter((value) => value === undefined).length).toBeGreaterThan(8)
  })

  test('longs are whole numbers that fit', async ({ skip }) => {
    const got = await made(await requireOpa(skip), 'long_of', LONGS)
    // OPA reads a number before anybody sees how it was written
    const read = new Map([
      ['-0', '0'],
      ['1.0', '1'],
    ])
    const taken = ['0', '-0', '1', '-1', '9223372036854775807', '-9223372036854775808', '9007199254740993', '1.0']
    expect(LONGS.filter((_, index) => got[index] !== undefined)).toEqual(taken)
    expect(got.filter((text) => text !== undefined)).toEqual(taken.map((text) => read.get(text) ?? text))
  })

  test.for<readonly [string, string, string | undefined]>([
    ['an explicit one', '{"__extn":{"fn":"ip","arg":"::1"}}', 'taken'],
    ['a call without its mark', '{"fn":"ip","arg":"::1"}', 'taken'],
    ['a call of another function', '{"__extn":{"fn":"decimal","arg":"1.0"}}', undefined],
    ['a call of nothing', '{"__extn":{"fn":"ip"}}', undefined],
    ['a number', '7', undefined],
    ['a list', '["::1"]', undefined],
    ['null', 'null', undefined],
  ])('an address as %s', async ([, json, expected], { skip }) => {
    const [got] = await made(await requireOpa(skip), 'ip_of', [json])
    expect(got === undefined ? undefined : 'taken').toBe(expected)
  })

  test('an instant that no text can say', async ({ skip }) => {
    const far = (by: string) =>
      `{"__extn":{"fn":"offset","args":[{"__extn":{"fn":"datetime","arg":"1970-01-01"}},{"__extn":{"fn":"duration","arg":"${by}"}}]}}`
    const command = await requireOpa(skip)
    expect(
      await made(command, 'datetime_of', [far('-9223372036854775808ms'), far('9223372036854775807ms'), far('x')]),
    ).toEqual(['["datetime",-9223372036854775808]', '["datetime",9223372036854775807]', undefined])
  })
})
