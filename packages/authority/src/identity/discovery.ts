// OpenID Connect Discovery 1.0, as far as it is needed: where a provider's keys are.

import { z } from 'zod'
import { AuthorityError } from '../errors.ts'

const TIMEOUT_MILLISECONDS = 5000
const MAX_BYTES = 256 * 1024

const document = z.object({ issuer: z.string(), jwks_uri: z.url() })

/**
 * The address of the provider's key set. The document must name the issuer byte for byte; no redirect is followed.
 * Errors: `ERR_AUTHORITY_ISSUER_UNKNOWN`.
 */
export async function discoverKeysUrl(issuer: string, fetch: typeof globalThis.fetch): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  try {
    const response = await fetch(url, {
      redirect: 'error',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    })
    if (!response.ok) throw new Error(`the discovery document answered ${response.status}`)
    const found = document.parse(JSON.parse(await readBounded(response)))
    if (found.issuer !== issuer) throw new Error('the discovery document names another issuer')
    return found.jwks_uri
  } catch (cause) {
    throw new AuthorityError('ERR_AUTHORITY_ISSUER_UNKNOWN', `the provider \`${issuer}\` cannot be discovered`, {
      cause,
    })
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BYTES) throw new Error('the discovery document is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
