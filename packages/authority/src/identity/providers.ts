// The identity providers that are trusted, each for its clients and its tenants. Keys come from the address that the
// provider's own discovery document names, never from anything in a token.

import {
  ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP,
  createLocalKeys,
  createRemoteKeys,
  createVerifier,
  decodeToken,
  type KeySource,
  type TokenClaims,
  TokenError,
  type Verifier,
} from '@cardea/token'
import { AuthorityError } from '../errors.ts'
import type { ProviderSettings } from '../options.ts'
import { discoverKeysUrl } from './discovery.ts'
import { type Subject, subjectOf } from './subject.ts'

const MAX_ID_TOKEN_BYTES = 16 * 1024

export interface Providers {
  /**
   * The person that an ID token speaks of. Its audience must be the client that presents it.
   * Errors: `ERR_AUTHORITY_ISSUER_UNKNOWN`, `ERR_AUTHORITY_SUBJECT_TOKEN` (cause: the `TokenError`),
   * `ERR_AUTHORITY_SUBJECT_AGE`, and those of `subjectOf`.
   */
  verify(idToken: string, clientId: string): Promise<VerifiedSubject>
  /** Whether the provider is still trusted for the tenant and the client: what it said once counts no longer than that. */
  serves(issuer: string, tenant: string, clientId: string): boolean
}

export interface VerifiedSubject {
  readonly subject: Subject
  /** Nothing that comes of this sign-in lives longer. */
  readonly endsAtSeconds: number
}

export interface ProvidersParts {
  readonly providers: readonly ProviderSettings[]
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
}

export function createProviders({ providers, fetch, now }: ProvidersParts): Providers {
  const byIssuer = new Map(providers.map((provider) => [provider.issuer, createProvider(provider, fetch, now)]))
  return {
    async verify(idToken, clientId) {
      const provider = byIssuer.get(issuerOf(idToken))
      const verifier = await provider?.verifier(clientId)
      if (provider === undefined || verifier === undefined) throw new AuthorityError('ERR_AUTHORITY_ISSUER_UNKNOWN')
      const token = await refusedAs(verifier.verify(idToken))
      refuseOtherKinds(token.claims, provider.audience(clientId))
      const endsAtSeconds = token.claims.iat + provider.settings.sessionSeconds
      if (now() >= endsAtSeconds) throw new AuthorityError('ERR_AUTHORITY_SUBJECT_AGE')
      return { subject: subjectOf(token, provider.settings, clientId), endsAtSeconds }
    },
    serves(issuer, tenant, clientId) {
      const provider = byIssuer.get(issuer)
      return provider?.audience(clientId) !== undefined && Object.values(provider.settings.tenants).includes(tenant)
    },
  }
}

interface Provider {
  readonly settings: ProviderSettings
  /** The provider's name for one of our clients. */
  audience(clientId: string): string | undefined
  /** `undefined` for a client whose tokens of this provider are not taken. */
  verifier(clientId: string): Promise<Verifier | undefined>
}

function createProvider(settings: ProviderSettings, fetch: typeof globalThis.fetch, now: () => number): Provider {
  const { clients, issuer, algorithms } = settings
  const audiences = new Map(Array.isArray(clients) ? clients.map((id) => [id, id]) : Object.entries(clients))
  const verifiers = new Map<string, Verifier>()
  let keys: Promise<KeySource> | undefined

  // a failed discovery is forgotten, so that the next exchange tries again
  const loadKeys = (): Promise<KeySource> =>
    (keys ??= keysOf(settings, fetch, now).catch((error: unknown) => {
      keys = undefined
      throw error
    }))

  return {
    settings,
    audience: (clientId) => audiences.get(clientId),
    async verifier(clientId) {
      const audience = audiences.get(clientId)
      if (audience === undefined) return undefined
      const existing = verifiers.get(clientId)
      if (existing !== undefined) return existing
      const verifier = createVerifier({
        issuer,
        audience,
        algorithms,
        keys: await loadKeys(),
        type: settings.idTokenType === 'none' ? ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP : settings.idTokenType,
        maxTokenBytes: MAX_ID_TOKEN_BYTES,
        now,
      })
      verifiers.set(clientId, verifier)
      return verifier
    },
  }
}

async function keysOf(
  { issuer, keys, jwksUri }: ProviderSettings,
  fetch: typeof globalThis.fetch,
  now: () => number,
): Promise<KeySource> {
  if (keys !== undefined) return createLocalKeys(keys)
  return createRemoteKeys({ url: jwksUri ?? (await discoverKeysUrl(issuer, fetch)), fetch, now })
}

/**
 * OpenID Connect Core 3.1.3.7: made for this client, by `azp` too. And no access token, which some providers sign with the same
 * keys, the same `typ` and sometimes the same audience: those name scopes or say what they are.
 */
function refuseOtherKinds(claims: TokenClaims, audience: string | undefined): void {
  const { azp, aud } = claims
  const forAnother = azp === undefined ? Array.isArray(aud) && aud.length > 1 : azp !== audience
  const use = claims['token_use'] ?? 'id'
  const isAccessToken = claims.scope !== undefined || claims['scp'] !== undefined || use !== 'id'
  if (forAnother || isAccessToken) throw new AuthorityError('ERR_AUTHORITY_SUBJECT_TOKEN')
}

/** Unchecked: it chooses the provider whose keys and name the token is then checked against. */
function issuerOf(idToken: string): string {
  try {
    const { iss } = decodeToken(idToken).unverifiedClaims
    return typeof iss === 'string' ? iss : ''
  } catch (cause) {
    throw new AuthorityError('ERR_AUTHORITY_SUBJECT_TOKEN', undefined, { cause })
  }
}

async function refusedAs<T>(verified: Promise<T>): Promise<T> {
  try {
    return await verified
  } catch (cause) {
    if (cause instanceof TokenError) throw new AuthorityError('ERR_AUTHORITY_SUBJECT_TOKEN', undefined, { cause })
    throw cause
  }
}
