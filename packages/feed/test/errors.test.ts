import { expect, test } from 'vitest'
import { FEED_ERRORS, FeedError } from '../src/index.ts'

test('every code has a meaning, and an error says it when nothing better is said', () => {
  for (const [code, meaning] of Object.entries(FEED_ERRORS)) {
    expect(code).toMatch(/^ERR_FEED_[A-Z_]+$/)
    expect(meaning).toMatch(/^[a-z].*[^.]$/)
  }
  expect(new FeedError('ERR_FEED_CLOSED').message).toBe(FEED_ERRORS.ERR_FEED_CLOSED)
})
