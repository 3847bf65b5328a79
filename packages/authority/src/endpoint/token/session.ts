// The sign-in that tokens are derived from: opened by its first exchange, and never wider or longer afterwards.

import { AuthorityError } from '../../errors.ts'
import type { VerifiedSubject } from '../../identity/providers.ts'
import type { Subject } from '../../identity/subject.ts'
import type { Parts } from '../../parts.ts'
import type { ClientRecord, PrincipalRecord, ProvidedFacts, SessionRecord } from '../../store/records.ts'
import type { StoreTransaction } from '../../store/store.ts'
import type { Binding } from './binding.ts'

export interface SessionRequest {
  readonly client: ClientRecord
  /** Of the key that the client proved, and of its certificate. */
  readonly binding: Binding
  readonly ids: FreshIds
}

/** For what is not known yet. Chosen once a request, since the transaction that uses them may be made twice. */
export interface FreshIds {
  readonly sid: string
  readonly principal: string
}

export interface OpenSession {
  readonly principal: PrincipalRecord
  readonly session: SessionRecord
}

/**
 * The sign-in that a subject token stands for: the same one each time it is presented, with the assurance and the key that
 * it had at first. Errors: `ERR_AUTHORITY_SESSION_ENDED`, `ERR_AUTHORITY_SESSION_KEY`, `ERR_AUTHORITY_SESSION_CERTIFICATE`.
 */
export async function openSession(
  { subject, endsAtSeconds }: VerifiedSubject,
  { client, binding, ids }: SessionRequest,
  transaction: StoreTransaction,
  { directory, now }: Parts,
): Promise<OpenSession> {
  const configuredId = directory.idOf(subject.issuer, subject.tenant, subject.subject)
  const principal = await loadPrincipal(transaction, subject, configuredId ?? ids.principal)
  const existing = await transaction.sessionByOrigin(subject.origin)
  if (existing !== undefined) {
    requireLive(existing, now())
    requireSame(existing, binding)
    return { principal, session: await keepCertificate(existing, binding, transaction) }
  }
  const session: SessionRecord = {
    sid: ids.sid,
    origin: subject.origin,
    clientId: client.id,
    tenant: subject.tenant,
    principal: principal.id,
    acr: subject.acr,
    amr: subject.amr,
    authTime: subject.authTime,
    keyThumbprint: binding.keyThumbprint,
    certificateThumbprint: binding.certificateThumbprint,
    endsAtSeconds,
    endedAtSeconds: undefined,
    provided: { issuer: subject.issuer, attributes: subject.attributes, parents: subject.parents },
  }
  await transaction.insertSession(session)
  return { principal, session }
}

/**
 * The key and the certificate that the sign-in is bound to, no other and not none. A certificate that is shown without being asked for
 * leaves a sign-in without one as it is. Errors: `ERR_AUTHORITY_SESSION_KEY`, `ERR_AUTHORITY_SESSION_CERTIFICATE`.
 */
export function requireSame(
  session: SessionRecord,
  { keyThumbprint, shownThumbprint }: Pick<Binding, 'keyThumbprint' | 'shownThumbprint'>,
): void {
  if (session.keyThumbprint !== keyThumbprint) throw new AuthorityError('ERR_AUTHORITY_SESSION_KEY')
  if (session.certificateThumbprint === undefined || session.certificateThumbprint === shownThumbprint) return
  throw new AuthorityError('ERR_AUTHORITY_SESSION_CERTIFICATE')
}

/** The first token that is bound to a certificate binds its sign-in. Errors: `ERR_AUTHORITY_SESSION_CERTIFICATE`. */
export async function keepCertificate(
  session: SessionRecord,
  { certificateThumbprint }: Binding,
  transaction: StoreTransaction,
): Promise<SessionRecord> {
  if (session.certificateThumbprint !== undefined || certificateThumbprint === undefined) return session
  // another authority on this database was faster, with whichever
  if (!(await transaction.bindSession(session.sid, certificateThumbprint))) {
    throw new AuthorityError('ERR_AUTHORITY_SESSION_CERTIFICATE')
  }
  return { ...session, certificateThumbprint }
}

/** Errors: `ERR_AUTHORITY_SESSION_ENDED`. */
export function requireLive({ endedAtSeconds, endsAtSeconds }: SessionRecord, now: number): void {
  if (endedAtSeconds !== undefined || now >= endsAtSeconds) throw new AuthorityError('ERR_AUTHORITY_SESSION_ENDED')
}

/**
 * What the provider said at the sign-in, as long as the provider is trusted for its tenant and client.
 * Errors: `ERR_AUTHORITY_SESSION_ENDED`.
 */
export function providedOf({ provided, tenant, clientId }: SessionRecord, { providers }: Parts): ProvidedFacts {
  if (provided === undefined || !providers.serves(provided.issuer, tenant, clientId)) {
    throw new AuthorityError('ERR_AUTHORITY_SESSION_ENDED')
  }
  return provided
}

async function loadPrincipal(
  transaction: StoreTransaction,
  { issuer, tenant, subject }: Subject,
  newId: string,
): Promise<PrincipalRecord> {
  const known = await transaction.principal(issuer, tenant, subject)
  if (known !== undefined) return known
  const principal = { id: newId, issuer, tenant, subject }
  await transaction.insertPrincipal(principal)
  return principal
}
