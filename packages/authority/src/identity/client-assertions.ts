// Clients that prove who they are with a signature (RFC 7523 sections 2.2 and 3, OpenID Connect Core section 9): no secret
// leaves the client, and what it sends counts once, for one authority, for a few minutes.

import {
  ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP,
  createLocalKeys,
  createRemoteKeys,
  createVerifier,
  decodeToken,
  type KeySource,
  SIGNATURE_ALGORITHMS,
  TokenError,
  type TokenType,
  type VerifiedToken,
  type Verifier,
} from '@cardea/token'
import { AuthorityError } from '../errors.ts'
import type { ClientSettings } from '../options.ts'
import type { Store } from '../store/store.ts'
import { useAssertionOnce } from './assertion-use.ts'

const MAX_ASSERTION_BYTES = 8192
const MAX_LIFE_SECONDS = 300

/** What clients say in `typ`: nothing, what every JWT may say, or what the update of RFC 7523 asks for. */
const TYPES: ReadonlyMap<unknown, TokenType> = new Map<unknown, TokenType>([
  [undefined, ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP],
  ['JWT', 'JWT'],
  ['client-authentication+jwt', 'client-authentication+jwt'],
])

export interface ClientAssertions {
  /** The id of the client that signed it, just now and for this authority alone. Errors: `ERR_AUTHORITY_CLIENT`. */
  verify(assertion: string): Promise<string>
}

export interface ClientAssertionsParts {
  readonly clients: readonly ClientSettings[]
  /** The one audience: not the address of an endpoint, which another authority could name as its own. */
  readonly issuer: string
  readonly store: Store
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
}

/** Errors: `ERR_AUTHORITY_CONFIG` for keys that cannot be used. */
export function createClientAssertions(parts: ClientAssertionsParts): ClientAssertions {
  const verifiers = new Map<string, ReadonlyMap<unknown, Verifier>>()
  for (const client of parts.clients) {
    const keys = keysOf(client, parts)
    if (keys !== undefined) verifiers.set(client.id, verifiersOf(client.id, keys, parts))
  }
  return {
    async verify(assertion) {
      try {
        const { unverifiedHeader, unverifiedClaims } = decodeToken(assertion)
        const { iss } = unverifiedClaims
        const verifier = typeof iss === 'string' ? verifiers.get(iss)?.get(unverifiedHeader['typ']) : undefined
        if (verifier === undefined) throw new AuthorityError('ERR_AUTHORITY_CLIENT')
        return await useOnce(await verifier.verify(assertion), parts.store)
      } catch (cause) {
        if (cause instanceof TokenError) throw new AuthorityError('ERR_AUTHORITY_CLIENT', undefined, { cause })
        throw cause
      }
    },
  }
}

/** RFC 7523 section 3: about itself, for nobody else, and not seen before, by any authority on this store. */
async function useOnce({ claims }: VerifiedToken, store: Store): Promise<string> {
  const { iss, sub, aud, jti, exp } = claims
  const isForUsAlone = typeof aud === 'string' || aud.length === 1
  if (sub !== iss || !isForUsAlone || jti === undefined) throw new AuthorityError('ERR_AUTHORITY_CLIENT')
  const use = { purpose: 'client', issuer: iss, jti, expiresAtSeconds: exp } as const
  const isNew = await store.write((transaction) => useAssertionOnce(use, transaction))
  if (!isNew) throw new AuthorityError('ERR_AUTHORITY_CLIENT', 'the client assertion was used before')
  return iss
}

function verifiersOf(
  id: string,
  keys: KeySource,
  { issuer, now }: ClientAssertionsParts,
): ReadonlyMap<unknown, Verifier> {
  const common = {
    issuer: id,
    audience: issuer,
    keys,
    algorithms: SIGNATURE_ALGORITHMS,
    maxTokenBytes: MAX_ASSERTION_BYTES,
    maxLifetimeSeconds: MAX_LIFE_SECONDS,
    // each counts once
    cacheSize: 0,
    now,
  }
  return new Map([...TYPES].map(([typ, type]) => [typ, createVerifier({ ...common, type })]))
}

function keysOf({ id, keys, jwksUri }: ClientSettings, { fetch, now }: ClientAssertionsParts): KeySource | undefined {
  try {
    if (keys !== undefined) return createLocalKeys(keys)
    return jwksUri === undefined ? undefined : createRemoteKeys({ url: jwksUri, fetch, now })
  } catch (cause) {
    if (!(cause instanceof TokenError)) throw cause
    throw new AuthorityError('ERR_AUTHORITY_CONFIG', `the keys of the client \`${id}\` cannot be used`, {
      hint: 'public keys with `kid` and `alg`; `jwksUri` must be https',
      cause,
    })
  }
}
