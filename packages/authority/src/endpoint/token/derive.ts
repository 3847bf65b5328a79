// From a verified sign-in to a token: session, claims, refresh token. All that is read and written is one transaction, and
// what can be refused is refused in it; the signature stands or falls with it.
//
// The bound of what comes out is the sign-in (client, tenant, acr, end) and the person's grants as they are now, or as many of these as
// were asked for; what goes on from here (a refresh, a service that passes it on) stays within what was granted.

import { randomUUID } from 'node:crypto'
import { entityUid } from '@cardea/policy'
import { AuthorityError } from '../../errors.ts'
import type { VerifiedSubject } from '../../identity/providers.ts'
import type { Subject } from '../../identity/subject.ts'
import type { AudienceSettings } from '../../options.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord, SessionRecord } from '../../store/records.ts'
import type { StoreTransaction } from '../../store/store.ts'
import type { Binding } from './binding.ts'
import type { Narrowing } from './details.ts'
import { type Assembled, assembleAccessToken, type Delegation, type TokenAnswer } from './issue.ts'
import { packPerson } from './pack.ts'
import { keepGrantSet } from './keep-grant-set.ts'
import { hashRefreshToken, makeRefreshToken } from './refresh-token.ts'
import { type FreshIds, openSession } from './session.ts'
import { writeAndSign } from './write-and-sign.ts'

export interface Derivation {
  readonly verified: VerifiedSubject
  readonly client: ClientRecord
  readonly audience: AudienceSettings
  readonly binding: Binding
  readonly narrowing: Narrowing
  readonly correlation: string
  readonly delegation?: Delegation | undefined
  /** What must hold in the transaction before anything else. */
  readonly first: (transaction: StoreTransaction) => Promise<void>
}

/** Errors: `ERR_AUTHORITY_SUBJECT_REVOKED`, `ERR_AUTHORITY_SIGNER`, those of `openSession`, `packPerson`, `assembleAccessToken` and `first`. */
export async function deriveToken(request: Derivation, parts: Parts): Promise<TokenAnswer> {
  const ids = { sid: randomUUID(), principal: randomUUID() }
  const { outcome: derived, token } = await writeAndSign(
    (transaction) => derive(request, ids, transaction, parts),
    ({ assembled }) => assembled,
    parts,
  )
  await refuseRevoked(request.verified.subject, derived, parts)
  const answer = await token()
  const { refreshToken } = derived
  return refreshToken === undefined ? answer : { ...answer, refresh_token: refreshToken }
}

interface Derived {
  readonly session: SessionRecord
  readonly assembled: Assembled
  readonly refreshToken: string | undefined
}

async function derive(
  request: Derivation,
  ids: FreshIds,
  transaction: StoreTransaction,
  parts: Parts,
): Promise<Derived> {
  const { verified, client, audience, binding, narrowing, correlation, delegation } = request
  // INVARIANT: first, so that what takes anything away after this read has a greater number than the token
  const position = await transaction.position()
  await request.first(transaction)
  const { subject } = verified
  const { principal, session } = await openSession(verified, { client, binding, ids }, transaction, parts)
  const packed = await packPerson(
    {
      principal: principal.id,
      tenant: principal.tenant,
      provided: subject,
      audience: audience.id,
      narrowing,
      position,
    },
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
      ...(delegation === undefined ? {} : { delegation }),
      correlation,
    },
    parts,
  )
  await keepGrantSet(assembled, transaction)
  // a refreshed token would have lost who acts
  if (client.refresh === undefined || delegation !== undefined) return { session, assembled, refreshToken: undefined }
  const refreshToken = makeRefreshToken()
  await transaction.insertRefreshToken({
    hash: hashRefreshToken(refreshToken),
    sid: session.sid,
    audience: audience.id,
    networks: binding.networks,
    details: packed.granted,
    predecessor: undefined,
    usedAtSeconds: parts.now(),
    spentAtSeconds: undefined,
    salt: undefined,
  })
  return { session, assembled, refreshToken }
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
