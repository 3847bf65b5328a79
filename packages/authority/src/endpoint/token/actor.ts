// Who acts for the subject (RFC 8693 sections 2.1, 4.1 and 4.4). A client proves itself as the actor with its own token of this
// authority: nobody can make somebody else act. Who acted before stays in the chain, for the record; only the last one counts.

import type { Actor, Confirmation } from '@cardea/token'
import { z } from 'zod'
import { AuthorityError } from '../../errors.ts'
import type { Parts } from '../../parts.ts'
import type { Proven } from './binding.ts'
import { verifyOwnToken } from './own-token.ts'
import type { TokenRequest } from './token-request.ts'

/** How many may act one for the other. */
const MAX_ACTORS = 3
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/** What we can compare; a party that is described by more is none that we know. */
const mayActClaim = z.strictObject({ sub: z.string(), iss: z.string().optional() })

/**
 * When the actor's token ends, or `undefined` when there is none: the client's own, bound to the key and the certificate of now.
 * Errors: `ERR_AUTHORITY_ACTOR`, `ERR_AUTHORITY_TOKEN_TYPE`.
 */
export async function readActor(
  { parameters, client, keyThumbprint, certificate }: TokenRequest,
  parts: Parts,
): Promise<{ readonly endsAtSeconds: number } | undefined> {
  const text = parameters.get('actor_token')
  const type = parameters.get('actor_token_type')
  if (text === undefined && type === undefined) return undefined
  if (text === undefined || type !== ACCESS_TOKEN) {
    throw new AuthorityError('ERR_AUTHORITY_TOKEN_TYPE', `an \`actor_token\` must be an \`${ACCESS_TOKEN}\``)
  }
  const { claims, keyId } = await verifyOwnToken(text, [parts.settings.issuer], 'ERR_AUTHORITY_ACTOR', parts)
  const position = await parts.store.read((view) => view.position())
  await parts.store.hear(position)
  const isItself = claims.sub === client.id && claims.client_id === client.id && claims.sid === undefined
  const isBoundHere = isHeldBy(claims.cnf, { keyThumbprint, certificate })
  const isLive = claims.epoch === position.epoch && parts.revocations.matchToken({ claims, keyId }) === undefined
  if (!isItself || !isBoundHere || !isLive) throw new AuthorityError('ERR_AUTHORITY_ACTOR')
  return { endsAtSeconds: claims.exp }
}

/** Each member that is there must be shown; a binding without one that we know cannot be. */
function isHeldBy(cnf: Confirmation | undefined, { keyThumbprint, certificate }: Omit<Proven, 'address'>): boolean {
  if (cnf === undefined) return true
  const { jkt, 'x5t#S256': thumbprint } = cnf
  if (jkt === undefined && thumbprint === undefined) return false
  return (
    (jkt === undefined || jkt === keyThumbprint) && (thumbprint === undefined || thumbprint === certificate?.thumbprint)
  )
}

/** RFC 8693 section 4.4: a subject that says who may act is held to it. Errors: `ERR_AUTHORITY_ACTOR`. */
export function requireMayAct(mayAct: unknown, clientId: string, issuer: string): void {
  const { data } = mayActClaim.safeParse(mayAct)
  if (data === undefined || data.sub !== clientId || (data.iss ?? issuer) !== issuer) {
    throw new AuthorityError('ERR_AUTHORITY_ACTOR')
  }
}

/** The chain with one more in front. Errors: `ERR_AUTHORITY_DELEGATION_DEPTH`. */
export function actFor(clientId: string, before: Actor | undefined): Actor {
  if (depthOf(before) >= MAX_ACTORS) throw new AuthorityError('ERR_AUTHORITY_DELEGATION_DEPTH')
  return before === undefined ? { sub: clientId } : { sub: clientId, act: before }
}

function depthOf(actor: unknown): number {
  return typeof actor === 'object' && actor !== null ? 1 + depthOf('act' in actor ? actor.act : undefined) : 0
}
