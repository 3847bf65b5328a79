import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSealer, loadDevelopmentKey } from '../../src/key/seal.ts'

const key = randomBytes(32).toString('base64')
const sealed = expect.objectContaining({ code: 'ERR_AUTHORITY_KEY_SEALED' })

describe('sealing', () => {
  const sealer = createSealer(key)

  test('opens to what was sealed, and never looks the same twice', () => {
    const first = sealer.seal('private', 'key a')
    expect(sealer.open(first, 'key a')).toBe('private')
    expect(sealer.seal('private', 'key a')).not.toBe(first)
    expect(first).not.toContain(Buffer.from('private').toString('base64url'))
  })

  test('what was sealed for another row does not open', () => {
    expect(() => sealer.open(sealer.seal('private', 'key a'), 'key b')).toThrow(sealed)
  })

  test('any flipped bit is noticed', () => {
    const bytes = Buffer.from(sealer.seal('private', 'key a'), 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => sealer.open(flipped.toString('base64url'), 'key a')).toThrow(sealed)
    }
  })

  test('another key does not open it', () => {
    const other = createSealer(randomBytes(32).toString('base64url'))
    expect(() => other.open(sealer.seal('private', 'key a'), 'key a')).toThrow(sealed)
  })

  test.each([
    ['too short', randomBytes(31).toString('base64')],
    ['too long', randomBytes(33).toString('base64')],
    ['not base64', '!'.repeat(43)],
    ['empty', ''],
  ])('a key that is %s is refused', (_, text) => {
    expect(() => createSealer(text)).toThrow(expect.objectContaining({ code: 'ERR_AUTHORITY_CONFIG' }))
  })
})

describe('the development key', () => {
  test('is made once beside the store, for its owner only', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cardea-seal-'))
    const store = join(folder, 'deep', 'authority.sqlite')
    const first = loadDevelopmentKey(store)
    expect(loadDevelopmentKey(store)).toBe(first)
    expect(statSync(`${store}.key`).mode & 0o777).toBe(0o600)
    rmSync(folder, { recursive: true })
  })

  test('of a store in memory is forgotten', () => {
    expect(loadDevelopmentKey(':memory:')).not.toBe(loadDevelopmentKey(':memory:'))
  })
})
