import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseStrictJson } from '@cardea/token'
import { outcome } from '../fixture.ts'

interface Case {
  readonly name: string
  readonly base64: string
}

const file = new URL('../../../../conformance/json/cases.jsonl.gz', import.meta.url)
const cases: readonly Case[] = gunzipSync(readFileSync(file))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))
const named = (prefix: string) => cases.filter(({ name }) => name.startsWith(prefix))

/** Well-formed by the grammar, and refused by a rule of ours. */
const REFUSED_BY_US: Readonly<Record<string, string>> = {
  y_object_duplicated_key: 'ERR_TOKEN_JSON_DUPLICATE',
  y_object_duplicated_key_and_value: 'ERR_TOKEN_JSON_DUPLICATE',
}

describe('JSONTestSuite', () => {
  test('holds what it held when these tests were written', () => {
    expect([named('y_').length, named('n_').length, named('i_').length]).toEqual([95, 188, 35])
  })
  test.each(named('y_'))('$name is accepted', async ({ name, base64 }) => {
    const bytes = Buffer.from(base64, 'base64')
    expect(await outcome(() => parseStrictJson(bytes))).toBe(REFUSED_BY_US[name] ?? 'accepted')
    if (REFUSED_BY_US[name] === undefined)
      expect(plain(parseStrictJson(bytes))).toEqual(plain(JSON.parse(bytes.toString())))
  })
  test.each(named('n_'))('$name is refused', async ({ base64 }) => {
    expect(await outcome(() => parseStrictJson(Buffer.from(base64, 'base64')))).toMatch(/^ERR_TOKEN_JSON/)
  })
  test.each(named('i_'))('$name is accepted or refused, never a crash', async ({ base64 }) => {
    expect(await outcome(() => parseStrictJson(Buffer.from(base64, 'base64')))).toMatch(/^(ERR_TOKEN_JSON.*|accepted)$/)
  })
})

describe('what two parsers may read differently', () => {
  test.each([
    ['a name twice', '{"a":1,"a":1}', 'ERR_TOKEN_JSON_DUPLICATE'],
    ['a name twice, once escaped', '{"aud":1,"\\u0061ud":2}', 'ERR_TOKEN_JSON_DUPLICATE'],
    ['a name twice, deep inside', '[{"b":{"c":1,"d":2,"c":3}}]', 'ERR_TOKEN_JSON_DUPLICATE'],
    ['the same name in two objects', '[{"a":1},{"a":2}]', 'accepted'],
    ['`__proto__`', '{"__proto__":{}}', 'ERR_TOKEN_JSON_PROTO'],
    ['`__proto__`, escaped', '{"\\u005f_proto__":{}}', 'ERR_TOKEN_JSON_PROTO'],
    ['`__proto__` as a value', '{"a":"__proto__"}', 'accepted'],
    ['names of the object prototype', '{"constructor":1,"toString":2,"hasOwnProperty":3,"prototype":4}', 'accepted'],
    ['a byte order mark', '\uFEFF{}', 'ERR_TOKEN_JSON_TEXT'],
    ['half a character', '"\uD800"', 'ERR_TOKEN_JSON_TEXT'],
    ['half a character, escaped', '"\\ud800"', 'ERR_TOKEN_JSON_TEXT'],
    ['the halves in the wrong order', '"\\udc00\\ud800"', 'ERR_TOKEN_JSON_TEXT'],
    ['half a character, escaped, in a name', '{"\\udfff":1}', 'ERR_TOKEN_JSON_TEXT'],
    ['both halves, escaped', '"\\ud83d\\ude00"', 'accepted'],
    ['one half escaped and one not', '"\\ud83d\uDE00"', 'ERR_TOKEN_JSON_TEXT'],
    ['2^53 - 1', '9007199254740991', 'accepted'],
    ['2^53', '9007199254740992', 'ERR_TOKEN_JSON_NUMBER'],
    ['-2^53', '-9007199254740992', 'ERR_TOKEN_JSON_NUMBER'],
    ['an infinite number', '1e400', 'ERR_TOKEN_JSON_NUMBER'],
    ['a number that vanishes', '1e-400', 'ERR_TOKEN_JSON_NUMBER'],
    ['a true zero with an exponent', '0.0e-400', 'accepted'],
    ['NaN', 'NaN', 'ERR_TOKEN_JSON'],
    ['a comment', '{}//', 'ERR_TOKEN_JSON'],
    ['nothing', '', 'ERR_TOKEN_JSON'],
  ])('%s', async (_, text, expected) => {
    expect(await outcome(() => parseStrictJson(text))).toBe(expected)
  })
  test('overlong UTF-8 is refused', async () => {
    expect(await outcome(() => parseStrictJson(Buffer.from([0x22, 0xc0, 0xaf, 0x22])))).toBe('ERR_TOKEN_JSON_TEXT')
  })
  test('bytes that begin with a byte order mark are refused', async () => {
    expect(await outcome(() => parseStrictJson(Buffer.from('\uFEFF{}')))).toBe('ERR_TOKEN_JSON_TEXT')
  })
})

describe('limits', () => {
  test.each([
    ['bytes, at the limit', '"aaa"', { maxBytes: 5 }, 'accepted'],
    ['bytes, one over', '"aaaa"', { maxBytes: 5 }, 'ERR_TOKEN_JSON_SIZE'],
    ['bytes, not characters', '"€"', { maxBytes: 4 }, 'ERR_TOKEN_JSON_SIZE'],
    ['depth, at the limit', '[[{}]]', { maxDepth: 3 }, 'accepted'],
    ['depth, one over', '[[{"a":[]}]]', { maxDepth: 3 }, 'ERR_TOKEN_JSON_DEPTH'],
    ['depth counts nesting, not siblings', '[[],[],[],[]]', { maxDepth: 2 }, 'accepted'],
    ['values, at the limit', '[1,2]', { maxValues: 3 }, 'accepted'],
    ['values, one over', '[1,2,3]', { maxValues: 3 }, 'ERR_TOKEN_JSON_SIZE'],
    ['20 000 levels', '['.repeat(20_000), {}, 'ERR_TOKEN_JSON_DEPTH'],
    ['10^6 elements', `[${'0,'.repeat(999_999)}0]`, { maxBytes: 10_000_000 }, 'ERR_TOKEN_JSON_SIZE'],
  ])('%s', async (_, text, limits, expected) => {
    expect(await outcome(() => parseStrictJson(text, limits))).toBe(expected)
  })
})

describe('what comes out', () => {
  test('is frozen all the way down and has no prototype', () => {
    const value = parseStrictJson('{"a":[{"b":1}]}')
    const all: unknown[] = [value]
    for (const item of all) if (typeof item === 'object' && item !== null) all.push(...Object.values(item))
    expect(all).toHaveLength(4)
    expect(all.every(Object.isFrozen)).toBe(true)
    expect(Object.getPrototypeOf(value)).toBeNull()
    expect(Object(value)).not.toHaveProperty('toString')
  })
  test('is what JSON.parse gives, for every JSON text that it writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 2), (value, indent) => {
        fc.pre(!JSON.stringify(value).includes('__proto__') && JSON.stringify(value).isWellFormed())
        const text = JSON.stringify(value, null, indent)
        fc.pre(!/\\ud[89a-f]/i.test(text) && !hasBigInteger(value))
        expect(plain(parseStrictJson(text))).toEqual(plain(JSON.parse(text)))
      }),
    )
  })
  test('never throws anything but TokenError, whatever the text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\u0d8e+-.1tfn \n\uD800')) }),
        async (text) => {
          expect(await outcome(() => parseStrictJson(text))).toMatch(/^(ERR_TOKEN_JSON.*|accepted)$/)
          if ((await outcome(() => parseStrictJson(text))) === 'accepted') expect(() => JSON.parse(text)).not.toThrow()
        },
      ),
    )
  })
})

/** With ordinary prototypes and one zero, so that the two parsers compare. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function hasBigInteger(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER
  return typeof value === 'object' && value !== null && Object.values(value).some(hasBigInteger)
}
