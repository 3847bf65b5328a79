// Talks to an authority's management API as an enrolled client: gets a token by client credentials, sends JSON, and turns
// problem details into one clear line.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { LoadedConfig } from './config/load-config.ts'
import { CommandError } from './errors.ts'

export interface AuthorityClient {
  readonly url: string
  /** Sends JSON and returns the answer's JSON. @throws CommandError ERR_COMMAND_AUTHORITY */
  send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<unknown>
}

export interface ClientCredentials {
  readonly id: string
  readonly secret: string
}

/** What `cardea dev` leaves for the other commands. */
export interface DevCredentials extends ClientCredentials {
  /** Lets `cardea token --as` sign test users in. */
  readonly signIn: string
}

const devCredentials = z.object({ id: z.string(), secret: z.string(), signIn: z.string() })

/** Where `cardea dev` leaves the credentials of its administrator, readable by the owner only. */
export const DEV_CREDENTIALS = join('.cardea', 'admin.json')

/** Connects as the client of the environment, or as the one that `cardea dev` left here. */
export async function connect({ config, folder }: LoadedConfig): Promise<AuthorityClient> {
  const url = config.authority.url.replace(/\/$/, '')
  const credentials = await loadCredentials(folder)
  let token: string | undefined
  return {
    url,
    async send(method, path, body, headers = {}) {
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
      return answerOf(response)
    },
  }
}

/** The client's id and secret. @throws CommandError ERR_COMMAND_CONFIG */
export async function loadCredentials(folder: string): Promise<ClientCredentials> {
  const id = process.env['CARDEA_CLIENT_ID']
  const secretFile = process.env['CARDEA_CLIENT_SECRET_FILE']
  const secret =
    process.env['CARDEA_CLIENT_SECRET'] ?? (secretFile === undefined ? undefined : await readSecret(secretFile))
  if (id !== undefined && secret !== undefined) return { id, secret }
  const dev = await loadDevCredentials(folder)
  if (dev !== undefined) return dev
  throw new CommandError('ERR_COMMAND_CONFIG', 'there are no credentials for the authority', {
    hint: 'set CARDEA_CLIENT_ID and CARDEA_CLIENT_SECRET (or CARDEA_CLIENT_SECRET_FILE), or run `cardea dev` in this folder',
  })
}

/** What a `cardea dev` in this folder left; `undefined` when there is none. */
export async function loadDevCredentials(folder: string): Promise<DevCredentials | undefined> {
  const text = await readFile(join(folder, DEV_CREDENTIALS), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : devCredentials.parse(JSON.parse(text))
}

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
  return z.object({ access_token: z.string() }).parse(await answerOf(response)).access_token
}

async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw new CommandError('ERR_COMMAND_FILE', `the secret file \`${file}\` cannot be read`, { cause })
  }
}

/** Sends a request. @throws CommandError ERR_COMMAND_AUTHORITY when nobody answers */
export async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error' })
  } catch (cause) {
    throw new CommandError('ERR_COMMAND_AUTHORITY', `the authority at ${new URL(url).origin} cannot be reached`, {
      hint: 'is it running? start one with `cardea dev` or `cardea serve`, or set CARDEA_AUTHORITY_URL',
      cause,
    })
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

/** The answer's JSON. @throws CommandError ERR_COMMAND_AUTHORITY with the authority's own words when it refused */
export async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text()
  const json: unknown = text === '' ? undefined : parseJson(text)
  if (response.ok) return json
  const body = problemBody.catch({}).parse(json)
  for (const problem of body.problems ?? []) console.error(`${problem.frame ?? problem.message ?? ''}\n`)
  const what = body.detail ?? body.error_description ?? body.title ?? body.error ?? 'no reason given'
  const code = body.code === undefined ? '' : ` ${body.code}`
  const details = body.hint === undefined ? {} : { hint: body.hint }
  throw new CommandError('ERR_COMMAND_AUTHORITY', `the authority refused: ${what} (${response.status}${code})`, details)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
