// What clients ask for: a token for somebody who has just signed in, one more for the same sign-in, one by its refresh token, one for
// the client itself.

import { randomUUID } from 'node:crypto'
import { issueToken, type SigningKey } from '@cardea/token'
import { AUDIENCE, basic, CLIENTS, PROVIDER, subjectOf } from './world.ts'

const ID_TOKEN_SECONDS = 3600

export interface Form {
  /** The header: who asks. */
  readonly authorization: string
  readonly body: string
}

export interface Forms {
  /** Of sign-ins that no authority has seen. */
  readonly exchange: (count: number) => Promise<readonly Form[]>
  /** Of the same sign-ins again and again, as far as they reach. */
  readonly exchangeAgain: (count: number) => readonly Form[]
  /** As `exchange`, of the client that gets refresh tokens. */
  readonly signIn: (count: number) => Promise<readonly Form[]>
}

const WEB = basic(CLIENTS.web)
const APP = basic(CLIENTS.app)

/** `again` sign-ins are presented again and again. */
export async function createForms(key: SigningKey, people: number, again: number): Promise<Forms> {
  const exchanges = async (count: number): Promise<Form[]> => {
    const forms = []
    for (let index = 0; index < count; index += 1) forms.push(await exchangeForm(key, index % people))
    return forms
  }
  const signedIn = await exchanges(again)
  return {
    exchange: exchanges,
    exchangeAgain: (count) => cycle(signedIn, count),
    async signIn(count) {
      const forms = []
      for (let index = 0; index < count; index += 1) {
        const body = exchangeBody(await idToken(key, index % people, CLIENTS.app.id))
        forms.push({ authorization: APP, body })
      }
      return forms
    },
  }
}

/** For somebody who has just signed in at the web server. */
export async function exchangeForm(key: SigningKey, person: number): Promise<Form> {
  return { authorization: WEB, body: exchangeBody(await idToken(key, person, CLIENTS.web.id)) }
}

/** A confidential client goes on with one refresh token, so each may be used again. */
export function refreshForms(refreshTokens: readonly string[], count: number): readonly Form[] {
  return cycle(refreshTokens, count).map((token) => ({
    authorization: APP,
    body: formOf({ grant_type: 'refresh_token', refresh_token: token }),
  }))
}

/** RFC 8707 `resource`, which both servers take. */
const CLIENT_CREDENTIALS: Form = {
  authorization: WEB,
  body: formOf({ grant_type: 'client_credentials', resource: AUDIENCE }),
}

export function clientCredentials(count: number): readonly Form[] {
  return Array.from({ length: count }, () => CLIENT_CREDENTIALS)
}

function exchangeBody(subjectToken: string): string {
  return formOf({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: subjectToken,
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    audience: AUDIENCE,
  })
}

function idToken(key: SigningKey, person: number, client: string): Promise<string> {
  const iat = Math.floor(Date.now() / 1000)
  const claims = {
    iss: PROVIDER,
    sub: subjectOf(person),
    aud: client,
    iat,
    exp: iat + ID_TOKEN_SECONDS,
    auth_time: iat,
    jti: randomUUID(),
  }
  return issueToken(claims, key, { type: 'JWT' })
}

function cycle<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: Math.ceil(count / items.length) }, () => items)
    .flat()
    .slice(0, count)
}

function formOf(parameters: Readonly<Record<string, string>>): string {
  return new URLSearchParams(parameters).toString()
}
