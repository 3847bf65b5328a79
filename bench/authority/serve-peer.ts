// `oidc-provider` in a process of its own, with its adapter in memory: JWT access tokens (RFC 9068) signed with ES256.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportSigningKey, generateSigningKey } from '@cardea/token'
import { answerQuestions, coreNanoseconds } from '../process.ts'
import { AUDIENCE, CLIENTS } from './world.ts'

// it warns that it keeps everything in memory, which is what is wanted here
console.warn = () => {}
const { Provider } = await import('oidc-provider')
const server = createServer()
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const key = exportSigningKey(await generateSigningKey('ES256'))
const provider = new Provider(url, {
  clients: [
    {
      client_id: CLIENTS.web.id,
      client_secret: CLIENTS.web.secret,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [{ ...key }] },
  ttl: { ClientCredentials: 300 },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: '',
        audience: AUDIENCE,
        accessTokenTTL: 300,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
})
const handle = provider.callback()
server.on('request', (request, response) => void handle(request, response))

answerQuestions({ started: () => ({ url }), core: () => coreNanoseconds() }, async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
