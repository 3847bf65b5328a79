// A person signing in with a browser: the code flow with PKCE by `oauth4webapi`, cookies and the login form included.

import * as oauth from 'oauth4webapi'
import { personById } from './people.ts'
import { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SECOND_FACTOR } from './provider.ts'

export interface SignIn {
  readonly issuer: string
  readonly login: string
  /** Whether the second factor is shown. */
  readonly secondFactor?: boolean
}

/** Signs in and returns the ID token. */
export async function signIn({ issuer, login, secondFactor = false }: SignIn): Promise<string> {
  const client: oauth.Client = { client_id: CLIENT_ID }
  const insecure = { [oauth.allowInsecureRequests]: true }
  const server = await oauth
    .discoveryRequest(new URL(issuer), { ...insecure, algorithm: 'oidc' })
    .then((response) => oauth.processDiscoveryResponse(new URL(issuer), response))
  const verifier = oauth.generateRandomCodeVerifier()
  const nonce = oauth.generateRandomNonce()
  const state = oauth.generateRandomState()
  const url = new URL(server.authorization_endpoint ?? '')
  url.search = new URLSearchParams({
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid',
    prompt: 'login',
    nonce,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(secondFactor ? { acr_values: SECOND_FACTOR } : {}),
  }).toString()
  const back = await followLogin(url, login, secondFactor)
  const parameters = oauth.validateAuthResponse(server, client, back, state)
  const answer = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.ClientSecretBasic(CLIENT_SECRET),
    parameters,
    REDIRECT_URI,
    verifier,
    insecure,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
    expectedNonce: nonce,
    requireIdToken: true,
  })
  return tokens.id_token ?? ''
}

/** Follows redirects with cookies, posts the login form, and stops at the client's redirect. */
async function followLogin(start: URL, login: string, secondFactor: boolean): Promise<URL> {
  const person = personById(login)
  const cookies = new Map<string, string>()
  let url = start
  for (let hop = 0; hop < 8; hop += 1) {
    if (url.href.startsWith(REDIRECT_URI)) return url
    const atForm = url.pathname.startsWith('/interaction/')
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(atForm
        ? {
            method: 'POST',
            body: new URLSearchParams({
              login,
              password: person?.password ?? '',
              ...(secondFactor ? { code: person?.code ?? '' } : {}),
            }),
          }
        : {}),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      const at = pair.indexOf('=')
      cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`the provider answered ${response.status} instead of a redirect`)
    url = new URL(location, url)
  }
  throw new Error('the provider redirects without an end')
}
