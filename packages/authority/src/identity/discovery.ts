// OpenID Connect Discovery 1.0, as far as it is needed: where a provider's keys are.

import { z } from 'zod'
import { AuthorityError } from '../errors.ts'

const TIMEOUT_MILLISECONDS = 5000
const MAX_BYTES = 256 * 1024

const document = z.object({
  issuer: z.string(),
  jwks_uri: z.url(),
  id_token_signing_alg_values_supported: z.array(z.string()).optional(),
})

/** What of a discovery document counts here. */
export interface DiscoveredProvider {
  /** The address of its key set. */
  readonly keysUrl: string
  /** What it says that it signs ID tokens with; `undefined` when it does not say. */
  readonly algorithms: readonly string[] | undefined
}

/** The address of the provider's key set. Errors: those of `discoverProvider`. */
export async function discoverKeysUrl(issuer: string, fetch: typeof globalThis.fetch): Promise<string> {
  return (await discoverProvider(issuer, fetch)).keysUrl
}

/**
 * Reads the discovery document of a provider. It must name the issuer byte for byte; no redirect is followed.
 * Errors: `ERR_AUTHORITY_ISSUER_UNKNOWN`, with what to do as its hint.
 */
export async function discoverProvider(issuer: string, fetch: typeof globalThis.fetch): Promise<DiscoveredProvider> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  try {
    const response = await fetch(url, {
      redirect: 'error',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    })
    if (!response.ok) throw new Error(`the discovery document answered ${response.status}`)
    const found = document.parse(JSON.parse(await readBounded(response)))
    if (found.issuer !== issuer) throw new OtherIssuer()
    return { keysUrl: found.jwks_uri, algorithms: found.id_token_signing_alg_values_supported }
  } catch (cause) {
    throw new AuthorityError('ERR_AUTHORITY_ISSUER_UNKNOWN', `the provider \`${issuer}\` cannot be discovered`, {
      cause,
      hint:
        cause instanceof OtherIssuer
          ? 'set `issuer` to what the document names, byte for byte; often only a slash at the end differs'
          : 'check `issuer`, and that this machine reaches its `/.well-known/openid-configuration`; or name its keys by `jwksUri`',
    })
  }
}

class OtherIssuer extends Error {
  constructor() {
    super('the discovery document names another issuer')
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
