import { expect, test } from 'vitest'
import { checkBudget, CLAIMS_ERRORS, ClaimsError, tokenBytes, worstCaseBytes } from '../src/index.ts'
import { codeOf, plan, schema } from './documents.ts'

test('the size is that of the compact form', () => {
  const claims = { sub: 'ann', text: 'ü'.repeat(10) }
  const part = (bytes: number): number => Buffer.alloc(bytes).toString('base64url').length
  const payload = Buffer.byteLength(JSON.stringify(claims))
  expect(tokenBytes(claims, { headerBytes: 60, signatureBytes: 64 })).toBe(part(60) + 1 + part(payload) + 1 + part(64))
})

test('a token within the budget has its size, one over it is refused with both figures', () => {
  expect(checkBudget(8192)).toBe(8192)
  expect(checkBudget('x'.repeat(100), { maxTokenBytes: 100 })).toBe(100)
  expect(codeOf(() => checkBudget({ a: 'x'.repeat(8000) }))).toBe('ERR_CLAIMS_BUDGET')
  expect(() => checkBudget(101, { maxTokenBytes: 100 })).toThrow(
    expect.objectContaining({ sizeBytes: 101, maxTokenBytes: 100 }),
  )
})

test('the worst case of a plan grows with what people may have', () => {
  const usual = worstCaseBytes(plan, schema, { grants: 100 })
  expect(checkBudget(usual)).toBe(usual)
  expect(worstCaseBytes(plan, schema, { grants: 101 })).toBeGreaterThan(usual)
  expect(worstCaseBytes(plan, schema, { grants: 100, setElements: 11 })).toBeGreaterThan(usual)
  expect(worstCaseBytes(plan, schema, { grants: 100, memberships: 11 })).toBeGreaterThan(usual)
  expect(codeOf(() => checkBudget(worstCaseBytes(plan, schema, { grants: 400 })))).toBe('ERR_CLAIMS_BUDGET')
})

test('every code has a meaning, and an error says it when nothing better is said', () => {
  for (const [code, meaning] of Object.entries(CLAIMS_ERRORS)) {
    expect(code).toMatch(/^ERR_CLAIMS_[A-Z_]+$/)
    expect(meaning).toMatch(/^[a-z].*[^.]$/)
  }
  expect(new ClaimsError('ERR_CLAIMS_PLAN').message).toBe(CLAIMS_ERRORS.ERR_CLAIMS_PLAN)
})
