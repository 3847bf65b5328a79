// JSON: exact integers, and places instead of quotes when it is none.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/input/parse-json.ts'

function messageOf(text: string): string {
  try {
    parseJson(text)
    return 'no error'
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_COMMAND_INPUT' })
    expect(error).not.toHaveProperty('cause')
    return error instanceof Error ? error.message : ''
  }
}

describe('parseJson', () => {
  it('keeps integers beyond 2^53 exact', () => {
    expect(parseJson('[9223372036854775807, -9223372036854775808, 9007199254740991, 1.5]')).toEqual([
      9223372036854775807n,
      -9223372036854775808n,
      9007199254740991,
      1.5,
    ])
  })

  it.each([
    ['nothing', '', 1, 1],
    ['an end that is missing', '{"a": 1', 1, 8],
    ['a text without an end', '{\n"a": "xyz', 2, 10],
    ['a wrong token', '{\n  "a": 1,\n  "b": secret\n}', 3, 8],
    ['a comma too many', '[1,\n]', 2, 1],
    ['something behind', '{}\n{}', 2, 1],
    ['a line in a text', '"a\nb"', 1, 3],
    ['a wrong token that is alone', 'x', 1, 1],
  ])('names the place of %s', (_name, text, line, column) => {
    expect(messageOf(text)).toBe(`it is not JSON (line ${line}, column ${column})`)
  })

  it('never quotes what it could not read', () => {
    const secret = 'kXq9'
    fc.assert(
      fc.property(fc.json(), fc.nat(), (json, at) => {
        const text = `${json.slice(0, at % (json.length + 1))}${secret}${json.slice(at % (json.length + 1))}`
        expect(messageOf(text)).not.toContain(secret)
      }),
    )
  })
})
