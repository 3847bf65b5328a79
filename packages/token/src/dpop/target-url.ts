// The address that a DPoP proof is for (RFC 9449 section 4.3, check 9): compared without query and fragment, after the
// normalization of RFC 3986 section 6.2.2 and 6.2.3. Path case, a trailing slash and encoded reserved characters count.

/** One spelling for all spellings of an http(s) address, or `undefined` for what is none or carries a user. */
export function normalizeTargetUrl(text: string): string | undefined {
  // The parser would forgive blanks, control characters and backslashes; no honest client sends them.
  if (!/^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i.test(text)) return undefined
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return undefined
  const path = url.pathname.replaceAll(/%([0-9a-f]{2})/gi, (escape, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return UNRESERVED.test(character) ? character : escape.toUpperCase()
  })
  return `${url.protocol}//${url.host}${path}`
}

const UNRESERVED = /^[A-Za-z0-9._~-]$/
