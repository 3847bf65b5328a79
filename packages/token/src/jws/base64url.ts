// base64url without padding (RFC 7515 section 2, RFC 4648 section 5), one spelling per value: what does not re-encode to
// itself (padding, whitespace, the other alphabet, bits that carry nothing) is refused.

/** The bytes of a canonical base64url text, or `undefined`. The empty text is no bytes. */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
