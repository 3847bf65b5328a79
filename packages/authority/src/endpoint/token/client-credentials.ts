// RFC 6749 section 4.4: an enrolled client gets a token for itself, for the authority (guards, granters, administrators) or for
// an audience whose policies know clients.

import { entityUid } from '@cardea/policy'
import { AuthorityError } from '../../errors.ts'
import { isPublic } from '../../identity/clients.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord } from '../../store/records.ts'
import { bind, NO_NEEDS, useProofAlone } from './binding.ts'
import { readDetails, refuseDetails } from './details.ts'
import { assembleAccessToken, issueAccessToken, type Packed, signAccessToken, type TokenAnswer } from './issue.ts'
import { assembleKept } from './keep-grant-set.ts'
import { packClient } from './pack.ts'
import { allowTarget, readTarget, refuseScopes, targetOf } from './target.ts'
import type { TokenRequest } from './token-request.ts'

/** The life of a client's token for the authority itself. */
export const OWN_TOKEN_SECONDS = 300
const OWN_TOKEN_BYTES = 8192

/** Errors: `ERR_AUTHORITY_CLIENT` for a public client, those of `readTarget`, `allowTarget` and `packClient`. */
export async function clientCredentials(request: TokenRequest, parts: Parts): Promise<TokenAnswer> {
  const { parameters, client, correlation } = request
  const subject = entityUid(parts.settings.clientType, client.id)
  if (isPublic(client)) throw new AuthorityError('ERR_AUTHORITY_CLIENT')
  const target = targetOf(parameters) ?? parts.settings.issuer
  if (target === parts.settings.issuer) {
    refuseScopes(parameters)
    refuseDetails(parameters)
    const binding = bind(request, NO_NEEDS)
    const audience = { id: target, tokenSeconds: OWN_TOKEN_SECONDS, maxTokenBytes: OWN_TOKEN_BYTES }
    await useProofAlone(request, parts)
    const packed = await packOwn(client, parts)
    await requirePresent(client, parts)
    return issueAccessToken({ audience, client, session: undefined, subject, binding, packed, correlation }, parts)
  }
  const audience = readTarget(parameters, parts.settings.audiences)
  allowTarget(client, audience.id, parts.ownPolicy)
  const binding = bind(request, audience)
  await useProofAlone(request, parts)
  const assembled = await assembleKept(parts.store, async (view) => {
    const packed = await packClient(client, audience.id, { requested: readDetails(parameters) }, view, parts)
    return assembleAccessToken({ audience, client, session: undefined, subject, binding, packed, correlation }, parts)
  })
  await requirePresent(client, parts)
  return signAccessToken(assembled, parts)
}

/**
 * After the position was read: a removal later than that takes the token away, one before is found here.
 * Errors: `ERR_AUTHORITY_CLIENT`.
 */
async function requirePresent({ id, secretHash }: ClientRecord, { clients }: Parts): Promise<void> {
  const present = await clients.find(id)
  if (present === undefined || present.secretHash !== secretHash) throw new AuthorityError('ERR_AUTHORITY_CLIENT')
}

/** A token for the authority's own API: what its own policy reads of a client. */
async function packOwn({ roles, audiences, tenants, templates }: ClientRecord, { store }: Parts): Promise<Packed> {
  const position = await store.read((view) => view.position())
  return { position, tenant: undefined, claims: { roles, audiences, tenants, templates } }
}
