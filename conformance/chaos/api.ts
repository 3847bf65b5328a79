// The authority's API as a client behind a load balancer uses it: each call goes to one authority, with a time limit, and may fail.

import { AUDIENCE, SECRET, type SIGN_IN_CLIENTS } from './setting.ts'

const TIMEOUT_MILLISECONDS = 8000
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token'

export type Answer = Record<string, unknown>
export type SignInClient = (typeof SIGN_IN_CLIENTS)[number]

export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
}

/** The authority refused: nothing has happened. Anything else that is thrown leaves it open. */
export class Refused extends Error {
  readonly status: number

  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }
}

const basic = (client: string): string =>
  `Basic ${Buffer.from(`${client}:${encodeURIComponent(SECRET)}`).toString('base64')}`

export class Api {
  #admin: { readonly token: string; readonly until: number } | undefined

  exchange(url: string, client: SignInClient, subjectToken: string): Promise<Tokens> {
    const form = { grant_type: EXCHANGE, subject_token: subjectToken, subject_token_type: ID_TOKEN, audience: AUDIENCE }
    return tokensFrom(url, client, form)
  }

  refresh(url: string, client: SignInClient, refreshToken: string): Promise<Tokens> {
    return tokensFrom(url, client, { grant_type: 'refresh_token', refresh_token: refreshToken })
  }

  /** A call as the administrator. */
  async admin(
    url: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const authorization = `Bearer ${await this.#token(url)}`
    const json = body === undefined ? undefined : JSON.stringify(body)
    return call(`${url}${path}`, method, json, { 'content-type': 'application/json', ...headers, authorization })
  }

  async #token(url: string): Promise<string> {
    if (this.#admin === undefined || Date.now() > this.#admin.until) {
      const form = new URLSearchParams({ grant_type: 'client_credentials' })
      const { access_token } = await call(`${url}/token`, 'POST', form, { authorization: basic('admin') })
      this.#admin = { token: String(access_token), until: Date.now() + 10_000 }
    }
    return this.#admin.token
  }

  /** After a refusal: clocks that were moved make tokens that are refused. */
  forget(): void {
    this.#admin = undefined
  }
}

async function tokensFrom(url: string, client: SignInClient, form: Readonly<Record<string, string>>): Promise<Tokens> {
  const parameters = new URLSearchParams(form)
  if (client === 'app') parameters.set('client_id', client)
  const headers: Record<string, string> = client === 'app' ? {} : { authorization: basic(client) }
  const answer = await call(`${url}/token`, 'POST', parameters, headers)
  const { access_token: accessToken, refresh_token: next } = answer
  const refreshToken = typeof next === 'string' ? next : (form['refresh_token'] ?? '')
  return { accessToken: String(accessToken), refreshToken }
}

async function call(
  url: string,
  method: string,
  body: URLSearchParams | string | undefined,
  headers: Record<string, string>,
): Promise<Answer> {
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS)
  const response = await fetch(url, { method, headers, signal, ...(body === undefined ? {} : { body }) })
  const text = await response.text()
  if (response.status >= 500) throw new Error(`${response.status} ${text}`)
  if (!response.ok) throw new Refused(response.status, text)
  return text === '' ? {} : { ...(JSON.parse(text) as Answer), etag: response.headers.get('etag') }
}
