// RFC 8693 token exchange: a person's ID token in, a small token for one audience out. Read it top to bottom: each line is
// a step, and a step that fails ends the exchange with its own code. What a service does with its caller's token is `pass-on.ts`.

import { AuthorityError } from '../../errors.ts'
import type { Parts } from '../../parts.ts'
import { actFor, readActor, requireMayAct } from './actor.ts'
import { bind } from './binding.ts'
import { deriveToken } from './derive.ts'
import { readDetails } from './details.ts'
import type { TokenAnswer } from './issue.ts'
import { passOn } from './pass-on.ts'
import { allowTarget, readTarget } from './target.ts'
import type { TokenRequest } from './token-request.ts'

const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

export async function exchange(request: TokenRequest, parts: Parts): Promise<TokenAnswer> {
  const { parameters, client, correlation } = request
  const { text, type } = readSubjectToken(parameters)
  if (type === ACCESS_TOKEN) return { ...(await passOn(text, request, parts)), issued_token_type: ACCESS_TOKEN }
  const audience = readTarget(parameters, parts.settings.audiences)
  allowTarget(client, audience.id, parts.ownPolicy)
  const binding = bind(request, audience)
  const narrowing = { requested: readDetails(parameters) }
  const verified = await parts.providers.verify(text, client.id)
  const actor = await readActor(request, parts)
  // who signed in at this client has to say that it may do more than that
  if (actor !== undefined) requireMayAct(verified.mayAct, client.id, parts.settings.issuer)
  const delegation = actor === undefined ? undefined : { ...actor, act: actFor(client.id, undefined) }
  const answer = await deriveToken(
    { verified, client, audience, binding, narrowing, correlation, delegation, first: request.useProof },
    parts,
  )
  return { ...answer, issued_token_type: ACCESS_TOKEN }
}

interface SubjectToken {
  readonly text: string
  readonly type: string
}

/** Errors: `ERR_AUTHORITY_REQUEST`, `ERR_AUTHORITY_TOKEN_TYPE`, `ERR_AUTHORITY_SCOPE`. */
function readSubjectToken(parameters: ReadonlyMap<string, string>): SubjectToken {
  const text = parameters.get('subject_token')
  const type = parameters.get('subject_token_type')
  if (text === undefined) throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`subject_token` is missing')
  if (type !== ID_TOKEN && type !== ACCESS_TOKEN) {
    const message = `\`subject_token_type\` must be \`${ID_TOKEN}\` or \`${ACCESS_TOKEN}\``
    throw new AuthorityError('ERR_AUTHORITY_TOKEN_TYPE', message)
  }
  if ((parameters.get('requested_token_type') ?? ACCESS_TOKEN) !== ACCESS_TOKEN) {
    throw new AuthorityError('ERR_AUTHORITY_TOKEN_TYPE', `\`requested_token_type\` can only be \`${ACCESS_TOKEN}\``)
  }
  return { text, type }
}
