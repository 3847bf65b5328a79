// POST /token. RFC 6749 section 3.2, RFC 8693, RFC 8705, RFC 9449 sections 5 and 8.

import type { AppContext } from '../../http/context.ts'
import { AuthorityError } from '../../errors.ts'
import { readForm } from '../../http/body.ts'
import type { Settings } from '../../options.ts'
import type { Parts } from '../../parts.ts'
import { proveKey } from './binding.ts'
import { authenticateClient } from './client-authentication.ts'
import { clientCredentials } from './client-credentials.ts'
import { exchange } from './exchange.ts'
import { refresh } from './refresh.ts'
import { jwtBearer } from './jwt-bearer.ts'
import type { TokenAnswer } from './issue.ts'

const GRANT_TYPES: ReadonlyMap<string, typeof exchange> = new Map([
  ['urn:ietf:params:oauth:grant-type:token-exchange', exchange],
  ['urn:ietf:params:oauth:grant-type:jwt-bearer', jwtBearer],
  ['refresh_token', refresh],
  ['client_credentials', clientCredentials],
])

export const grantTypes: readonly string[] = [...GRANT_TYPES.keys()]

export async function tokenEndpoint(context: AppContext, parts: Parts): Promise<Response> {
  const { nonces, settings, connections } = parts
  // with every answer, so that the next request has a fresh one (RFC 9449 section 8.2)
  if (nonces !== undefined) context.header('dpop-nonce', nonces.issue())
  const parameters = await readForm(context, settings.limits.bodyBytes)
  const certificate = connections.certificateOf(context)
  const authorization = context.req.header('authorization')
  const client = await authenticateClient({ authorization, parameters, certificate }, parts)
  const run = GRANT_TYPES.get(parameters.get('grant_type') ?? '')
  if (run === undefined) throw new AuthorityError('ERR_AUTHORITY_GRANT_TYPE')
  const proof = await proveKey(context.req.header('dpop'), addressOf(context, settings), parts)
  const address = connections.addressOf(context)
  const answer: TokenAnswer = await run(
    { parameters, client, ...proof, certificate, address, correlation: context.get('requestId') },
    parts,
  )
  return context.json(answer, 200, { 'cache-control': 'no-store', pragma: 'no-cache' })
}

/** RFC 8705 section 5: of its two addresses the one that was asked. `Host` chooses between the two and can name no third. */
function addressOf(context: AppContext, { issuer, mtlsIssuer = issuer }: Settings): string {
  const isOther = new URL(context.req.url).host === new URL(mtlsIssuer).host
  return `${isOther ? mtlsIssuer : issuer}/token`
}
