// RFC 8693 token exchange: a person's ID token in, a small token for one audience out. Read it top to bottom: each line is
// a step, and a step that fails ends the exchange with its own code.
//
// The bound of what comes out is the sign-in (client, tenant, acr, end) and the person's grants as they are now.

import { randomUUID } from 'node:crypto'
import { entityUid } from '@cardea/policy'
import { AuthorityError } from '../../errors.ts'
import type { VerifiedSubject } from '../../identity/providers.ts'
import type { Subject } from '../../identity/subject.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord, PrincipalRecord, SessionRecord } from '../../store/records.ts'
import type { StoreTransaction } from '../../store/store.ts'
import { type Binding, readNetworks, requireKey } from './binding.ts'
import { issueAccessToken, type TokenAnswer } from './issue.ts'
import { packPerson } from './pack.ts'
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
  const { principal, session } = await openSession(verified, client, keyThumbprint, parts)
  const packed = await packPerson({ subject: verified.subject, principal, audience }, parts)
  // after the position was read: a revocation later than that has a greater number than the token, one before is found here
  refuseRevoked(verified.subject, principal, session, parts)
  const answer = await issueAccessToken(
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

interface OpenSession {
  readonly principal: PrincipalRecord
  readonly session: SessionRecord
}

/**
 * The sign-in that the ID token stands for: the same one each time it is presented, with the assurance and the key that
 * it had at first. Errors: `ERR_AUTHORITY_SESSION_ENDED`, `ERR_AUTHORITY_SESSION_KEY`.
 */
async function openSession(
  { subject, endsAtSeconds }: VerifiedSubject,
  client: ClientRecord,
  keyThumbprint: string | undefined,
  { store, directory, now }: Parts,
): Promise<OpenSession> {
  return store.write(async (transaction) => {
    const principal = await loadPrincipal(
      transaction,
      subject,
      directory.idOf(subject.issuer, subject.tenant, subject.subject),
    )
    const existing = await transaction.sessionByOrigin(subject.origin)
    if (existing === undefined) {
      const session: SessionRecord = {
        sid: randomUUID(),
        origin: subject.origin,
        clientId: client.id,
        tenant: subject.tenant,
        principal: principal.id,
        acr: subject.acr,
        amr: subject.amr,
        authTime: subject.authTime,
        keyThumbprint,
        endsAtSeconds,
        endedAtSeconds: undefined,
      }
      await transaction.insertSession(session)
      return { principal, session }
    }
    if (existing.endedAtSeconds !== undefined || now() >= existing.endsAtSeconds) {
      throw new AuthorityError('ERR_AUTHORITY_SESSION_ENDED')
    }
    if (existing.keyThumbprint !== keyThumbprint) throw new AuthorityError('ERR_AUTHORITY_SESSION_KEY')
    return { principal, session: existing }
  })
}

async function loadPrincipal(
  transaction: StoreTransaction,
  { issuer, tenant, subject }: Subject,
  configuredId: string | undefined,
): Promise<PrincipalRecord> {
  const known = await transaction.principal(issuer, tenant, subject)
  if (known !== undefined) return known
  const principal = { id: configuredId ?? randomUUID(), issuer, tenant, subject }
  await transaction.insertPrincipal(principal)
  return principal
}

/**
 * A sign-in from before a revocation brings nothing back. It has no position in the log, so its time counts, in whole
 * seconds and against it. Errors: `ERR_AUTHORITY_SUBJECT_REVOKED`.
 */
function refuseRevoked(subject: Subject, principal: PrincipalRecord, session: SessionRecord, parts: Parts): void {
  const { issuer: iss, tenant, issuedAtSeconds: iat } = subject
  const { sid, clientId } = session
  const claims = { iss, sub: principal.id, tenant, client_id: clientId, sid, iat }
  const match = parts.revocations.matchToken({ claims, keyId: subject.keyId })
  if (match !== undefined) throw new AuthorityError('ERR_AUTHORITY_SUBJECT_REVOKED')
}
