// Everything that can be said of a token without its issuer: for scripts as data. INVARIANT: the signature is in none of it.

import {
  ClaimsError,
  type Grant,
  grantsReference,
  openGrantSet,
  toAuthorizationDetails,
  unpackGrants,
  unpackGroups,
} from '@cardea/claims'
import { formatEntityUid } from '@cardea/policy'
import { decodeToken, diagnoseToken, type JsonObject, type JsonValue, TokenError } from '@cardea/token'
import { formatTime } from '../output/duration.ts'
import type { Expectations } from './expectations.ts'
import { malformed } from './malformed.ts'
import { type Refusal, planRefusal, refusalOf } from './refusal.ts'

export interface TokenDescription {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly bytes: { readonly token: number; readonly grantsAsAuthorizationDetails: number }
  readonly signature: 'verified' | 'refused' | 'unchecked'
  readonly times: {
    readonly issuedAt: string | null
    readonly expiresAt: string | null
    /** Negative: so long ago it ended. */
    readonly secondsLeft: number | null
  }
  readonly binding: readonly Binding[]
  /** The present actor first, then who acted before (RFC 8693 section 4.1). */
  readonly actors: readonly string[]
  readonly plan: { readonly digest: string; readonly known: boolean | null } | null
  /** Type to ids. */
  readonly memberships: Readonly<Record<string, readonly string[]>>
  readonly grants: readonly GrantGroup[]
  /** Whether the token holds its grants or names them, and what of the latter is known here. */
  readonly grantsBy: 'token' | 'set' | 'set, not at hand'
  /** RFC 9396 section 2. */
  readonly authorization_details: readonly object[]
  readonly refusals: readonly Refusal[]
  /** What a request must come with, or it is refused with that code. */
  readonly needs: readonly Refusal[]
  /** What was not looked at, and how it can be. */
  readonly unchecked: readonly string[]
}

export interface Binding {
  readonly kind: 'key' | 'certificate' | 'networks'
  readonly value: string
}

/** Grants that share all but their resource. */
export interface GrantGroup {
  readonly grantee: string
  readonly template: string
  readonly resourceType: string
  readonly resources: readonly string[]
  readonly until: string | null
  readonly ended: boolean
}

/** Throws `TokenError` when the text is no signed JWT; everything else that is wrong is in `refusals`. */
export async function describeToken(text: string, expected: Expectations, now: number): Promise<TokenDescription> {
  const { unverifiedHeader: header, unverifiedClaims: claims } = decode(text)
  const { issuer, keys, algorithms, type } = expected
  const audience = audienceFor(claims['aud'], expected.audiences)
  const { problems, signature } = await diagnoseToken(text, {
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
    ...(keys === undefined ? {} : { keys }),
    ...(algorithms === undefined ? {} : { algorithms }),
    type,
    now: () => now,
  })
  const refusals = problems.map((problem) => refusalOf(problem, claims, expected, now))
  const grants = orRefusal(() => grantsOf(claims, expected), refusals)
  const grantsBy =
    claims['grants_ref'] === undefined ? 'token' : expected.grantSet === undefined ? 'set, not at hand' : 'set'
  const groups = orRefusal(() => unpackGroups(claims['groups'] ?? {}), refusals)
  const plan = planOf(claims, expected)
  if (plan?.known === false) refusals.push(planRefusal())
  const details = toAuthorizationDetails(grants)
  const binding = bindingOf(claims)
  return {
    header,
    claims,
    bytes: { token: text.length, grantsAsAuthorizationDetails: JSON.stringify(details).length },
    signature,
    times: timesOf(claims, now),
    binding,
    actors: actorsOf(claims['act']),
    plan,
    memberships: Object.fromEntries(
      [...Map.groupBy(groups, ({ type }) => type)].map(([type, uids]) => [type, uids.map(({ id }) => id)]),
    ),
    grants: groupGrants(grants, now),
    grantsBy,
    authorization_details: details,
    refusals,
    needs: binding.map((one) => NEEDS[one.kind]),
    unchecked: [
      ...(grantsBy === 'set, not at hand' ? [SET_NOT_AT_HAND] : []),
      ...uncheckedOf(expected, signature, plan),
      ...expected.notes,
    ],
  }
}

const SET_NOT_AT_HAND =
  'grants: the token names them, and a guard of its audience fetches them; give --grant-set FILE, as the authority answers a guard'

/** What the token holds; or what it names, if that is at hand and the token's own. */
function grantsOf(claims: JsonObject, { grantSet }: Expectations): readonly Grant[] {
  const digest = grantsReference(claims)
  if (digest === undefined) return unpackGrants(claims['grants'] ?? [])
  if (grantSet === undefined) return []
  const { issuer, audience, tenant, principal, grants } = openGrantSet(grantSet, digest)
  const { iss, aud, sub, tenant: ofToken } = claims
  const isOwn = issuer === iss && audience === aud && tenant === ofToken && principal.id === sub
  if (!isOwn) throw new ClaimsError('ERR_CLAIMS_GRANT_SET_OWNER')
  return grants
}

function decode(text: string): ReturnType<typeof decodeToken> {
  try {
    return decodeToken(text)
  } catch (error) {
    throw error instanceof TokenError ? malformed(error, text) : error
  }
}

/** The one of ours that the token names; else the first, which it then is refused for. */
function audienceFor(aud: JsonValue | undefined, audiences: readonly string[]): string | undefined {
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  return audiences.find((audience) => named.includes(audience)) ?? audiences[0]
}

function orRefusal<T>(read: () => readonly T[], refusals: Refusal[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ClaimsError)) throw error
    refusals.push({
      code: error.code,
      message: error.message,
      hint: 'it was not packed by an authority; get a new one',
    })
    return []
  }
}

function timesOf({ iat, exp }: JsonObject, now: number): TokenDescription['times'] {
  const time = (value: JsonValue | undefined): string | null => (typeof value === 'number' ? formatTime(value) : null)
  return {
    issuedAt: time(iat),
    expiresAt: time(exp),
    secondsLeft: typeof exp === 'number' ? Math.floor(exp - now) : null,
  }
}

function bindingOf({ cnf, net }: JsonObject): readonly Binding[] {
  const binding: Binding[] = []
  const { jkt, 'x5t#S256': certificate } = isObject(cnf) ? cnf : {}
  if (typeof jkt === 'string') binding.push({ kind: 'key', value: jkt })
  if (typeof certificate === 'string') binding.push({ kind: 'certificate', value: certificate })
  if (Array.isArray(net)) binding.push({ kind: 'networks', value: net.map(textOf).join(', ') })
  return binding
}

const NEEDS: Readonly<Record<Binding['kind'], Refusal>> = {
  key: {
    code: 'ERR_TOKEN_BINDING_DPOP',
    message: 'a DPoP proof by the key that the token is bound to',
    hint: 'send it as `Authorization: DPoP`, with a new proof for every request',
  },
  certificate: {
    code: 'ERR_TOKEN_BINDING_CERTIFICATE',
    message: 'a connection with the client certificate that the token is bound to',
    hint: 'TLS must end in the service, or the certificate be handed on to the guard',
  },
  networks: {
    code: 'ERR_TOKEN_BINDING_ADDRESS',
    message: 'an address within the networks of the token',
    hint: 'a guard behind a proxy knows the address by `trustedProxies` alone',
  },
}

function actorsOf(act: JsonValue | undefined): readonly string[] {
  const actors: string[] = []
  for (let actor = act; isObject(actor); actor = actor['act']) {
    const { sub } = actor
    actors.push(typeof sub === 'string' ? sub : 'somebody without a name')
  }
  return actors
}

/** A claim may hold anything, also where a text belongs. */
export function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Tokens of providers and of the authority's own API have none. */
function planOf({ plan }: JsonObject, { plans }: Expectations): TokenDescription['plan'] {
  return typeof plan === 'string' ? { digest: plan, known: plans?.includes(plan) ?? null } : null
}

function groupGrants(grants: readonly Grant[], now: number): readonly GrantGroup[] {
  const groups = Map.groupBy(grants, ({ grantee, template, resource, untilSeconds }) =>
    JSON.stringify([grantee.type, grantee.id, template, resource.type, untilSeconds]),
  )
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { grantee, template, resource, untilSeconds } = first
    return {
      grantee: formatEntityUid(grantee),
      template,
      resourceType: resource.type,
      resources: group.map((grant) => grant.resource.id),
      until: untilSeconds === undefined ? null : formatTime(untilSeconds),
      ended: untilSeconds !== undefined && untilSeconds <= now,
    }
  })
}

function uncheckedOf(
  { issuer, audiences, keys }: Expectations,
  signature: TokenDescription['signature'],
  plan: TokenDescription['plan'],
): readonly string[] {
  return [
    ...(keys === undefined ? ['signature: give --jwks FILE, the key set of the issuer'] : []),
    ...(keys !== undefined && signature === 'unchecked' ? ['signature: the header names no key to look for'] : []),
    ...(issuer === undefined ? ['issuer: give --issuer, or a configuration'] : []),
    ...(audiences.length === 0 ? ['audience: give --audience, or a configuration'] : []),
    ...(plan?.known === null ? ['claims plan: give --bundle FILE, or a configuration'] : []),
    'revocation: only a guard that follows the authority knows it',
  ]
}
