// Project Wycheproof's JWS vectors, each through the same path that bundles and heads take. Algorithms outside of our four are
// refused with their key set; that is counted apart, so that no refusal for the wrong reason passes for agreement.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP, createLocalKeys, SIGNATURE_ALGORITHMS, verifyJws } from '@cardea/token'
import type { JsonWebKey } from '@cardea/token'
import { parseCompact } from '../../src/jws/compact.ts'
import { outcome } from '../fixture.ts'

interface Group {
  readonly comment: string
  readonly public?: JsonWebKey
  readonly private?: JsonWebKey
  readonly tests: readonly { tcId: number; comment: string; jws: string; result: 'valid' | 'invalid' }[]
}

const file = new URL('../../../../conformance/jose/json_web_signature_test.json', import.meta.url)
const groups: readonly Group[] = JSON.parse(readFileSync(file, 'utf8')).testGroups

const vectors = groups.flatMap((group) =>
  group.tests.map((vector) => ({ ...vector, group: group.comment, key: group.public ?? group.private ?? { kty: '' } })),
)

/** What the file says and what we do, where the file is in doubt. All eight are refused here. */
const CONTESTED: ReadonlyMap<number, string> = new Map([
  [346, 'valid, but the key says PS256 and the header PS384'],
  [347, 'valid, but the key names an algorithm that does not exist, `ES521`'],
  [350, 'valid, but the key says PS256 and the header PS384'],
  [351, 'valid, but the key names an algorithm that does not exist, `ES521`'],
  [367, 'invalid, but byte for byte the valid vector 357; its algorithm is unsupported here'],
  [370, 'invalid, but byte for byte the valid vector 357; its algorithm is unsupported here'],
  [372, 'valid, but with a `?` inside the base64url of its header'],
  [373, 'valid, but with a `?` inside the base64url of its payload'],
])

const results = await Promise.all(
  vectors.map(async (vector) => ({ ...vector, code: await outcome(() => run(vector)) })),
)
const uncontested = results.filter(({ tcId }) => !CONTESTED.has(tcId))
const ofOurs = uncontested.filter(
  ({ key }) => SIGNATURE_ALGORITHMS.some((name) => name === key.alg) || key.alg === undefined,
)

/** Valid in the file and refused by a rule of ours: no part of a token may be empty. */
const REFUSED_BY_US: ReadonlyMap<number, string> = new Map([
  [259, 'ERR_TOKEN_PARTS'],
  [272, 'ERR_TOKEN_PARTS'],
])

describe('Wycheproof JSON Web Signature', () => {
  test('401 vectors: 324 with a key of ours, 69 with another algorithm, 8 contested', () => {
    expect([results.length, ofOurs.length, uncontested.length - ofOurs.length]).toEqual([401, 324, 69])
  })
  test.each(ofOurs)('$tcId $group $comment is $result', ({ tcId, result, code }) => {
    const expected = REFUSED_BY_US.get(tcId) ?? (result === 'valid' ? 'accepted' : expect.stringMatching(/^ERR_TOKEN_/))
    expect(code).toEqual(expected)
  })
  test('14 verify; the others are refused where they should be', () => {
    const codes = Object.groupBy(ofOurs, ({ code }) => code)
    expect(Object.fromEntries(Object.entries(codes).map(([code, all]) => [code, all?.length]))).toEqual({
      accepted: 14,
      ERR_TOKEN_SIGNATURE: 260,
      ERR_TOKEN_SIGNATURE_FORM: 23,
      ERR_TOKEN_PARTS: 18,
      ERR_TOKEN_KEY_USE: 4,
      ERR_TOKEN_KEY_UNKNOWN: 2,
      ERR_TOKEN_TEXT: 2,
      ERR_TOKEN_ALGORITHM: 1,
    })
  })
  test('every vector of another algorithm is refused with its key', () => {
    const codes = Object.groupBy(
      uncontested.filter((vector) => !ofOurs.includes(vector)),
      ({ code }) => code,
    )
    expect(Object.fromEntries(Object.entries(codes).map(([code, all]) => [code, all?.length]))).toEqual({
      ERR_TOKEN_KEY_SYMMETRIC: 36,
      ERR_TOKEN_KEY_UNSUPPORTED: 33,
    })
  })
  test.each([...CONTESTED])('contested %i is refused: %s', (tcId) => {
    expect(results.find((result) => result.tcId === tcId)?.code).toMatch(/^ERR_TOKEN_/)
  })
  test('the parser alone takes every valid HS256 vector, so the key is what refuses them', async () => {
    for (const { jws, result, comment, tcId } of results.filter(({ key }) => key.alg === 'HS256')) {
      if (CONTESTED.has(tcId) || result === 'invalid') continue
      expect([comment, await outcome(() => parseCompact(jws, 8192))]).toEqual([comment, 'accepted'])
    }
  })
})

async function run({ key, jws }: { readonly key: JsonWebKey; readonly jws: string }): Promise<void> {
  const keys = createLocalKeys({ keys: [key] })
  await verifyJws(jws, {
    keys,
    algorithms: SIGNATURE_ALGORITHMS,
    type: ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP,
    maxBytes: 65_536,
  })
}
