// What would be refused about a token, with what the reader of a terminal may know: here the values are shown, which a service keeps in
// its log.

import type { JsonObject, TokenError } from '@cardea/token'
import { formatDuration } from '../output/duration.ts'
import type { Expectations } from './expectations.ts'

export interface Refusal {
  readonly code: string
  readonly message: string
  readonly hint: string | null
}

/** The verifier's own error, with what is expected and what is there. */
export function refusalOf(error: TokenError, claims: JsonObject, expected: Expectations, now: number): Refusal {
  const { code, message, member } = error
  const named = member === undefined ? message : `${message} (\`${member}\`)`
  const hint = hintOf(error, claims, expected) ?? error.hint ?? null
  switch (code) {
    case 'ERR_TOKEN_EXPIRED': {
      const ended = claims['exp']
      const ago = typeof ended === 'number' ? `, ${formatDuration(now - ended)} ago` : ''
      return { code, message: `${message}${ago}`, hint }
    }
    case 'ERR_TOKEN_NOT_YET':
    case 'ERR_TOKEN_ISSUED_AHEAD':
      return { code, message: `${message}: clocks differ by at least ${formatDuration(error.skewSeconds ?? 0)}`, hint }
    case 'ERR_TOKEN_ISSUER':
    case 'ERR_TOKEN_AUDIENCE':
      return { code, message: `${message}: it says ${error.found ?? ''}, expected is ${wanted(error, expected)}`, hint }
    default:
      return { code, message: named, hint }
  }
}

/** The plan is not one of those that a guard of these policies knows. */
export function planRefusal(): Refusal {
  return {
    code: 'ERR_CLAIMS_PLAN',
    message: 'the token was packed with a claims plan that these policies do not have',
    hint: 'get a fresh token; if that has the same plan, other policies are published than these: `cardea bundle inspect` of a published bundle lists its plans',
  }
}

function wanted({ code, expected = '' }: TokenError, { audiences }: Expectations): string {
  return code === 'ERR_TOKEN_AUDIENCE' && audiences.length > 1 ? `one of ${audiences.join(', ')}` : expected
}

function hintOf(
  { code, found }: TokenError,
  claims: JsonObject,
  { providers, type }: Expectations,
): string | undefined {
  switch (code) {
    case 'ERR_TOKEN_ISSUER':
      return found !== undefined && providers.includes(found)
        ? 'it is a token of a provider: exchange it at the authority for one of this issuer'
        : undefined
    case 'ERR_TOKEN_TYPE':
      return 'nonce' in claims || 'at_hash' in claims
        ? 'it looks like an ID token: send the access token'
        : `expected is \`${type}\`; a provider that says otherwise needs \`tokenType\` at the guard, and --type here`
    case 'ERR_TOKEN_ALGORITHM':
      return 'name the algorithm in `algorithms` of the guard, if the issuer is to be trusted with it'
    case 'ERR_TOKEN_KEY_UNKNOWN':
      return 'the key was rotated or killed since, the key set is old, or the token is of another issuer'
    case 'ERR_TOKEN_SIGNATURE':
      return 'the token was changed, or the key set is of another issuer'
    case 'ERR_TOKEN_EXPIRED':
      return 'get a new one'
    default:
      return undefined
  }
}
