// Grants that a token names instead of holding them: `grants_ref` is the SHA-256 of this text. The text says whose the grants
// are, so that a set is worth nothing beside a token of another issuer, audience, tenant or principal.
//
//   {"format":"cardea-grant-set/1","iss":"...","aud":"...","tenant":"...","principal":["User","ann"],"grants":[...]}
//
// INVARIANT: the same grants of the same owner have exactly one text and one digest. Members are in this order, without spaces;
// `tenant` is left out where there is none; `grants` is the packed form of `pack-grants.ts`.

import { createHash } from 'node:crypto'
import { type EntityUid, entityUid, type Links } from '@cardea/policy'
import { ClaimsError } from '../errors.ts'
import { CLAIMS_LIMITS, IN_SET } from '../limits.ts'
import type { ClaimsPlan } from '../plan/plan.ts'
import { isEntityId, isObject } from '../principal/claim-value.ts'
import { type Grant, grantLinks } from './grant.ts'
import { packGrants } from './pack-grants.ts'
import { unpackGrants } from './unpack-grants.ts'

/** Whose grants they are, and where they count. */
export interface GrantSetOwner {
  readonly issuer: string
  readonly audience: string
  /** `undefined` where the token names none. */
  readonly tenant: string | undefined
  readonly principal: EntityUid
}

/** As it is kept and sent. */
export interface GrantSet {
  /** SHA-256 of the text in UTF-8, 43 base64url characters: the claim `grants_ref`. */
  readonly digest: string
  readonly text: string
}

/** As it is read, frozen. The same for every token that names it. */
export interface OpenGrantSet extends GrantSetOwner {
  readonly digest: string
  readonly grants: readonly Grant[]
  /** All grants as links, made when they are first asked for. */
  readonly links: Links
}

/**
 * The set of these grants, which must be of the owner's tenant. Throws what `packGrants` throws, and
 * `ERR_CLAIMS_GRANT_SET_LIMIT` for more grants, grantees or bytes than a set may have. Cost: linear, but for sorting.
 */
export function packGrantSet(grants: readonly Grant[], owner: GrantSetOwner, plan: ClaimsPlan): GrantSet {
  if (grants.some(({ tenant }) => tenant !== (owner.tenant ?? ''))) throw new ClaimsError('ERR_CLAIMS_TENANT')
  const text = textOf(owner, packGrants(grants, plan, IN_SET))
  if (Buffer.byteLength(text) > CLAIMS_LIMITS.setBytes) throw new ClaimsError('ERR_CLAIMS_GRANT_SET_LIMIT')
  return { digest: digestOf(text), text }
}

/**
 * Reads a set that came from elsewhere: digest first, then form, then spelling. Whose it is, is for the reader of the token that names
 * it: see `readPrincipal`. Throws `ERR_CLAIMS_GRANT_SET`, `ERR_CLAIMS_GRANT_SET_LIMIT`, `ERR_CLAIMS_GRANTS`. Cost: linear.
 */
export function openGrantSet(text: string | Uint8Array, digest: string): OpenGrantSet {
  if (text.length > CLAIMS_LIMITS.setBytes) throw new ClaimsError('ERR_CLAIMS_GRANT_SET_LIMIT')
  if (digestOf(text) !== digest) {
    throw new ClaimsError('ERR_CLAIMS_GRANT_SET', 'the grant set is not the one that its digest names')
  }
  const source = typeof text === 'string' ? text : decode(text)
  const { iss: issuer, aud: audience, tenant, principal, grants: packed } = membersOf(source)
  const [type, id, ...rest]: readonly unknown[] = Array.isArray(principal) ? principal : []
  if (!isText(issuer) || !isText(audience) || !isEntityId(type) || !isEntityId(id) || rest.length > 0) throw malformed()
  if (tenant !== undefined && !isEntityId(tenant)) throw malformed()
  const owner = { issuer, audience, tenant, principal: Object.freeze(entityUid(type, id)) }
  const grants = Object.freeze(unpackGrants(packed, tenant, IN_SET))
  // spaces, escapes, other spellings of a number, members twice or more of them: whatever is not this text is not the set
  if (textOf(owner, packed) !== source) throw malformed()
  let links: Links | undefined
  return Object.freeze({
    ...owner,
    digest,
    grants,
    get links() {
      return (links ??= grantLinks(grants))
    },
  })
}

/** The claims of a token, as far as they say where its grants are. */
export interface NamingClaims {
  readonly sub?: unknown
  readonly grants?: unknown
  readonly grants_ref?: unknown
}

/**
 * What the token names in place of its grants; `undefined` when it holds them itself.
 * Throws `ERR_CLAIMS_GRANTS_REF` for what is no digest, and for a token that does both.
 */
export function grantsReference({ grants, grants_ref: digest }: NamingClaims): string | undefined {
  if (digest === undefined) return undefined
  if (grants !== undefined) {
    throw new ClaimsError('ERR_CLAIMS_GRANTS_REF', 'a token holds its grants or names them, and not both', MEMBER)
  }
  if (!isDigest(digest)) throw new ClaimsError('ERR_CLAIMS_GRANTS_REF', '`grants_ref` is no SHA-256', MEMBER)
  return digest
}

/** Throws `ERR_CLAIMS_GRANT_SET_OWNER` unless the set is that owner's, character by character. */
export function requireOwner(set: OpenGrantSet, owner: GrantSetOwner): void {
  const isSame =
    set.issuer === owner.issuer &&
    set.audience === owner.audience &&
    set.tenant === owner.tenant &&
    set.principal.type === owner.principal.type &&
    set.principal.id === owner.principal.id
  if (!isSame) throw new ClaimsError('ERR_CLAIMS_GRANT_SET_OWNER', undefined, MEMBER)
}

const FORMAT = 'cardea-grant-set/1'
const MEMBER = { member: 'grants_ref' } as const
const MAX_TEXT_LENGTH = 512

/** 256 bits are 42 characters and four bits; the other two bits of the last one are zero, so a digest has one spelling. */
const DIGEST = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value)
}

function textOf({ issuer, audience, tenant, principal }: GrantSetOwner, grants: unknown): string {
  const owner = { iss: issuer, aud: audience, ...(tenant === undefined ? {} : { tenant }) }
  return JSON.stringify({ format: FORMAT, ...owner, principal: [principal.type, principal.id], grants })
}

function digestOf(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('base64url')
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw malformed(cause)
  }
}

function membersOf(source: string): { readonly [name: string]: unknown } {
  let json: unknown
  try {
    json = JSON.parse(source)
  } catch (cause) {
    throw malformed(cause)
  }
  if (!isObject(json) || json['format'] !== FORMAT) throw malformed()
  return json
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_LENGTH && value.isWellFormed()
}

function malformed(cause?: unknown): ClaimsError {
  return new ClaimsError('ERR_CLAIMS_GRANT_SET', undefined, { cause })
}
