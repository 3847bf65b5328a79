// RFC 6749 section 6, RFC 9700 section 4.14: a new access token for a sign-in that goes on. As wide as the sign-in's recorded
// limits and the person's grants as they are now, or narrower if that is asked for, this once; `acr`, `amr` and `auth_time` stay those of the sign-in.
//
// Whoever keeps a secret or proves a key goes on with one refresh token. An unbound public client gets another each time; the
// spent one is answered with the same successor for a few seconds, until that is used, and otherwise ends the sign-in.
// INVARIANT: rows decide, not memory, so it holds with any number of authorities on one database.

import type { Position } from '@cardea/feed'
import { entityUid } from '@cardea/policy'
import { AuthorityError } from '../../errors.ts'
import { isPublic } from '../../identity/clients.ts'
import type { Parts } from '../../parts.ts'
import type { RefreshTokenRecord, SessionRecord } from '../../store/records.ts'
import type { StoreTransaction } from '../../store/store.ts'
import { revokeWithin } from '../revocations/revoke.ts'
import { bind } from './binding.ts'
import { readDetails } from './details.ts'
import { type Assembled, assembleAccessToken, type TokenAnswer } from './issue.ts'
import { keepGrantSet } from './keep-grant-set.ts'
import { packPerson } from './pack.ts'
import { hashRefreshToken, isRefreshToken, makeSalt, successorOf } from './refresh-token.ts'
import { keepCertificate, providedOf, requireLive, requireSame } from './session.ts'
import { allowTarget, audienceOf, refuseScopes, targetOf } from './target.ts'
import type { TokenRequest } from './token-request.ts'
import { writeAndSign } from './write-and-sign.ts'

/** How long after it was spent a token is taken for a retry: an answer was lost, or two tabs asked at once. */
const RETRY_SECONDS = 10

/**
 * Errors: `ERR_AUTHORITY_REQUEST`, `ERR_AUTHORITY_SCOPE`, `ERR_AUTHORITY_BIND_ADDRESS`, `ERR_AUTHORITY_REFRESH_TOKEN`,
 * `ERR_AUTHORITY_REFRESH_IDLE`, `ERR_AUTHORITY_REFRESH_REUSED`, `ERR_AUTHORITY_SESSION_ENDED`, `ERR_AUTHORITY_SESSION_KEY`,
 * `ERR_AUTHORITY_SESSION_CERTIFICATE`, `ERR_AUTHORITY_TARGET`, `ERR_AUTHORITY_SIGNER`, and those of `bind`, `packPerson` and `assembleAccessToken`.
 */
export async function refresh(request: TokenRequest, parts: Parts): Promise<TokenAnswer> {
  const token = readRefreshToken(request.parameters)
  const { outcome: used, token: accessToken } = await writeAndSign(
    async (transaction) => {
      await request.useProof(transaction)
      return use(token, request, transaction, parts)
    },
    (outcome) => (outcome === 'reused' ? undefined : outcome.assembled),
    parts,
  )
  // thrown here: inside, it would take the revocation back
  if (used === 'reused') throw new AuthorityError('ERR_AUTHORITY_REFRESH_REUSED')
  const answer = await accessToken()
  return used.successor === undefined ? answer : { ...answer, refresh_token: used.successor }
}

function readRefreshToken(parameters: ReadonlyMap<string, string>): string {
  const token = parameters.get('refresh_token')
  if (token === undefined) throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`refresh_token` is missing')
  refuseScopes(parameters)
  if (parameters.has('bind_address')) {
    throw new AuthorityError('ERR_AUTHORITY_BIND_ADDRESS', 'a refreshed token keeps the address ranges of its exchange')
  }
  if (!isRefreshToken(token)) throw new AuthorityError('ERR_AUTHORITY_REFRESH_TOKEN')
  return token
}

interface Used {
  readonly assembled: Assembled
  /** The refresh token that goes on, if it is another. */
  readonly successor: string | undefined
}

/** All of one use, as one transaction: what throws here spends nothing. */
async function use(
  token: string,
  request: TokenRequest,
  transaction: StoreTransaction,
  parts: Parts,
): Promise<Used | 'reused'> {
  // INVARIANT: first, so that what takes anything away after this read has a greater number than the token
  const position = await transaction.position()
  const found = await find(hashRefreshToken(token), request, transaction, parts)
  const { session, record } = found
  if (isReuse(record, parts.now())) {
    await revokeWithin(transaction, { kind: 'session', sid: session.sid }, parts)
    return 'reused'
  }
  const assembled = await assemble(found, position, request, transaction, parts)
  if (record.salt !== undefined) return { assembled, successor: successorOf(token, record.salt) }
  const rotates = isPublic(request.client) && !isBound(assembled.request.session ?? session)
  const successor = rotates ? await rotate(token, record, transaction, parts.now()) : undefined
  const isWon = rotates ? successor !== undefined : await transaction.useRefreshToken(record.hash, parts.now())
  // another authority on this database spent it since it was read: now it stands as spent here too
  return isWon ? { assembled, successor } : use(token, request, transaction, parts)
}

/** Nobody else can use the refresh tokens of a bound sign-in: they need not rotate (RFC 8705 section 4). */
function isBound({ keyThumbprint, certificateThumbprint }: SessionRecord): boolean {
  return keyThumbprint !== undefined || certificateThumbprint !== undefined
}

interface Found {
  readonly record: RefreshTokenRecord
  readonly session: SessionRecord
}

/** Another client, another key or another certificate learns nothing and ends nothing. */
async function find(
  hash: string,
  { client, keyThumbprint, certificate }: TokenRequest,
  transaction: StoreTransaction,
  { now }: Parts,
): Promise<Found> {
  const record = await transaction.refreshToken(hash)
  const session = record === undefined ? undefined : await transaction.session(record.sid)
  if (record === undefined || session?.clientId !== client.id || client.refresh === undefined) {
    throw new AuthorityError('ERR_AUTHORITY_REFRESH_TOKEN')
  }
  requireSame(session, { keyThumbprint, shownThumbprint: certificate?.thumbprint })
  requireLive(session, now())
  if (record.spentAtSeconds === undefined && now() >= record.usedAtSeconds + client.refresh.idleSeconds) {
    throw new AuthorityError('ERR_AUTHORITY_REFRESH_IDLE')
  }
  return { record, session }
}

/** Spent, and not a retry: the window is over on either side of the clock, or the successor was used. */
function isReuse({ spentAtSeconds, salt }: RefreshTokenRecord, now: number): boolean {
  if (spentAtSeconds === undefined) return false
  return salt === undefined || Math.abs(now - spentAtSeconds) >= RETRY_SECONDS
}

/** The bound of the new token: what was recorded, as far as it is still trusted, and the grants of now. */
async function assemble(
  { record, session: found }: Found,
  position: Position,
  request: TokenRequest,
  transaction: StoreTransaction,
  parts: Parts,
): Promise<Assembled> {
  const { settings, ownPolicy } = parts
  const { parameters, client, correlation } = request
  if ((targetOf(parameters) ?? record.audience) !== record.audience) {
    throw new AuthorityError('ERR_AUTHORITY_TARGET', 'a refresh token is for the audience of its exchange')
  }
  const audience = audienceOf(record.audience, settings.audiences)
  allowTarget(client, audience.id, ownPolicy)
  // a refreshed token keeps the addresses of its exchange
  const { networks } = record
  const now = bind(request, { ...audience, bindAddress: audience.bindAddress && networks === undefined })
  const binding = { ...now, networks: networks ?? now.networks }
  const session = await keepCertificate(found, binding, transaction)
  const provided = providedOf(session, parts)
  const { principal, tenant } = session
  const narrowing = { requested: readDetails(parameters), recorded: record.details }
  const packed = await packPerson(
    { principal, tenant, provided, audience: audience.id, narrowing, position },
    transaction,
    parts,
  )
  const subject = entityUid(settings.principalType, principal)
  const assembled = assembleAccessToken({ audience, client, session, subject, binding, packed, correlation }, parts)
  await keepGrantSet(assembled, transaction)
  return assembled
}

/** The successor, or `undefined` when somebody else was faster. */
async function rotate(
  token: string,
  record: RefreshTokenRecord,
  transaction: StoreTransaction,
  now: number,
): Promise<string | undefined> {
  const salt = makeSalt()
  const successor = successorOf(token, salt)
  if (!(await transaction.spendRefreshToken(record, salt, now))) return undefined
  const { hash: predecessor } = record
  await transaction.insertRefreshToken({
    ...record,
    hash: hashRefreshToken(successor),
    predecessor,
    usedAtSeconds: now,
  })
  return successor
}
