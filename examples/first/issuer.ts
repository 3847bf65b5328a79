// A stand-in for your identity provider: one key, and tokens that it signs.

import { generateSigningKey, issueToken, publicJwk } from '@cardea/token'

export const issuer = 'https://login.example'
export const audience = 'https://notes.example'

const key = await generateSigningKey('ES256')

/** What the provider serves at its `jwks_uri`. */
export const keys = { keys: [publicJwk(key)] }

/** An access token (RFC 9068) of five minutes. */
export function tokenFor(sub: string, org: string, roles: readonly string[] = []): Promise<string> {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, aud: audience, sub, client_id: 'web', jti: crypto.randomUUID(), iat, exp: iat + 300 }
  return issueToken({ ...claims, org, roles: [...roles] }, key)
}
