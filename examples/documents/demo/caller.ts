// A person in front of the service: signs in, exchanges the ID token for a Cardea token, and makes requests with it.

import { type DPoPKey, createDpopKey } from './dpop-key.ts'
import { CLIENT_ID, CLIENT_SECRET } from '../people/provider.ts'
import { personById } from '../people/people.ts'
import { signIn } from '../people/sign-in.ts'
import { type Answer, type Call, jsonOf, open, send } from './http.ts'
import { AUDIENCE, type World } from './world.ts'

/** An address in the network of acme's office, as the trusted proxy reports it. */
export const OFFICE = '10.1.2.3'

export interface CallerOptions {
  readonly secondFactor?: boolean
  /** Bind the token to a DPoP key. */
  readonly dpop?: boolean
  /** Bind the token to an address range. */
  readonly bindAddress?: string
  /** For whom the token is; the document service by default. */
  readonly audience?: string
}

export interface RequestOptions {
  /** The tenant's address; the caller's own by default. */
  readonly tenant?: string
  /** Where the request comes from. */
  readonly from?: string
  readonly body?: unknown
  /** Another token than the caller's. */
  readonly token?: string
  /** Which of the running services; the one that explains itself by default. */
  readonly service?: 'service' | 'bland' | 'late'
  /** Leave out the DPoP proof. */
  readonly withoutProof?: boolean
}

export interface Caller {
  readonly token: string
  readonly claims: Readonly<Record<string, unknown>>
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>
  /** Opens a stream; the answer's header is there when this resolves. */
  stream(path: string): ReturnType<typeof open>
}

export async function callerFor(world: World, login: string, options: CallerOptions = {}): Promise<Caller> {
  const { secondFactor = false } = options
  const idToken = await signIn({ issuer: world.provider.issuer, login, secondFactor })
  const key = options.dpop === true ? await createDpopKey() : undefined
  const answer = await exchange(world, idToken, options, key)
  if (answer.status !== 200) throw new Error(`the exchange was refused: ${answer.status} ${answer.text}`)
  const token = (jsonOf(answer) as { access_token: string }).access_token
  const home = personById(login)?.tenant ?? ''
  const call = async (method: string, path: string, request: RequestOptions = {}): Promise<Call> => {
    const { port } = world[request.service ?? 'service']
    const url = `http://127.0.0.1:${port}${path}`
    const host = `${request.tenant ?? home}.localhost:${port}`
    const proof =
      key === undefined || request.withoutProof === true
        ? undefined
        : await key.proof(method, `http://${host}${path}`, token)
    return {
      method,
      url,
      headers: {
        host,
        'x-forwarded-for': request.from ?? OFFICE,
        authorization: `${key === undefined ? 'Bearer' : 'DPoP'} ${request.token ?? token}`,
        ...(proof === undefined ? {} : { dpop: proof }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    }
  }
  return {
    token,
    claims: JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>,
    request: async (method, path, request) => send(await call(method, path, request)),
    stream: async (path) => open(await call('GET', path)),
  }
}

/** RFC 8693: the provider's ID token becomes a token for the document service. */
async function exchange(world: World, idToken: string, options: CallerOptions = {}, key?: DPoPKey): Promise<Answer> {
  const url = `${world.authority.url}/token`
  return send({
    method: 'POST',
    url,
    headers: {
      authorization: `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      ...(key === undefined ? {} : { dpop: await key.proof('POST', url) }),
    },
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: idToken,
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      audience: options.audience ?? AUDIENCE,
      ...(options.bindAddress === undefined ? {} : { bind_address: options.bindAddress }),
    }).toString(),
  })
}
