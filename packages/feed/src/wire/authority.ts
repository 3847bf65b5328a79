// The way to the authority: https, its own origin alone, no redirect, a time limit, a size cap that counts what arrives.

import { FeedError } from '../errors.ts'
import { type Applied, appliedQuery } from './applied.ts'
import { type Head, MESSAGE_LIMITS, readHead, readSnapshot, type Snapshot } from './messages.ts'
import type { Position } from '../position.ts'

/**
 * A bearer token for the authority, fresh or from a cache that knows when it ends. `refused`: the one that was just answered with 401, as
 * its key was killed or it was revoked; another one is tried once.
 */
export type Credentials = (refused?: string) => Promise<string>

export interface AuthorityOptions {
  /** The issuer's URL, as it stands in tokens; a path in it is kept. */
  readonly url: string
  readonly credentials: Credentials
  readonly fetch: typeof globalThis.fetch
  /** For one answer, from request to last byte. The event stream has it for its head alone. */
  readonly timeoutMilliseconds: number
  /** The same for a probe, which another one soon follows. Default the other one. */
  readonly probeTimeoutMilliseconds?: number
}

/** Where a guard stands in the log. */
export interface Place {
  readonly position: Position
  /** In which view: `FeedView.id`. */
  readonly view: string | undefined
}

export interface Authority {
  snapshot(audience: string, signal: AbortSignal): Promise<Snapshot>
  /** `applied` tells the authority how far this guard has come. */
  head(audience: string, signal: AbortSignal, applied?: Applied): Promise<Head>
  /** The signed text. Not checked here. */
  bundle(digest: string, signal: AbortSignal): Promise<string>
  /** The body of the event stream, or `gone` when it cannot go on from there and a snapshot is needed. */
  events(
    audience: string,
    after: Place,
    signal: AbortSignal,
    applied?: Applied,
  ): Promise<ReadableStream<Uint8Array> | 'gone'>
  /**
   * The grants that a caller's token names, to a guard that presents the token. It stands in the body, so that no log of addresses or
   * headers has it. The bytes are not checked here.
   */
  grantSet(token: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array>
  /** Sends JSON; answers the status of a refusal that sending again would not change, else throws. */
  post(path: string, body: object, signal: AbortSignal): Promise<{ readonly refused: number | undefined }>
}

/** Throws `ERR_FEED_URL`. Its methods throw `ERR_FEED_FETCH`, `ERR_FEED_REFUSED`, `ERR_FEED_LIMIT` or what reading throws. */
export function createAuthority(options: AuthorityOptions): Authority {
  const base = checkUrl(options.url)

  async function ask(path: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
    const credentials = await options.credentials()
    const response = await send(path, init, credentials)
    if (response.status !== 401) return response
    const others = await options.credentials(credentials)
    if (others === credentials) return response
    await response.body?.cancel()
    return send(path, init, others)
  }

  async function send(path: string, init: RequestInit, credentials: string): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${credentials}`)
    const response = await options.fetch(`${base}${path}`, { ...init, headers, redirect: 'error', cache: 'no-store' })
    if (response.redirected) throw new Error('the answer was redirected')
    return response
  }

  async function get(
    path: string,
    accept: string,
    maxBytes: number,
    signal: AbortSignal,
    timeoutMilliseconds: number = options.timeoutMilliseconds,
  ): Promise<Uint8Array> {
    return within(timeoutMilliseconds, signal, async (limited) => {
      const response = await ask(path, { signal: limited, headers: { accept } })
      if (response.status !== 200) return fail(response)
      return readBytes(response, maxBytes)
    })
  }

  return {
    async snapshot(audience, signal) {
      const path = `/v1/feed/snapshot?${queryOf({ audience })}`
      return readSnapshot(await get(path, 'application/json', MESSAGE_LIMITS.snapshotBytes, signal))
    },
    async head(audience, signal, applied) {
      const path = `/v1/feed/head?${queryOf({ audience, ...(applied === undefined ? {} : appliedQuery(applied)) })}`
      const { headBytes } = MESSAGE_LIMITS
      return readHead(await get(path, 'application/json', headBytes, signal, options.probeTimeoutMilliseconds))
    },
    async bundle(digest, signal) {
      return Buffer.from(await get(`/v1/bundles/${digest}`, 'application/jose', MAX_BUNDLE_BYTES, signal)).toString(
        'latin1',
      )
    },
    async events(audience, { position: { epoch, seq }, view }, signal, applied) {
      const said = applied === undefined ? {} : appliedQuery(applied)
      const query = queryOf({ audience, epoch, after: String(seq), ...(view === undefined ? {} : { view }), ...said })
      const response = await within(options.timeoutMilliseconds, signal, (limited, release) =>
        ask(`/v1/feed/events?${query}`, { signal: limited, headers: { accept: 'text/event-stream' } }).finally(release),
      )
      if (response.status === 409 || response.status === 410) {
        await response.body?.cancel()
        return 'gone'
      }
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
      if (response.status !== 200 || !isStream || response.body === null) return fail(response)
      return response.body
    },
    async grantSet(token, maxBytes, signal) {
      return within(options.timeoutMilliseconds, signal, async (limited) => {
        const headers = { 'content-type': 'application/json', accept: 'application/json' }
        const body = JSON.stringify({ token })
        const response = await ask('/v1/grant-sets', { method: 'POST', body, headers, signal: limited })
        if (response.status !== 200) return fail(response)
        return readBytes(response, maxBytes)
      })
    },
    async post(path, body, signal) {
      return within(options.timeoutMilliseconds, signal, async (limited) => {
        const headers = { 'content-type': 'application/json' }
        const response = await ask(path, { method: 'POST', body: JSON.stringify(body), headers, signal: limited })
        if (isFinal(response.status)) {
          await response.body?.cancel()
          return { refused: response.status }
        }
        if (!response.ok) return fail(response)
        await response.body?.cancel()
        return { refused: undefined }
      })
    },
  }
}

const MAX_BUNDLE_BYTES = 16_777_216

/** After URL parsing, every spelling of an IPv4 address is dotted decimal. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

function checkUrl(text: string): string {
  const url = URL.parse(text)
  const isPlain = url !== null && url.username === '' && url.password === '' && url.hash === '' && url.search === ''
  if (!isPlain || (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname)))) {
    throw new FeedError('ERR_FEED_URL')
  }
  return url.href.replace(/\/$/, '')
}

function queryOf(parameters: Record<string, string>): string {
  return new URLSearchParams(parameters).toString()
}

/** Bad requests stay bad; refused credentials, time-outs and too many requests may pass. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status)
}

async function fail(response: Response): Promise<never> {
  const { status } = response
  await response.body?.cancel()
  const code = status === 401 || status === 403 ? 'ERR_FEED_REFUSED' : 'ERR_FEED_FETCH'
  throw new FeedError(code, `the authority answered with status ${status}`, { status })
}

async function readBytes(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxBytes) throw new FeedError('ERR_FEED_LIMIT', `an answer is longer than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * Does the work under a time limit, even if a `fetch` does not heed its signal. `release` lifts the limit from what goes on
 * after the work, such as a stream.
 */
async function within<T>(
  milliseconds: number,
  outer: AbortSignal,
  work: (signal: AbortSignal, release: () => void) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(new Error('the time limit was reached')), milliseconds)
  const release = (): void => clearTimeout(timer)
  const signal = AbortSignal.any([outer, limit.signal])
  const stopped = Promise.withResolvers<never>()
  const stop = (): void => stopped.reject(new Error('the request was stopped', { cause: signal.reason }))
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  // once the work is done nobody listens to this any more
  stopped.promise.catch(() => undefined)
  try {
    return await Promise.race([work(signal, release), stopped.promise])
  } catch (cause) {
    if (cause instanceof FeedError) throw cause
    throw new FeedError('ERR_FEED_FETCH', undefined, { cause })
  } finally {
    release()
  }
}
