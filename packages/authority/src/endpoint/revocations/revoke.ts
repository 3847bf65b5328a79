// Revoking: one numbered change that every guard hears, and the end of the sign-ins it speaks of, in one transaction.

import type { Position, RevocationKey } from '@cardea/feed'
import { parseEntityUid } from '@cardea/policy'
import { z } from 'zod'
import { AuthorityError } from '../../errors.ts'
import type { Parts } from '../../parts.ts'
import { killKey } from '../keys/change-keys.ts'
import type { SessionQuery, StoreTransaction } from '../../store/store.ts'

const text = z.string().min(1).max(1000)

/** What can be revoked, as JSON. */
export const revocationKey: z.ZodType<RevocationKey> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('token'), iss: text, jti: text }),
  z.strictObject({ kind: z.literal('session'), sid: text }),
  z.strictObject({ kind: z.literal('principal'), tenant: text, sub: text }),
  z.strictObject({ kind: z.literal('client'), clientId: text }),
  z.strictObject({ kind: z.literal('tenant'), tenant: text }),
  z.strictObject({ kind: z.literal('key'), kid: text }),
  z.strictObject({ kind: z.literal('grant'), tenant: text, grantee: text, template: text, resource: text }),
  z.strictObject({ kind: z.literal('all') }),
])

export interface Revoked {
  readonly position: Position
}

/**
 * From the position on, no guard takes what the key matches. It answers once the change is durable.
 * Errors: `ERR_AUTHORITY_REVOCATION`; for a signing key those of `KeyRing.kill`.
 */
export async function revoke(key: RevocationKey, parts: Parts): Promise<Revoked> {
  // a key has a state besides, so that it is not distributed any more
  if (key.kind === 'key') return { position: (await killKey(key.kid, {}, parts)).position }
  return { position: await parts.store.write((transaction) => revokeWithin(transaction, key, parts)) }
}

/**
 * The same inside a transaction that does more. `tokenTenant`: that of a token whose text is known; without it every guard hears of it.
 * Errors: `ERR_AUTHORITY_REVOCATION`.
 */
export async function revokeWithin(
  transaction: StoreTransaction,
  key: Exclude<RevocationKey, { readonly kind: 'key' }>,
  { now, latest, longestSeconds }: Pick<Parts, 'now' | 'latest' | 'longestSeconds'>,
  tokenTenant?: string,
): Promise<Position> {
  const sessions = sessionsOf(key)
  if (sessions !== undefined) await transaction.endSessions(sessions, now())
  if (key.kind === 'grant') await removeGrants(key, transaction)
  const tenant = key.kind === 'session' ? (await transaction.session(key.sid))?.tenant : tokenTenant
  return transaction.append({
    kind: 'revocation',
    key,
    ...(tenant === undefined ? {} : { tenant }),
    revokedAtSeconds: now(),
    expiresAtSeconds: latest() + longestSeconds,
  })
}

/** The sign-ins that end with it. */
function sessionsOf(key: Exclude<RevocationKey, { readonly kind: 'key' }>): SessionQuery | undefined {
  switch (key.kind) {
    case 'session':
      return { sid: key.sid }
    case 'principal':
      return { tenant: key.tenant, principal: key.sub }
    case 'client':
      return { clientId: key.clientId }
    case 'tenant':
      return { tenant: key.tenant }
    case 'all':
      return {}
    case 'token':
    case 'grant':
      return undefined
    default:
      return key satisfies never
  }
}

async function removeGrants(
  key: Extract<RevocationKey, { kind: 'grant' }>,
  transaction: StoreTransaction,
): Promise<void> {
  const grantee = parseEntityUid(key.grantee)
  const resource = parseEntityUid(key.resource)
  if (grantee === undefined || resource === undefined) {
    throw new AuthorityError('ERR_AUTHORITY_REVOCATION', '`grantee` and `resource` must be entities: `Type::"id"`')
  }
  const { tenant, template } = key
  for (const grant of await transaction.grants({ tenant, grantee, resource, template, limit: 100 })) {
    await transaction.deleteGrant(grant.id)
  }
}
