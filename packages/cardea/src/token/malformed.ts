// A text that is no signed JWT: what it probably is instead.

import { TokenError, type TokenErrorCode } from '@cardea/token'

/** The same error with what to do about it. Nothing of the text is in it. */
export function malformed({ code, message, member }: TokenError, text: string): TokenError {
  const hint = code === 'ERR_TOKEN_PARTS' ? partsHint(text) : HINTS[code]
  return new TokenError(code, message, {
    ...(member === undefined ? {} : { member }),
    ...(hint === undefined ? {} : { hint }),
  })
}

const HINTS: Partial<Record<TokenErrorCode, string>> = {
  ERR_TOKEN_TEXT: 'the file or the input is empty',
  ERR_TOKEN_ENCODING: 'it was cut, padded or broken into lines on its way: take it as it was issued',
  ERR_TOKEN_JSON: 'its parts hold no JSON, so nobody issued it as a JWT',
}

function partsHint(text: string): string {
  const parts = text.split('.').length
  if (parts === 5) return 'it looks like an encrypted token (JWE), which only its recipient can read'
  if (parts === 1)
    return 'an opaque token says nothing to anybody but its issuer; a file is named with @ in front of it'
  return `a signed token has three parts with a point between them, and this has ${parts}`
}
