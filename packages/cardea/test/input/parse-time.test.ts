// Moments on the command line.

import { describe, expect, it } from 'vitest'
import { parseTime } from '../../src/input/parse-time.ts'

const NOW = Date.parse('2026-01-01T12:00:00Z')

describe('parseTime', () => {
  it.each([
    ['2026-01-01T13:00:00Z', 'from now', '2026-01-01T13:00:00.000Z'],
    ['2026-01-01T13:00:00+02:00', 'from now', '2026-01-01T11:00:00.000Z'],
    ['90s', 'from now', '2026-01-01T12:01:30.000Z'],
    ['30m', 'from now', '2026-01-01T12:30:00.000Z'],
    ['8h', 'ago', '2026-01-01T04:00:00.000Z'],
    ['7d', 'ago', '2025-12-25T12:00:00.000Z'],
  ] as const)('%s %s', (text, direction, expected) => {
    expect(parseTime(text, direction, NOW).toISOString()).toBe(expected)
  })

  it.each([
    '',
    'tomorrow',
    '-1h',
    '1.5h',
    '1w',
    '1234567d',
    '2026-01-01',
    '2026-01-01T12:00:00',
    '2026-13-01T12:00:00Z',
  ])('`%s` is not one', (text) => {
    expect(() => parseTime(text, 'from now', NOW)).toThrow(expect.objectContaining({ code: 'ERR_COMMAND_USAGE' }))
  })
})
