// Talks to an authority's management API as an enrolled client: gets a token by client credentials, sends JSON, and turns
// problem details into one clear line. Secrets travel by https or on loopback only.

import { z } from 'zod'
import type { LoadedConfig } from './config/load-config.ts'
import { type ClientCredentials, loadCredentials } from './credentials.ts'
import { CommandError } from './errors.ts'
import { printableLines } from './output/printable.ts'

export interface AuthorityClient {
  readonly url: string
  /** Sends JSON and returns the answer in the shape that is asked for. @throws CommandError ERR_COMMAND_AUTHORITY */
  send<T>(shape: z.ZodType<T>, method: 'GET' | 'POST' | 'DELETE', path: string, more?: RequestParts): Promise<T>
  /** The bytes of a long answer as they come. @throws CommandError ERR_COMMAND_AUTHORITY */
  stream(path: string): Promise<ReadableStream<Uint8Array>>
}

export interface RequestParts {
  /** Becomes JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** For one request and its whole answer. */
const LIMIT_MILLISECONDS = 30_000
const STREAM_MILLISECONDS = 3_600_000

/** After URL parsing, every spelling of an IPv4 address is dotted decimal. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Connects as the client of the environment, or as the one that `cardea dev` left here. @throws CommandError ERR_COMMAND_CONFIG */
export async function connect(loaded: LoadedConfig): Promise<AuthorityClient> {
  const url = authorityUrl(loaded)
  const credentials = await loadCredentials(loaded.folder, url)
  let token: string | undefined
  return {
    url,
    async send(shape, method, path, { body, headers = {} } = {}) {
      token ??= await fetchToken(url, credentials)
      const response = await request(`${url}${path}`, {
        method,
        headers: {
          ...headers,
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return answerOf(response, shape)
    },
    async stream(path) {
      token ??= await fetchToken(url, credentials)
      const response = await request(
        `${url}${path}`,
        { headers: { authorization: `Bearer ${token}` } },
        STREAM_MILLISECONDS,
      )
      if (response.ok && response.body !== null) return response.body
      return answerOf(response, z.never())
    },
  }
}

/** The authority's address without a slash at its end. @throws CommandError ERR_COMMAND_CONFIG when a secret would travel in the clear */
export function authorityUrl({ config }: LoadedConfig): string {
  const { protocol, hostname, origin } = new URL(config.authority.url)
  if (protocol === 'https:' || LOOPBACK.test(hostname)) return config.authority.url.replace(/\/$/, '')
  throw new CommandError('ERR_COMMAND_CONFIG', `secrets would travel in the clear to ${origin}`, {
    hint: 'use an https address, or one on loopback',
  })
}

const tokenAnswer = z.object({ access_token: z.string() })

/** A token by client credentials, for the authority itself or for another audience. */
export async function fetchToken(url: string, { id, secret }: ClientCredentials, audience?: string): Promise<string> {
  const response = await request(`${url}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      ...(audience === undefined ? {} : { audience }),
    }).toString(),
  })
  return (await answerOf(response, tokenAnswer)).access_token
}

/** Sends a request. @throws CommandError ERR_COMMAND_AUTHORITY when nobody answers */
export async function request(
  url: string,
  init: RequestInit,
  limitMilliseconds = LIMIT_MILLISECONDS,
): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(limitMilliseconds) })
  } catch (cause) {
    throw unreachable(url, cause)
  }
}

/** RFC 9457 problem details, or the error of RFC 6749. */
const problemBody = z
  .object({
    title: z.string(),
    detail: z.string(),
    code: z.string(),
    hint: z.string(),
    error: z.string(),
    error_description: z.string(),
    problems: z.array(z.object({ frame: z.string(), message: z.string() }).partial()),
  })
  .partial()

const CHECK_CREDENTIALS = 'check CARDEA_CLIENT_ID and CARDEA_CLIENT_SECRET'

/** The answer in its shape. @throws CommandError ERR_COMMAND_AUTHORITY with the authority's own words when it refused */
export async function answerOf<T>(response: Response, shape: z.ZodType<T>): Promise<T> {
  const json = parseJson(
    await response.text().catch((cause: unknown) => {
      throw unreachable(response.url, cause)
    }),
  )
  if (response.ok) {
    const parsed = shape.safeParse(json)
    if (parsed.success) return parsed.data
    throw new CommandError('ERR_COMMAND_AUTHORITY', `what answers at ${originOf(response.url)} is no authority`, {
      hint: 'check `authority.url`; `cardea config` shows it',
    })
  }
  const body = problemBody.catch({}).parse(json)
  for (const { frame, message } of body.problems ?? []) console.error(`${printableLines(frame ?? message ?? '')}\n`)
  const what = body.detail ?? body.error_description ?? body.title ?? body.error ?? 'no reason given'
  const code = body.code === undefined ? '' : ` ${body.code}`
  const hint = body.hint ?? (response.status === 401 ? CHECK_CREDENTIALS : undefined)
  const details = hint === undefined ? {} : { hint }
  throw new CommandError('ERR_COMMAND_AUTHORITY', `the authority refused: ${what} (${response.status}${code})`, details)
}

function unreachable(url: string, cause: unknown): CommandError {
  const late = cause instanceof Error && cause.name === 'TimeoutError'
  const reason = late ? `does not answer within ${LIMIT_MILLISECONDS / 1000} seconds` : 'cannot be reached'
  return new CommandError('ERR_COMMAND_AUTHORITY', `the authority at ${originOf(url)} ${reason}`, {
    hint: 'is it running? start one with `cardea dev` or `cardea serve`, or set CARDEA_AUTHORITY_URL',
    cause,
  })
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? 'an unknown address'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
