// Who calls the API, and what the authority's own policy allows them. Deny by default and on any error.
//
// A caller is decided on as the store knows it now, not as its token remembers it: a role that was taken away is gone with
// the next request.

import {
  checkBinding,
  createVerifier,
  type KeySource,
  TokenError,
  verifyDpopProof,
  type VerifiedToken,
} from '@cardea/token'
import { type AppContext, socketAddress } from './context.ts'
import { AuthorityError } from '../errors.ts'
import type { OwnAction, OwnResource } from '../own-policy/own-policy.ts'
import type { Parts } from '../parts.ts'

export interface Caller {
  /** The client's id. */
  readonly id: string
  can(action: OwnAction, resource: OwnResource): boolean
  /** Errors: `ERR_AUTHORITY_FORBIDDEN`. */
  authorize(action: OwnAction, resource: OwnResource): void
}

export interface Access {
  /** Errors: `ERR_AUTHORITY_UNAUTHENTICATED`. */
  authenticate(context: AppContext): Promise<Caller>
}

const PROOF_SECONDS = 60

export function createAccess(parts: Parts, keys: KeySource): Access {
  const { settings, clients, ownPolicy, now, log } = parts
  const verifier = createVerifier({
    issuer: settings.issuer,
    audience: settings.issuer,
    algorithms: [settings.algorithm],
    keys,
    maxLifetimeSeconds: parts.longestSeconds,
    now,
  })
  return {
    async authenticate(context) {
      const { scheme, text } = readAuthorization(context.req.header('authorization'))
      const token = await refusedAs(verifier.verify(text))
      const dpopThumbprint = scheme === 'DPoP' ? await proveKey(context, text, parts) : undefined
      const address = socketAddress(context)
      const unbound = checkBinding(token, {
        scheme,
        ...(address === undefined ? {} : { address }),
        ...(dpopThumbprint === undefined ? {} : { dpopThumbprint }),
      })
      if (unbound !== undefined) throw unauthenticated(unbound)
      await refuseRevoked(token, parts)
      const client = token.claims.sub === token.claims.client_id ? await clients.find(token.claims.sub) : undefined
      if (client === undefined) throw unauthenticated()
      const can = (action: OwnAction, resource: OwnResource): boolean => {
        const decision = ownPolicy.decide(client, action, resource)
        if (decision.decision === 'allow') return true
        log.warn({ client: client.id, action, reason: decision.reason, policies: decision.determining }, 'denied')
        return false
      }
      return {
        id: client.id,
        can,
        authorize(action, resource) {
          if (!can(action, resource)) throw new AuthorityError('ERR_AUTHORITY_FORBIDDEN')
        },
      }
    },
  }
}

function readAuthorization(header: string | undefined): { readonly scheme: 'Bearer' | 'DPoP'; readonly text: string } {
  const match = /^(Bearer|DPoP) ([A-Za-z0-9._-]+)$/i.exec(header ?? '')
  const [, scheme = '', text = ''] = match ?? []
  if (match === null) throw unauthenticated()
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', text }
}

async function proveKey(context: AppContext, accessToken: string, { settings, proofs, now }: Parts): Promise<string> {
  const proof = context.req.header('dpop') ?? ''
  const url = new URL(settings.issuer).origin + new URL(context.req.url).pathname
  const proven = await refusedAs(
    verifyDpopProof({
      proof,
      method: context.req.method,
      url,
      accessToken,
      replay: proofs,
      now,
      maxAgeSeconds: PROOF_SECONDS,
    }),
  )
  return proven.thumbprint
}

/** Revocation is asked on every request; a token of another epoch is from before the database was restored. */
async function refuseRevoked(token: VerifiedToken, { revocations, store }: Parts): Promise<void> {
  const { epoch } = await store.read((view) => view.position())
  if (token.claims.epoch !== epoch) throw unauthenticated()
  if (revocations.matchToken(token) !== undefined) throw unauthenticated()
}

async function refusedAs<T>(checked: Promise<T>): Promise<T> {
  try {
    return await checked
  } catch (cause) {
    if (cause instanceof TokenError) throw unauthenticated(cause)
    throw cause
  }
}

function unauthenticated(cause?: Error): AuthorityError {
  return new AuthorityError('ERR_AUTHORITY_UNAUTHENTICATED', undefined, cause === undefined ? {} : { cause })
}
