import { expect, test } from 'vitest'
import { comparePositions, formatPosition, parsePosition } from '../src/index.ts'
import { codeOf } from './fixture.ts'

test('numbers have an order within an epoch, epochs have none', () => {
  expect(comparePositions({ epoch: 'a', seq: 1 }, { epoch: 'a', seq: 2 })).toBeLessThan(0)
  expect(comparePositions({ epoch: 'a', seq: 2 }, { epoch: 'a', seq: 2 })).toBe(0)
  expect(comparePositions({ epoch: 'a', seq: 1 }, { epoch: 'b', seq: 2 })).toBeUndefined()
})

test('a position survives its text', () => {
  const position = { epoch: 'x_-9', seq: 1_234 }
  expect(parsePosition(formatPosition(position))).toEqual(position)
})

test.each([
  '',
  'a',
  'a.',
  '.1',
  'a.-1',
  'a.01',
  'a.1.2',
  'a.1e3',
  'a b.1',
  'a.9999999999999999',
  `${'a'.repeat(65)}.1`,
])('refuses `%s`', async (text) => {
  expect(await codeOf(() => parsePosition(text))).toBe('ERR_FEED_POSITION')
})
