// What reaches a terminal: nothing that it would obey, and no token.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printable, printableLines, withoutTokens } from '../../src/output/printable.ts'
import { formatTable } from '../../src/output/table.ts'

describe('printable', () => {
  it('leaves nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u)
      }),
    )
  })

  it('keeps lines where there are several, and every other text', () => {
    expect(printableLines('a\u001b[2J\nb')).toBe('a\\u001b[2J\nb')
    expect(printable('ann 안 🔑 ←')).toBe('ann 안 🔑 ←')
  })
})

describe('withoutTokens', () => {
  it.each([
    ['a signed token', 'no `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln` here', 'no `[token]` here'],
    ['one without its signature', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.', '[token]'],
    ['an encrypted one', 'eyJhbGciOiJkaXIifQ..iv.text.tag', '[token]'],
    ['two', 'eyJhbGciOiJF.a.b eyJhbGciOiJF.c.d', '[token] [token]'],
    ['none', 'eyJ is short, policies.cedar is a file', 'eyJ is short, policies.cedar is a file'],
  ])('takes out %s', (_name, text, expected) => {
    expect(withoutTokens(text)).toBe(expected)
  })
})

describe('formatTable', () => {
  it('makes columns as wide as their widest cell, and obeys no cell', () => {
    expect(
      formatTable(
        ['id', 'name'],
        [
          ['1', 'a\u001b[31m'],
          ['1234', 'b'],
        ],
      ),
    ).toBe(['id    name', '1     a\\u001b[31m', '1234  b'].join('\n'))
  })
})
