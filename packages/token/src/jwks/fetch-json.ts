// One bounded GET of a JSON document: https (or http to this machine), no redirect, a time limit, a size cap that counts
// what arrives and not what is announced.

import { TokenError } from '../errors.ts'
import type { JsonValue } from '../json/json-value.ts'
import { parseStrictJson } from '../json/strict-json.ts'

export interface FetchJsonOptions {
  readonly fetch: typeof globalThis.fetch
  readonly timeoutMilliseconds: number
  readonly maxBytes: number
}

/** The address if it may be fetched, or `ERR_TOKEN_KEYS_URL`: https, or http to a loopback address; no user, no fragment. */
export function checkFetchUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new TokenError('ERR_TOKEN_KEYS_URL')
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) {
    throw new TokenError('ERR_TOKEN_KEYS_URL')
  }
  return url
}

/** Throws `ERR_TOKEN_KEYS_FETCH` with the reason as its cause, or an `ERR_TOKEN_JSON...`. */
export async function fetchJson(url: URL, options: FetchJsonOptions): Promise<JsonValue> {
  const bytes = await fetchBytes(url, options).catch((cause: unknown) => {
    throw new TokenError('ERR_TOKEN_KEYS_FETCH', undefined, { cause })
  })
  return parseStrictJson(bytes, { maxBytes: options.maxBytes, maxDepth: 8, maxValues: 10_000 })
}

/** After URL parsing, every spelling of an IPv4 address is dotted decimal. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

async function fetchBytes(url: URL, options: FetchJsonOptions): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(options.timeoutMilliseconds)
  const timeout = Promise.withResolvers<never>()
  // A `fetch` that does not heed its signal must not hold the verifier.
  signal.addEventListener('abort', () => timeout.reject(new Error('the time limit was reached')), { once: true })
  return Promise.race([download(url, options, signal), timeout.promise])
}

async function download(url: URL, { fetch, maxBytes }: FetchJsonOptions, signal: AbortSignal): Promise<Uint8Array> {
  const response = await fetch(url, { redirect: 'error', signal, headers: { accept: 'application/json' } })
  if (response.status !== 200 || response.redirected) {
    await response.body?.cancel()
    throw new Error(`the answer has status ${response.status}`)
  }
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
