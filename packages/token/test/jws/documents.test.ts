// Signed documents, the cookbook's examples, and what keeps one kind of document from being another.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP,
  createLocalKeys,
  type JsonWebKey,
  parseStrictJson,
  publicJwk,
  SIGNATURE_ALGORITHMS,
  signJws,
  verifyJws,
} from '@cardea/token'
import { attacker, es256, forge, outcome, signers } from '../fixture.ts'

const keys = createLocalKeys({ keys: signers.map(publicJwk) })
const rules = { keys, algorithms: SIGNATURE_ALGORITHMS, type: 'cardea-bundle+jws' }

describe('sign and verify', () => {
  test.each(signers)('$algorithm: bytes come back as they were', async (key) => {
    const bytes = Uint8Array.from([0, 255, 128, 10])
    const { payload, keyId, header } = await verifyJws(await signJws(bytes, key, { type: 'cardea-bundle+jws' }), rules)
    expect([...payload]).toEqual([...bytes])
    expect([keyId, header.alg]).toEqual([key.kid, key.algorithm])
  })
  test('an object is written as JSON', async () => {
    const { payload } = await verifyJws(await signJws({ revision: 7 }, es256, { type: 'cardea-bundle+jws' }), rules)
    expect(parseStrictJson(payload)).toEqual({ revision: 7 })
  })
  test.each([
    ['another kind', async () => signJws({}, es256, { type: 'cardea-head+jws' }), 'ERR_TOKEN_TYPE'],
    ['an access token', async () => forge(), 'ERR_TOKEN_TYPE'],
    ['an unknown key', async () => signJws({}, attacker, { type: 'cardea-bundle+jws' }), 'ERR_TOKEN_KEY_UNKNOWN'],
    ['too long', async () => signJws({ a: 'x'.repeat(2000) }, es256, { type: 'cardea-bundle+jws' }), 'ERR_TOKEN_SIZE'],
  ])('refused: %s', async (_, make, code) => {
    const text = await make()
    expect(await outcome(() => verifyJws(text, { ...rules, maxBytes: 1000 }))).toBe(code)
  })
  test('nothing to sign, or no kind, is a TypeError', async () => {
    await expect(signJws(new Uint8Array(), es256, { type: 'x' })).rejects.toThrow(TypeError)
    await expect(signJws({}, es256, { type: '' })).rejects.toThrow(TypeError)
  })
})

interface Example {
  readonly title: string
  readonly input: { readonly key: JsonWebKey | readonly JsonWebKey[]; readonly payload: string }
  readonly output: { readonly compact?: string }
}

/** The examples that have a compact form and one key, with what becomes of each. */
const EXAMPLES: readonly (readonly [file: string, expected: string])[] = [
  ['jws/4_1.rsa_v15_signature.json', 'accepted'],
  ['jws/4_2.rsa-pss_signature.json', 'ERR_TOKEN_ALGORITHM'],
  ['jws/4_3.ecdsa_signature.json', 'ERR_TOKEN_KEY_UNSUPPORTED'],
  ['jws/4_4.hmac-sha2_integrity_protection.json', 'ERR_TOKEN_KEY_SYMMETRIC'],
  ['curve25519/jws.json', 'ERR_TOKEN_KID'],
]

describe('RFC 7520 and RFC 8037', () => {
  test.each(EXAMPLES)('%s: %s', async (file, expected) => {
    const url = new URL(`../../../../conformance/jose/cookbook/${file}`, import.meta.url)
    const example: Example = JSON.parse(readFileSync(url, 'utf8'))
    const [key] = [example.input.key].flat()
    expect(
      await outcome(() => verifyExample(withoutPrivateMembers(key ?? { kty: '' }), example.output.compact ?? '')),
    ).toBe(expected)
  })
})

/** The examples publish their private keys; a key set with one is refused as such, which is tested elsewhere. */
function withoutPrivateMembers(key: JsonWebKey): JsonWebKey {
  const none = undefined
  return { kid: 'unnamed', ...key, d: none, p: none, q: none, dp: none, dq: none, qi: none }
}

async function verifyExample(key: JsonWebKey, text: string): Promise<void> {
  await verifyJws(text, {
    keys: createLocalKeys({ keys: [key] }),
    algorithms: SIGNATURE_ALGORITHMS,
    type: ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP,
  })
}
