// The token of a request: one `Authorization` header, one token in it (RFC 6750 section 2, RFC 9449 section 7.1). Tokens in the
// query or in the body are not looked for.

/** Header names in lower case, as Node gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

export interface Credentials {
  readonly scheme: 'Bearer' | 'DPoP'
  readonly token: string
  /** The `DPoP` header, one or none. */
  readonly proof: string | undefined
}

export type CredentialsResult =
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  | { readonly kind: 'none' }
  /** More than one, or malformed. */
  | { readonly kind: 'malformed' }

const SCHEMES: ReadonlyMap<string, Credentials['scheme']> = new Map([
  ['bearer', 'Bearer'],
  ['dpop', 'DPoP'],
])

/** `raw` are the headers as they came (name, value, ...): frameworks join or drop repeated ones. */
export function readCredentials(headers: Headers, raw?: readonly string[]): CredentialsResult {
  if (count(raw, 'authorization') > 1 || count(raw, 'dpop') > 1) return { kind: 'malformed' }
  const { authorization, dpop: proof } = headers
  if (authorization === undefined) return { kind: 'none' }
  if (typeof authorization !== 'string' || (proof !== undefined && typeof proof !== 'string'))
    return { kind: 'malformed' }
  const [, name = '', token] = /^([A-Za-z]+) +([^ ,]+)$/.exec(authorization) ?? []
  const scheme = SCHEMES.get(name.toLowerCase())
  // Another scheme is somebody else's credentials: for us the request carries none.
  if (scheme === undefined)
    return SCHEMES.has(authorization.split(/[ ,]/, 1)[0]?.toLowerCase() ?? '')
      ? { kind: 'malformed' }
      : { kind: 'none' }
  if (token === undefined || proof?.includes(',') === true) return { kind: 'malformed' }
  return { kind: 'credentials', credentials: { scheme, token, proof } }
}

/** How often a header came, by its name in lower case; 0 where that is not known. */
export function count(raw: readonly string[] | undefined, name: string): number {
  let found = 0
  for (const [index, text] of (raw ?? []).entries()) if (index % 2 === 0 && text.toLowerCase() === name) found += 1
  return found
}
