// Finding the key set of an issuer by its metadata (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3). The metadata must
// say that it is the issuer's, byte for byte.

import { parseStrictJson } from '@cardea/token'
import { GuardError } from '../errors.ts'

const TIMEOUT_MILLISECONDS = 5000
const MAX_BYTES = 262_144

/** The `jwks_uri` of an issuer. Throws `ERR_GUARD_DISCOVERY`. */
export async function discoverKeys(issuer: string, fetch: typeof globalThis.fetch): Promise<string> {
  let failure: unknown
  for (const address of metadataAddresses(issuer)) {
    try {
      return await readMetadata(address, issuer, fetch)
    } catch (error) {
      failure = error
    }
  }
  throw new GuardError('ERR_GUARD_DISCOVERY', `no metadata of issuer \`${issuer}\``, {
    cause: failure,
    hint: 'give the address of its key set: `keys: { jwksUri: ... }`',
  })
}

/** OpenID Connect appends the well-known path, RFC 8414 inserts it before the issuer's own. */
function metadataAddresses(issuer: string): readonly URL[] {
  const url = URL.parse(issuer)
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  if (url === null || !isSafe || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new GuardError('ERR_GUARD_DISCOVERY', 'metadata is only fetched over https, or from the same machine')
  }
  const path = url.pathname.replace(/\/$/, '')
  return [
    new URL(`${path}/.well-known/openid-configuration`, url),
    new URL(`/.well-known/oauth-authorization-server${path}`, url),
  ]
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

async function readMetadata(address: URL, issuer: string, fetch: typeof globalThis.fetch): Promise<string> {
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS)
  const response = await fetch(address, { redirect: 'error', signal, headers: { accept: 'application/json' } })
  if (response.status !== 200) throw new Error(`the answer has status ${response.status}`)
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  const metadata = parseStrictJson(Buffer.concat(chunks))
  if (typeof metadata !== 'object' || metadata === null || !('issuer' in metadata)) throw new Error('no metadata')
  const { issuer: named, jwks_uri: keys }: { issuer?: unknown; jwks_uri?: unknown } = metadata
  if (named !== issuer || typeof keys !== 'string') throw new Error('the metadata is of another issuer')
  return keys
}
