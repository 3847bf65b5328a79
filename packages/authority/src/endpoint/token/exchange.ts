// RFC 8693 token exchange: a person's ID token in, a small token for one audience out. Read it top to bottom: each line is
// a step, and a step that fails ends the exchange with its own code.

import { AuthorityError } from '../../errors.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord } from '../../store/records.ts'
import { readNetworks, requireKey } from './binding.ts'
import { deriveToken } from './derive.ts'
import type { TokenAnswer } from './issue.ts'
import { allowTarget, readTarget } from './target.ts'

const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

export interface ExchangeRequest {
  readonly parameters: ReadonlyMap<string, string>
  readonly client: ClientRecord
  readonly keyThumbprint: string | undefined
  readonly correlation: string
}

export async function exchange(request: ExchangeRequest, parts: Parts): Promise<TokenAnswer> {
  const { parameters, client, keyThumbprint, correlation } = request
  const subjectToken = readSubjectToken(parameters)
  const audience = readTarget(parameters, parts.settings.audiences)
  allowTarget(client, audience.id, parts.ownPolicy)
  requireKey(audience, keyThumbprint)
  const binding = { keyThumbprint, networks: readNetworks(parameters.get('bind_address'), client) }
  const verified = await parts.providers.verify(subjectToken, client.id)
  const answer = await deriveToken({ verified, client, audience, binding, correlation }, parts)
  return { ...answer, issued_token_type: ACCESS_TOKEN }
}

/** Errors: `ERR_AUTHORITY_REQUEST`, `ERR_AUTHORITY_TOKEN_TYPE`, `ERR_AUTHORITY_SCOPE`. */
function readSubjectToken(parameters: ReadonlyMap<string, string>): string {
  const token = parameters.get('subject_token')
  if (token === undefined) throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`subject_token` is missing')
  if (parameters.get('subject_token_type') !== ID_TOKEN) {
    throw new AuthorityError('ERR_AUTHORITY_TOKEN_TYPE', `\`subject_token_type\` must be \`${ID_TOKEN}\``)
  }
  if ((parameters.get('requested_token_type') ?? ACCESS_TOKEN) !== ACCESS_TOKEN) {
    throw new AuthorityError('ERR_AUTHORITY_TOKEN_TYPE', `\`requested_token_type\` can only be \`${ACCESS_TOKEN}\``)
  }
  if (parameters.has('actor_token') || parameters.has('actor_token_type')) {
    throw new AuthorityError('ERR_AUTHORITY_TOKEN_TYPE', 'an actor token is not taken')
  }
  return token
}
