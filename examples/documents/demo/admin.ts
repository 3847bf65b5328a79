// The authority's management API, as an administrator or another enrolled client uses it.

import { type Answer, jsonOf, send } from './http.ts'

export interface GrantBody {
  readonly tenant: string
  readonly grantee: string
  readonly template: string
  readonly resource: string
  /** ISO time. */
  readonly until?: string
}

interface Source {
  readonly file: string
  readonly text: string
}

export interface Admin {
  readonly id: string
  readonly secret: string
  /** A token of this client for the authority itself. */
  token(): Promise<string>
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Makes a grant and returns its id. */
  grant(body: GrantBody): Promise<string>
  /** Publishes over whatever is current; the answer may be a refusal. */
  tryPublish(sources: { readonly schema: Source; readonly policies: readonly Source[] }): Promise<Answer>
  /** Publishes, or throws. */
  publish(sources: { readonly schema: Source; readonly policies: readonly Source[] }): Promise<void>
}

export function createAdmin(url: string, id: string, secret: string): Admin {
  let token: Promise<string> | undefined
  const admin: Admin = {
    id,
    secret,
    token: () => (token ??= clientToken(url, id, secret)),
    async call(method, path, body, headers = {}) {
      return send({
        method,
        url: `${url}${path}`,
        headers: {
          authorization: `Bearer ${await admin.token()}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    },
    async grant(body) {
      const answer = await admin.call('POST', '/v1/grants', body)
      if (answer.status !== 201) throw new Error(`the grant was refused: ${answer.status} ${answer.text}`)
      return (jsonOf(answer) as { id: string }).id
    },
    async tryPublish(sources) {
      const current = await admin.call('GET', '/v1/policies/current')
      const revision = current.status === 200 ? (jsonOf(current) as { revision: number }).revision : 0
      return admin.call('POST', '/v1/policies', { ...sources, stage: 'now' }, { 'if-match': `"${revision}"` })
    },
    async publish(sources) {
      const answer = await admin.tryPublish(sources)
      if (answer.status !== 201) throw new Error(`the publication was refused: ${answer.status} ${answer.text}`)
    },
  }
  return admin
}

async function clientToken(url: string, id: string, secret: string): Promise<string> {
  const answer = await send({
    method: 'POST',
    url: `${url}/token`,
    headers: {
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials' }).toString(),
  })
  if (answer.status !== 200) throw new Error(`the client ${id} got no token: ${answer.status} ${answer.text}`)
  return (jsonOf(answer) as { access_token: string }).access_token
}
