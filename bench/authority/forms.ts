// What clients ask for: a token for somebody who has just signed in, one more for the same sign-in, one for the client itself.

import { randomUUID } from 'node:crypto'
import { issueToken, type SigningKey } from '@cardea/token'
import { AUDIENCE, CLIENTS, PROVIDER, subjectOf } from './world.ts'

const ID_TOKEN_SECONDS = 3600

export const FORM_NAMES = ['exchange', 'exchange again', 'client credentials'] as const
type FormName = (typeof FORM_NAMES)[number]

export interface Forms {
  /** So many forms of a kind. Those of `exchange` are of sign-ins that the authority has not seen. */
  make(name: FormName, count: number): Promise<readonly string[]>
}

/** `again` sign-ins are presented again and again. */
export async function createForms(key: SigningKey, people: number, again: number): Promise<Forms> {
  const signedIn = await exchanges(again)

  async function exchanges(count: number): Promise<string[]> {
    const forms = []
    for (let index = 0; index < count; index += 1) forms.push(exchangeForm(await idToken(key, index % people)))
    return forms
  }

  return {
    async make(name, count) {
      if (name === 'exchange') return exchanges(count)
      if (name === 'exchange again') return Array.from({ length: count }, (_, index) => signedIn[index % again] ?? '')
      return Array.from({ length: count }, () => CLIENT_CREDENTIALS)
    },
  }
}

/** RFC 8707 `resource`, which both servers take. */
const CLIENT_CREDENTIALS = formOf({ grant_type: 'client_credentials', resource: AUDIENCE })

function exchangeForm(subjectToken: string): string {
  return formOf({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: subjectToken,
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    audience: AUDIENCE,
  })
}

function idToken(key: SigningKey, person: number): Promise<string> {
  const iat = Math.floor(Date.now() / 1000)
  const claims = {
    iss: PROVIDER,
    sub: subjectOf(person),
    aud: CLIENTS.web.id,
    iat,
    exp: iat + ID_TOKEN_SECONDS,
    auth_time: iat,
    jti: randomUUID(),
  }
  return issueToken(claims, key, { type: 'JWT' })
}

function formOf(parameters: Readonly<Record<string, string>>): string {
  return new URLSearchParams(parameters).toString()
}
