// RFC 7523 section 2.1: what a trusted provider asserts of a person, made for this authority, is a sign-in too. It is taken
// once, from a client that authenticates, and is mapped as an ID token of that provider is.

import { AuthorityError } from '../../errors.ts'
import { useAssertionOnce } from '../../identity/assertion-use.ts'
import { isPublic } from '../../identity/clients.ts'
import type { VerifiedAssertion } from '../../identity/providers.ts'
import type { Parts } from '../../parts.ts'
import type { StoreTransaction } from '../../store/store.ts'
import { bind } from './binding.ts'
import { deriveToken } from './derive.ts'
import { readDetails } from './details.ts'
import type { TokenAnswer } from './issue.ts'
import { allowTarget, readTarget } from './target.ts'
import type { TokenRequest } from './token-request.ts'

/** Errors: `ERR_AUTHORITY_CLIENT` for a public client, `ERR_AUTHORITY_SUBJECT_TOKEN` for a second use, those of an exchange. */
export async function jwtBearer(request: TokenRequest, parts: Parts): Promise<TokenAnswer> {
  const { parameters, client, correlation } = request
  if (isPublic(client)) throw new AuthorityError('ERR_AUTHORITY_CLIENT')
  const assertion = parameters.get('assertion')
  if (assertion === undefined) throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`assertion` is missing')
  const audience = readTarget(parameters, parts.settings.audiences)
  allowTarget(client, audience.id, parts.ownPolicy)
  const binding = bind(request, audience)
  const narrowing = { requested: readDetails(parameters) }
  const verified = await parts.providers.verifyAssertion(assertion, client.id)
  const first = async (transaction: StoreTransaction): Promise<void> => {
    await request.useProof(transaction)
    await useOnce(verified, transaction)
  }
  return deriveToken({ verified, client, audience, binding, narrowing, correlation, first }, parts)
}

/** In the transaction of what comes of it, so that an assertion is used exactly if a sign-in was. */
async function useOnce(
  { subject, jti, expiresAtSeconds }: VerifiedAssertion,
  transaction: StoreTransaction,
): Promise<void> {
  const use = { purpose: 'assertion', issuer: subject.issuer, jti, expiresAtSeconds } as const
  if (await useAssertionOnce(use, transaction)) return
  throw new AuthorityError('ERR_AUTHORITY_SUBJECT_TOKEN', 'the assertion was used before')
}
