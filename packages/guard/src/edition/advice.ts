// What a policy's `@advice` says would change a deny. Several pieces are separated by `;`:
//
//   @advice("step_up:acr=mfa,max_age=300")      a sign-in with one of these `acr` values, not older than 300 s (RFC 9470)
//   @advice("step_up:acr=hwk+mfa")              several values, the preferred one first
//   @advice("network")                          any other word is a remedy by that name, for people to read
//
// Advice never decides: it is offered only where the policies, asked again with it followed, would allow.

import { GuardError } from '../errors.ts'
import type { StepUp } from '../challenge.ts'

/** What would change a deny. */
export type Remedy =
  | ({ readonly kind: 'step-up' } & StepUp)
  /** A name that the policy's author chose: `network`, `request_grant`. */
  | { readonly kind: 'advice'; readonly name: string }

const NAME = /^[a-z][a-z0-9_-]{0,63}$/
/** What may stand in a challenge without being misread, and an author would ever write. */
const ACR = /^[A-Za-z0-9:/._~-]{1,128}$/

/** Throws `ERR_GUARD_ANNOTATION`, naming the policy. */
export function parseAdvice(policy: string, text: string): readonly Remedy[] {
  return text.split(';').map((piece) => parsePiece(policy, piece.trim()))
}

function parsePiece(policy: string, piece: string): Remedy {
  const colon = piece.indexOf(':')
  const name = colon === -1 ? piece : piece.slice(0, colon)
  if (!NAME.test(name)) throw malformed(policy)
  if (name !== 'step_up') {
    if (colon !== -1) throw malformed(policy)
    return { kind: 'advice', name }
  }
  let acrValues: readonly string[] = []
  let maxAgeSeconds: number | undefined
  for (const parameter of piece.slice(colon + 1).split(',')) {
    const [key, value = '', ...rest] = parameter.trim().split('=')
    if (rest.length > 0) throw malformed(policy)
    if (key === 'acr' && acrValues.length === 0 && value.split('+').every((acr) => ACR.test(acr))) {
      acrValues = value.split('+')
    } else if (key === 'max_age' && maxAgeSeconds === undefined && /^(?:0|[1-9]\d{0,8})$/.test(value)) {
      maxAgeSeconds = Number(value)
    } else throw malformed(policy)
  }
  return { kind: 'step-up', acrValues, ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }) }
}

function malformed(policy: string): GuardError {
  return new GuardError('ERR_GUARD_ANNOTATION', `the advice of policy \`${policy}\` means nothing`, {
    hint: 'write `@advice("step_up:acr=mfa,max_age=300")`, or a lower-case word like `@advice("network")`',
  })
}
