// The company's identity provider: a real OpenID provider (`oidc-provider`) with test users. It knows passwords, second factors
// and groups; it knows nothing of Cardea.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import type { Configuration, Provider } from 'oidc-provider'
import { NETWORKS, personById } from './people.ts'

export const CLIENT_ID = 'documents-web'
export const CLIENT_SECRET = 'documents-web-test-secret'
export const REDIRECT_URI = 'https://documents.example/signed-in'

const PASSWORD = 'pwd'
export const SECOND_FACTOR = 'mfa'

export interface RunningProvider {
  readonly issuer: string
  close(): Promise<void>
}

/** Starts the provider on a free loopback port. */
export async function startProvider(): Promise<RunningProvider> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const settings = await configuration()
  const provider = await withoutWarnings(async () => {
    const { Provider: RealProvider } = await import('oidc-provider')
    return new RealProvider(issuer, settings)
  })
  const handle = provider.callback()
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') === true) void interact(provider, request, response)
    else void handle(request, response)
  })
  return { issuer, close: () => closeServer(server) }
}

/** `oidc-provider` warns at its start that it keeps everything in memory: here that is what is wanted. */
async function withoutWarnings<T>(run: () => Promise<T>): Promise<T> {
  const { warn } = console
  console.warn = () => {}
  try {
    return await run()
  } finally {
    console.warn = warn
  }
}

async function configuration(): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [REDIRECT_URI],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        require_auth_time: true,
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'provider-1' }] },
    cookies: { keys: [crypto.randomUUID()] },
    acrValues: [PASSWORD, SECOND_FACTOR],
    claims: {
      acr: null,
      amr: null,
      auth_time: null,
      openid: ['sub', 'acr', 'amr', 'tenant', 'teams', 'roles', 'networks', 'external'],
    },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 3600, IdToken: 300, Interaction: 300, Session: 3600 },
    findAccount: (_context, id) => {
      const person = personById(id)
      if (person === undefined) return undefined
      const { tenant, teams, roles, external } = person
      return { accountId: id, claims: () => ({ sub: id, tenant, teams, roles, networks: NETWORKS[tenant], external }) }
    },
    loadExistingGrant: async (context) => {
      const { client, session, provider } = context.oidc
      const grant = new provider.Grant({ clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' })
      grant.addOIDCScope('openid')
      await grant.save()
      return grant
    },
  }
}

/** The login page, for a program: a form post with `login`, `password` and perhaps `code`. */
async function interact(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = new URLSearchParams(await bodyOf(request))
  const person = personById(form.get('login') ?? '')
  if (person === undefined || form.get('password') !== person.password) {
    response.writeHead(403).end('wrong login or password')
    return
  }
  const second = form.get('code') === person.code
  await provider.interactionFinished(
    request,
    response,
    {
      login: {
        accountId: person.id,
        acr: second ? SECOND_FACTOR : PASSWORD,
        amr: second ? ['pwd', 'otp'] : ['pwd'],
        remember: false,
      },
    },
    { mergeWithLastSubmission: false },
  )
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise<void>((resolve) => server.close(() => resolve()))
}
