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
  type VerifiedToken,
  type Verifier,
  type VerifierOptions,
} from '@cardea/token'
import { AuthorityError } from '../errors.ts'
import type { ProviderSettings } from '../options.ts'
import { discoverKeysUrl } from './discovery.ts'
import { type Subject, subjectOf } from './subject.ts'

const MAX_ID_TOKEN_BYTES = 16 * 1024
const MAX_ASSERTION_SECONDS = 300

export interface Providers {
  /**
   * The person that an ID token speaks of. Its audience must be the client that presents it.
   * Errors: `ERR_AUTHORITY_ISSUER_UNKNOWN`, `ERR_AUTHORITY_SUBJECT_TOKEN` (cause: the `TokenError`),
   * `ERR_AUTHORITY_SUBJECT_AGE`, and those of `subjectOf`.
   */
  verify(idToken: string, clientId: string): Promise<VerifiedSubject>
  /**
   * The person that an assertion speaks of: one with a number, that ends soon and was made for this authority alone. Whether it
   * was used before is not checked here. Errors: those of `verify`.
   */
  verifyAssertion(assertion: string, clientId: string): Promise<VerifiedAssertion>
  /** Whether the provider is still trusted for the tenant and the client: what it said once counts no longer than that. */
  serves(issuer: string, tenant: string, clientId: string): boolean
}

export interface VerifiedSubject {
  readonly subject: Subject
  /** Nothing that comes of this sign-in lives longer. */
  readonly endsAtSeconds: number
  /** RFC 8693 section 4.4, as it came. */
  readonly mayAct: unknown
}

export interface VerifiedAssertion extends VerifiedSubject {
  readonly jti: string
  readonly expiresAtSeconds: number
}

export interface ProvidersParts {
  /** This authority: the audience of assertions. */
  readonly issuer: string
  readonly providers: readonly ProviderSettings[]
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
}

/** Errors: `ERR_AUTHORITY_CONFIG` for configured keys that cannot be used. */
export function createProviders({ issuer, providers, fetch, now }: ProvidersParts): Providers {
  const byIssuer = new Map(providers.map((provider) => [provider.issuer, createProvider(provider, fetch, now)]))

  /** Errors: `ERR_AUTHORITY_SUBJECT_AGE`, and those of `subjectOf`. */
  function signInOf(token: VerifiedToken, { settings }: Provider, clientId: string): VerifiedSubject {
    const endsAtSeconds = token.claims.iat + settings.sessionSeconds
    if (now() >= endsAtSeconds) throw new AuthorityError('ERR_AUTHORITY_SUBJECT_AGE')
    return { subject: subjectOf(token, settings, clientId), endsAtSeconds, mayAct: token.claims['may_act'] }
  }

  return {
    async verify(idToken, clientId) {
      const provider = byIssuer.get(issuerOf(idToken))
      const verifier = await provider?.verifier(clientId)
      if (provider === undefined || verifier === undefined) throw new AuthorityError('ERR_AUTHORITY_ISSUER_UNKNOWN')
      const token = await refusedAs(verifier.verify(idToken))
      refuseOtherKinds(token.claims, provider.audience(clientId))
      return signInOf(token, provider, clientId)
    },
    async verifyAssertion(assertion, clientId) {
      const provider = byIssuer.get(issuerOf(assertion))
      const named = provider?.audience(clientId)
      if (provider === undefined || named === undefined || !provider.settings.jwtBearer) {
        throw new AuthorityError('ERR_AUTHORITY_ISSUER_UNKNOWN')
      }
      const token = await refusedAs((await provider.assertionVerifier(issuer)).verify(assertion))
      const { jti, exp } = token.claims
      if (jti === undefined) throw new AuthorityError('ERR_AUTHORITY_SUBJECT_TOKEN', 'the assertion has no `jti`')
      refuseOtherAssertions(token.claims, named)
      return { ...signInOf(token, provider, clientId), jti, expiresAtSeconds: exp }
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
  /** For what is made for this authority. */
  assertionVerifier(audience: string): Promise<Verifier>
}

function createProvider(settings: ProviderSettings, fetch: typeof globalThis.fetch, now: () => number): Provider {
  const { clients, issuer, algorithms } = settings
  const audiences = new Map(Array.isArray(clients) ? clients.map((id) => [id, id]) : Object.entries(clients))
  const verifiers = new Map<string, Verifier>()
  const type = settings.idTokenType === 'none' ? ACCEPT_TOKENS_OF_ANY_KIND_WITHOUT_TYP : settings.idTokenType
  const common: Omit<VerifierOptions, 'audience' | 'keys'> = {
    issuer,
    algorithms,
    type,
    maxTokenBytes: MAX_ID_TOKEN_BYTES,
    now,
  }
  const configured = configuredKeys(settings, fetch, now)
  let keys: Promise<KeySource> | undefined

  // a failed discovery is forgotten, so that the next exchange tries again
  const loadKeys = (): Promise<KeySource> =>
    (keys ??= discoverKeys(configured, issuer, fetch, now).catch((error: unknown) => {
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
      const verifier = createVerifier({ ...common, audience, keys: await loadKeys() })
      verifiers.set(clientId, verifier)
      return verifier
    },
    async assertionVerifier(audience) {
      const maxLifetimeSeconds = MAX_ASSERTION_SECONDS
      return createVerifier({ ...common, audience, keys: await loadKeys(), maxLifetimeSeconds, cacheSize: 0 })
    },
  }
}

/** Errors: `ERR_AUTHORITY_CONFIG` for keys that cannot be used: a symmetric one, a private one, an address that is not https. */
function configuredKeys(
  { issuer, keys, jwksUri }: ProviderSettings,
  fetch: typeof globalThis.fetch,
  now: () => number,
): KeySource | undefined {
  try {
    if (keys !== undefined) return createLocalKeys(keys)
    return jwksUri === undefined ? undefined : createRemoteKeys({ url: jwksUri, fetch, now })
  } catch (cause) {
    if (!(cause instanceof TokenError)) throw cause
    throw new AuthorityError('ERR_AUTHORITY_CONFIG', `the keys of the provider \`${issuer}\` cannot be used`, {
      hint: 'public keys with `kid` and `alg`; `jwksUri` must be https',
      cause,
    })
  }
}

async function discoverKeys(
  configured: KeySource | undefined,
  issuer: string,
  fetch: typeof globalThis.fetch,
  now: () => number,
): Promise<KeySource> {
  return configured ?? createRemoteKeys({ url: await discoverKeysUrl(issuer, fetch), fetch, now })
}

/**
 * OpenID Connect Core 3.1.3.7: made for this client, by `azp` too. And no access token, which some providers sign with the same
 * keys, the same `typ` and sometimes the same audience: those name scopes or say what they are.
 */
function refuseOtherKinds(claims: TokenClaims, audience: string | undefined): void {
  const { azp, aud } = claims
  const forAnother = azp === undefined ? Array.isArray(aud) && aud.length > 1 : azp !== audience
  const use = claims['token_use'] ?? 'id'
  if (forAnother || namesScopes(claims) || use !== 'id') throw new AuthorityError('ERR_AUTHORITY_SUBJECT_TOKEN')
}

/**
 * RFC 7523 section 3, and its update: for this authority alone. If it says which client may bring it, no other does. And no access
 * token, as above, of an API that the provider calls by our name.
 */
function refuseOtherAssertions(claims: TokenClaims, client: string): void {
  const { aud, azp = client, client_id: clientId = client } = claims
  const forAnother = (Array.isArray(aud) && aud.length > 1) || azp !== client || clientId !== client
  if (forAnother || namesScopes(claims) || claims['token_use'] !== undefined) {
    throw new AuthorityError('ERR_AUTHORITY_SUBJECT_TOKEN')
  }
}

function namesScopes(claims: TokenClaims): boolean {
  return claims.scope !== undefined || claims['scp'] !== undefined
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
