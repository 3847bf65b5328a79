// RFC 8693 token exchange: a person's ID token in, a small token for one audience out. Read it top to bottom: each line is
// a step, and a step that fails ends the exchange with its own code.
//
// The bound of what comes out is the sign-in (client, tenant, acr, end) and the person's grants as they are now. All that is
// read and written is one transaction.

import { entityUid } from '@cardea/policy'
import { AuthorityError } from '../../errors.ts'
import type { VerifiedSubject } from '../../identity/providers.ts'
import type { Subject } from '../../identity/subject.ts'
import type { AudienceSettings } from '../../options.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord, SessionRecord } from '../../store/records.ts'
import type { StoreTransaction } from '../../store/store.ts'
import { type Binding, readNetworks, requireKey } from './binding.ts'
import { type Assembled, assembleAccessToken, signAccessToken, type TokenAnswer } from './issue.ts'
import { packPerson } from './pack.ts'
import { hashRefreshToken, makeRefreshToken } from './refresh-token.ts'
import { openSession } from './session.ts'
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
  const binding: Binding = { keyThumbprint, networks: readNetworks(parameters.get('bind_address'), client) }
  const verified = await parts.providers.verify(subjectToken, client.id)
  const derived = await parts.store.write((transaction) =>
    derive({ verified, client, audience, binding, correlation }, transaction, parts),
  )
  await refuseRevoked(verified.subject, derived, parts)
  const answer = await signAccessToken(derived.assembled, parts)
  const { refreshToken } = derived
  return {
    ...answer,
    issued_token_type: ACCESS_TOKEN,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  }
}

interface Derivation {
  readonly verified: VerifiedSubject
  readonly client: ClientRecord
  readonly audience: AudienceSettings
  readonly binding: Binding
  readonly correlation: string
}

interface Derived {
  readonly session: SessionRecord
  readonly assembled: Assembled
  readonly refreshToken: string | undefined
}

/** Session, claims, token: as one transaction. Errors: those of `openSession`, `packPerson`, `assembleAccessToken`. */
async function derive(request: Derivation, transaction: StoreTransaction, parts: Parts): Promise<Derived> {
  const { verified, client, audience, binding, correlation } = request
  // INVARIANT: first, so that what takes anything away after this read has a greater number than the token
  const position = await transaction.position()
  const { subject } = verified
  const { principal, session } = await openSession(verified, client, binding.keyThumbprint, transaction, parts)
  const packed = await packPerson(
    { principal: principal.id, tenant: principal.tenant, provided: subject, audience: audience.id, position },
    transaction,
    parts,
  )
  const assembled = assembleAccessToken(
    {
      audience,
      client,
      session,
      subject: entityUid(parts.settings.principalType, principal.id),
      binding,
      packed,
      correlation,
    },
    parts,
  )
  if (client.refresh === undefined) return { session, assembled, refreshToken: undefined }
  const refreshToken = makeRefreshToken()
  await transaction.insertRefreshToken({
    hash: hashRefreshToken(refreshToken),
    sid: session.sid,
    audience: audience.id,
    networks: binding.networks,
    predecessor: undefined,
    usedAtSeconds: parts.now(),
    spentAtSeconds: undefined,
    salt: undefined,
  })
  return { session, assembled, refreshToken }
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

/**
 * A sign-in from before a revocation brings nothing back. It has no position in the log, so its time counts, in whole
 * seconds and against it. What was revoked up to the token's position was heard here, also of another authority; what comes
 * after has a greater number. Errors: `ERR_AUTHORITY_SUBJECT_REVOKED`.
 */
async function refuseRevoked(subject: Subject, { session, assembled }: Derived, parts: Parts): Promise<void> {
  await parts.store.hear(assembled.request.packed.position)
  const { issuer: iss, issuedAtSeconds: iat, keyId } = subject
  const { principal: sub, tenant, clientId, sid } = session
  const match = parts.revocations.matchToken({ claims: { iss, iat, sub, tenant, client_id: clientId, sid }, keyId })
  if (match !== undefined) throw new AuthorityError('ERR_AUTHORITY_SUBJECT_REVOKED')
}
