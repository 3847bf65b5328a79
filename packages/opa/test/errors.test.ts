import { expect, test } from 'vitest'
import { OPA_ERRORS, OpaError } from '../src/index.ts'

test('every code has a meaning, and an error says it when nothing better is said', () => {
  for (const [code, meaning] of Object.entries(OPA_ERRORS)) {
    expect(code).toMatch(/^ERR_OPA_[A-Z_]+$/)
    expect(meaning).toMatch(/^[a-z].*[^.]$/)
  }
  expect(new OpaError('ERR_OPA_CONSTRUCT').message).toBe(OPA_ERRORS.ERR_OPA_CONSTRUCT)
})
