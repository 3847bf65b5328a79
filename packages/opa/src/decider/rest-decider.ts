// An OPA over its REST API as a decider: `POST /v1/data/...`, on connections that are kept open. INVARIANT: whatever happens but an
// answer that says allow, in time, is a deny; nothing is asked twice. OPA reference: openpolicyagent.org/docs/rest-api (Get a Document with Input)

import type { Decider, Decision, Request } from '@cardea/policy'
import { dataAddress } from './address.ts'
import { failed, readAnswer, undefinedAnswer } from './answer.ts'
import { type QuestionOptions, questionText } from './question.ts'

export interface RestDeciderOptions extends QuestionOptions {
  /** `https://...`, or `http://` on this machine. What stands before `/v1/data`. */
  readonly url: string
  /** The rule that is asked: `app/allow`, or `data.app.allow`. */
  readonly path: string
  /** From the question to the last byte of the answer. Default 1000. */
  readonly timeoutMs?: number
  /** A bearer token for the OPA, or what gives one; its time counts. */
  readonly token?: string | (() => string | Promise<string>)
  /** Further headers of each question. */
  readonly headers?: Readonly<Record<string, string>>
  /** Default 256 KiB. */
  readonly maxAnswerBytes?: number
  /** Default the global one, which keeps connections. */
  readonly fetch?: typeof globalThis.fetch
}

/** A decider that answers later: a guard is asked with `await auth.ask(...)`. */
export interface RestDecider extends Decider {
  /** Never rejects. A deny for want of an answer has the reason `forbid-error` and a code in `errors`. */
  decide(request: Request): Promise<Decision>
}

const MAX_ANSWER_BYTES = 262_144

/**
 * Asks nothing yet. Throws `ERR_OPA_URL`; `RangeError` for a time limit that is none. The codes in decisions: `ERR_OPA_UNDEFINED`,
 * `ERR_OPA_UNREACHABLE`, `ERR_OPA_TIMEOUT`, `ERR_OPA_STATUS`, `ERR_OPA_ANSWER`, `ERR_OPA_INPUT`.
 */
export function createRestDecider(options: RestDeciderOptions): RestDecider {
  const { timeoutMs = 1000, maxAnswerBytes = MAX_ANSWER_BYTES } = options
  const address = dataAddress(options.url, options.path)
  if (!(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) throw new RangeError('`timeoutMs` must be from 1 to 60000')
  const fixed = new Headers(options.headers)
  fixed.set('content-type', 'application/json')
  fixed.set('accept', 'application/json')

  async function ask(body: string, signal: AbortSignal): Promise<Decision> {
    const headers = new Headers(fixed)
    const { token } = options
    if (token !== undefined) headers.set('authorization', `Bearer ${typeof token === 'string' ? token : await token()}`)
    const fetch = options.fetch ?? globalThis.fetch
    const response = await fetch(address, { method: 'POST', body, headers, signal, redirect: 'manual' })
    if (response.status !== 200) {
      await response.body?.cancel()
      return failed('ERR_OPA_STATUS')
    }
    const bytes = await readBytes(response, maxAnswerBytes)
    return bytes === undefined ? failed('ERR_OPA_ANSWER') : decisionOf(bytes)
  }

  return {
    async decide(request) {
      let body: string
      try {
        body = `{"input":${questionText(request, options)}}`
      } catch {
        return failed('ERR_OPA_INPUT')
      }
      return within(timeoutMs, (signal) => ask(body, signal))
    },
  }
}

const MAX_TIMEOUT_MS = 60_000

/** The answer, or a deny when the time is up, even if a `fetch` does not heed its signal. Never rejects. */
async function within(timeoutMs: number, work: (signal: AbortSignal) => Promise<Decision>): Promise<Decision> {
  const limit = new AbortController()
  const late = Promise.withResolvers<Decision>()
  const timer = setTimeout(() => {
    late.resolve(failed('ERR_OPA_TIMEOUT'))
    limit.abort()
  }, timeoutMs)
  try {
    return await Promise.race([
      work(limit.signal).catch(() => failed(limit.signal.aborted ? 'ERR_OPA_TIMEOUT' : 'ERR_OPA_UNREACHABLE')),
      late.promise,
    ])
  } finally {
    clearTimeout(timer)
  }
}

/** `undefined` when there are too many; then the rest is not read. */
async function readBytes(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function decisionOf(bytes: Uint8Array): Decision {
  let answer: unknown
  try {
    answer = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return failed('ERR_OPA_ANSWER')
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return failed('ERR_OPA_ANSWER')
  return 'result' in answer && Object.hasOwn(answer, 'result') ? readAnswer(answer.result) : undefinedAnswer()
}
