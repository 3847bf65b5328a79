// A DPoP key and its proofs (RFC 9449), made by the `dpop` client library.

import * as dpop from 'dpop'

export interface DPoPKey {
  /** A fresh proof for one request; with an access token it also proves which. */
  proof(method: string, url: string, accessToken?: string): Promise<string>
}

export async function createDpopKey(): Promise<DPoPKey> {
  const pair = await dpop.generateKeyPair('ES256')
  return { proof: (method, url, accessToken) => dpop.generateProof(pair, url, method, undefined, accessToken) }
}
