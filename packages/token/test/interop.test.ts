// With the libraries that others use: jose and oauth4webapi read what we issue, and we read what `dpop` and jose make.

import * as dpop from 'dpop'
import { calculateJwkThumbprint, createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { customFetch as customFetchSymbol, validateJwtAccessToken } from 'oauth4webapi'
import { describe, expect, test } from 'vitest'
import { checkBinding, createLocalKeys, createReplayStore, issueToken, publicJwk, verifyDpopProof } from '@cardea/token'
import { AUDIENCE, CLAIMS, ISSUER, NOW, outcome, signers, verifierAt } from './fixture.ts'

const jwks = { keys: signers.map((key) => ({ ...publicJwk(key), key_ops: ['verify'] })) }

describe('jose', () => {
  test.each(signers)('$algorithm: verifies what we issue', async (key) => {
    const { payload, protectedHeader } = await jwtVerify(await issueToken(CLAIMS, key), createLocalJWKSet(jwks), {
      issuer: ISSUER,
      audience: AUDIENCE,
      typ: 'at+jwt',
      algorithms: [key.algorithm],
      currentDate: new Date(NOW * 1000),
    })
    expect([payload.sub, protectedHeader.kid]).toEqual([CLAIMS.sub, key.kid])
  })
  test.each(['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'])('%s: we verify what it signs', async (alg) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
    const keys = createLocalKeys({ keys: [{ ...(await exportJWK(publicKey)), kty: kindOf(alg), kid: 'theirs', alg }] })
    const token = await new SignJWT({ ...CLAIMS, aud: AUDIENCE, amr: ['pwd'] })
      .setProtectedHeader({ alg, kid: 'theirs', typ: 'at+jwt' })
      .sign(privateKey)
    expect(await outcome(() => verifierAt({ keys }).verify(token))).toBe('accepted')
  })
})

function kindOf(alg: string): string {
  if (alg === 'ES256') return 'EC'
  return alg.startsWith('E') ? 'OKP' : 'RSA'
}

describe('dpop and oauth4webapi', () => {
  const server = { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }
  const now = () => Date.now() / 1000
  const times = () => ({ iat: Math.floor(now()) - 1, exp: Math.floor(now()) + 299 })
  const customFetch = async () => Response.json({ keys: signers.map(publicJwk) })

  test.each(signers)('$algorithm: a bearer token of ours passes oauth4webapi', async (key) => {
    const token = await issueToken({ ...CLAIMS, ...times() }, key)
    const request = new Request('https://api.example/documents/7', { headers: { authorization: `Bearer ${token}` } })
    const options = { [customFetchSymbol]: customFetch, signingAlgorithms: [key.algorithm] }
    expect((await validateJwtAccessToken(server, request, AUDIENCE, options)).jti).toBe('token-1')
  })

  test.each<dpop.JWSAlgorithm>(['ES256', 'RS256', 'PS256', 'Ed25519'])(
    '%s: a proof of the `dpop` package fits a token that is bound to its key, here and in oauth4webapi',
    async (alg) => {
      const [es256] = signers
      if (es256 === undefined) throw new Error('there is a key')
      const url = 'https://api.example/documents/7?view=all'
      const pair = await dpop.generateKeyPair(alg, { extractable: true })
      const jkt = await calculateJwkThumbprint(await exportJWK(pair.publicKey))
      const token = await issueToken({ ...CLAIMS, ...times(), cnf: { jkt } }, es256)
      const proof = await dpop.generateProof(pair, 'https://api.example/documents/7', 'GET', undefined, token)

      const replay = createReplayStore({ windowSeconds: 70, maxEntries: 10 })
      const { thumbprint } = await verifyDpopProof({
        proof,
        method: 'GET',
        url,
        accessToken: token,
        expectedThumbprint: jkt,
        replay,
      })
      const verified = await verifierAt({ now }).verify(token)
      expect(checkBinding(verified, { scheme: 'DPoP', dpopThumbprint: thumbprint })).toBeUndefined()

      const request = new Request(url, { headers: { authorization: `DPoP ${token}`, dpop: proof } })
      const options = { [customFetchSymbol]: customFetch, requireDPoP: true }
      expect((await validateJwtAccessToken(server, request, AUDIENCE, options)).cnf?.jkt).toBe(jkt)
    },
  )
})
