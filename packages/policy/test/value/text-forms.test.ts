// Texts of values: what is written reads back as the same value, and malformed text is refused in bounded time.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatEntityUid, parseEntityUid } from '../../src/entity/uid.ts'
import { isFault } from '../../src/operator/fault.ts'
import { compileExpression } from '../../src/operator/table.ts'
import { parseExpression } from '../../src/syntax/parse-policies.ts'
import { parseDatetime } from '../../src/value/datetime.ts'
import { parseDecimal } from '../../src/value/decimal.ts'
import { parseDuration } from '../../src/value/duration.ts'
import { valueEquals } from '../../src/value/equality.ts'
import { formatValue } from '../../src/value/format.ts'
import { parseIp } from '../../src/value/ip.ts'
import { quoteText, unquoteText } from '../../src/value/text.ts'
import { NO_REQUEST } from '../../src/operator/evaluation.ts'
import { entities, texts } from '../generate/expressions.ts'
import { values } from '../generate/values.ts'

describe('formatted values', () => {
  it('evaluate to the value', () => {
    fc.assert(
      fc.property(values, (value) => {
        const { expression, problems } = parseExpression(formatValue(value))
        expect(problems).toEqual([])
        const result = expression === undefined ? undefined : compileExpression(expression)(NO_REQUEST)
        expect(result !== undefined && !isFault(result) && valueEquals(result, value)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('quoted texts', () => {
  it('read back', () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: 'grapheme' })), (text) => {
        expect(unquoteText(quoteText(text))).toBe(text)
      }),
    )
  })

  it('let nothing act on a terminal', () => {
    expect(quoteText('a\u001b[31m\u202e"\n')).toBe('"a\\u{1b}[31m\\u{202e}\\"\\n"')
  })

  it.each(['', '"', 'a', '"a', '"\\q"', '"\\u{110000}"', '"\\u{d800}"', '"\\x80"', '"a"b"', '"\n"'])(
    'refuse %j',
    (text) => expect(unquoteText(text)).toBeUndefined(),
  )
})

describe('entity references', () => {
  it('read back, whatever the id is', () => {
    fc.assert(
      fc.property(entities, (uid) => {
        expect(parseEntityUid(formatEntityUid(uid))).toEqual(uid)
      }),
    )
    const hostile = { kind: 'entity', type: 'A::B', id: '"::Admin::"root\n' } as const
    expect(parseEntityUid(formatEntityUid(hostile))).toEqual(hostile)
  })

  it.each([
    '',
    'User',
    'User::ann',
    'User:"ann"',
    '::"ann"',
    'User::"ann" ',
    ' User::"ann"',
    'A b::"x"',
    'User::"a"b"',
  ])('refuse %j', (text) => expect(parseEntityUid(text)).toBeUndefined())
})

describe('extension texts', () => {
  it.each([
    ['decimal', parseDecimal, `${'0'.repeat(50)}1.5`, true],
    ['decimal', parseDecimal, `${'9'.repeat(200_000)}.5`, false],
    ['decimal', parseDecimal, '１.5', false],
    ['duration', parseDuration, `${'0'.repeat(50)}1ms`, true],
    ['duration', parseDuration, '9'.repeat(200_000), false],
    ['datetime', parseDatetime, `2024-01-01${'0'.repeat(200_000)}`, false],
    ['datetime', parseDatetime, '2024-01-01\n', false],
    ['ip', parseIp, ':'.repeat(200_000), false],
    ['ip', parseIp, '1:2:3:4:5:6:7:8', true],
    ['ip', parseIp, '1:2:3:4:5:6:7::', true],
    ['ip', parseIp, '::2:3:4:5:6:7:8', true],
    ['ip', parseIp, '1:2:3:4::5:6:7:8', false],
    ['ip', parseIp, '1::2::3', false],
    ['ip', parseIp, ':1:2:3:4:5:6:7', false],
    ['ip', parseIp, ':::', false],
    ['ip', parseIp, '12345::', false],
    ['ip', parseIp, '::g', false],
    ['ip', parseIp, '1.2.3', false],
    ['ip', parseIp, '1.2.3.256', false],
    ['ip', parseIp, '1.2.3.4/', false],
    ['ip', parseIp, '1.2.3.4/+8', false],
    ['ip', parseIp, '1.2.3.4/8/8', false],
    ['ip', parseIp, 'fe80::1%eth0', false],
    ['ip', parseIp, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128', true],
  ] as const)('%s (%#)', (_, parse, text, isRead) => expect(parse(text) !== undefined).toBe(isRead))
})
