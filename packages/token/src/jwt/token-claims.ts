// The claims of an access token as data: which there are, and the form of each. Times and identity of issuer and audience
// are checked elsewhere; here nothing depends on configuration or on a clock.

import { TokenError } from '../errors.ts'
import { isJsonObject, isStringArray, type JsonValue } from '../json/json-value.ts'
import { isPlainText } from '../json/plain-text.ts'

/** How a token is bound to its holder's key (RFC 7800, RFC 9449 section 6.1, RFC 8705 section 3.1). */
export type Confirmation = {
  readonly jkt?: string
  readonly 'x5t#S256'?: string
}

/** Who acts for the subject (RFC 8693 section 4.1). Only the outermost one is the present actor. */
export interface Actor {
  readonly sub: string
  readonly [name: string]: JsonValue
}

/** A token that another one was exchanged for: whatever revokes it, its key or its client revokes both. */
export type Ancestor = {
  readonly iss: string
  readonly jti: string
  readonly kid: string
  readonly client_id: string
}

/**
 * Deeply frozen, without prototype. `client_id` and `jti` are there in every `at+jwt` (RFC 9068 section 2.2); an access token
 * in an identity provider's own format may lack them. Times are whole unix seconds.
 */
export interface TokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly exp: number
  readonly iat: number
  readonly nbf?: number
  readonly jti?: string
  readonly client_id?: string
  readonly sid?: string
  readonly tenant?: string
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly auth_time?: number
  readonly cnf?: Confirmation
  readonly act?: Actor
  /** The tokens that it came of, the first one first. */
  readonly derived_from?: readonly Ancestor[]
  /** It holds fewer grants than there are, and what it is passed on for holds no more. */
  readonly narrowed?: true
  readonly scope?: string
  /** The log's epoch and position, read before the grants in this token. */
  readonly epoch?: string
  readonly seq?: number
  /** Digest of the claims plan that this token was packed with. */
  readonly plan?: string
  /** Networks (CIDR) that the token may come from. */
  readonly net?: readonly string[]
  readonly [name: string]: JsonValue | undefined
}

const MAX_IDENTIFIER_LENGTH = 512
/** Each costs a look-up or three on every request. */
const MAX_ANCESTORS = 8
const REQUIRED = ['iss', 'sub', 'aud', 'exp', 'iat']
const REQUIRED_OF_AT_JWT = [...REQUIRED, 'client_id', 'jti']

/** Throws `ERR_TOKEN_CLAIM_MISSING`, `ERR_TOKEN_CLAIM` or `ERR_TOKEN_CONFIRMATION`, with the name of the claim. */
export function readClaims(payload: JsonValue, type: unknown): TokenClaims {
  if (!isJsonObject(payload)) throw new TokenError('ERR_TOKEN_CLAIM', 'the claims are not a JSON object')
  for (const name of type === 'at+jwt' ? REQUIRED_OF_AT_JWT : REQUIRED) {
    if (payload[name] === undefined) throw new TokenError('ERR_TOKEN_CLAIM_MISSING', undefined, { member: name })
  }
  for (const [name, isForm] of FORMS) {
    const value = payload[name]
    if (value !== undefined && !isForm(value)) throw new TokenError('ERR_TOKEN_CLAIM', undefined, { member: name })
  }
  checkConfirmation(payload['cnf'])
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every member that the type names was looked at above
  return payload as TokenClaims
}

type Form = (value: JsonValue) => boolean

const isIdentifier: Form = (value) => isPlainText(value, MAX_IDENTIFIER_LENGTH)
const isText: Form = (value) => typeof value === 'string'
/** NumericDate, whole seconds only: nobody issues fractions, and two readers round them differently. */
const isTime: Form = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isActor: Form = (value) => isJsonObject(value) && isIdentifier(value['sub'] ?? null)

const isAncestor = (value: JsonValue): boolean =>
  isJsonObject(value) && ['iss', 'jti', 'kid', 'client_id'].every((name) => isIdentifier(value[name] ?? null))
const isAncestry: Form = (value) => Array.isArray(value) && value.length <= MAX_ANCESTORS && value.every(isAncestor)

const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['iss', isIdentifier],
  ['sub', isIdentifier],
  ['aud', (value) => isIdentifier(value) || (isStringArray(value) && value.length > 0 && value.every(isIdentifier))],
  ['exp', isTime],
  ['iat', isTime],
  ['nbf', isTime],
  ['jti', isIdentifier],
  ['client_id', isIdentifier],
  ['sid', isIdentifier],
  ['tenant', isIdentifier],
  ['acr', isText],
  ['amr', isStringArray],
  ['auth_time', isTime],
  ['cnf', isJsonObject],
  ['act', isActor],
  ['derived_from', isAncestry],
  ['narrowed', (value) => value === true],
  ['scope', isText],
  ['epoch', isIdentifier],
  ['seq', isTime],
  ['plan', isText],
  ['net', isStringArray],
])

/** A confirmation that we do not know binds the token to something we would not check, so the token is refused. */
function checkConfirmation(cnf: JsonValue | undefined): void {
  if (!isJsonObject(cnf)) return
  const members = Object.entries(cnf)
  const known = members.every(([name, value]) => (name === 'jkt' || name === 'x5t#S256') && isThumbprint(value))
  if (members.length === 0 || !known) throw new TokenError('ERR_TOKEN_CONFIRMATION', undefined, { member: 'cnf' })
}

/** A SHA-256 in base64url. */
function isThumbprint(value: JsonValue): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value)
}
