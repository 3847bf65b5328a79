// The guard's own token for the authority (RFC 6749 section 4.4), fetched when it is needed and kept until shortly before it ends
// or it is refused: its key may have been killed.

import type { Credentials } from '@cardea/feed'
import { GuardError } from '../errors.ts'

export interface CredentialsOptions {
  readonly authority: string
  readonly client: { readonly id: string; readonly secret: string }
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
}

const EARLY_SECONDS = 30
const TIMEOUT_MILLISECONDS = 5000

/** A function that gives a bearer token for the authority. Of parallel calls one asks. Throws `ERR_GUARD_AUTHORITY`. */
export function createCredentials({ authority, client, fetch, now }: CredentialsOptions): Credentials {
  let kept: { readonly token: string; readonly endsAtSeconds: number } | undefined
  let asking: Promise<string> | undefined

  async function ask(): Promise<string> {
    const askedAt = now()
    const { access_token: token, expires_in: lifetimeSeconds } = await fetchToken()
    kept = { token, endsAtSeconds: askedAt + lifetimeSeconds - EARLY_SECONDS }
    return token
  }

  async function fetchToken(): Promise<{ readonly access_token: string; readonly expires_in: number }> {
    // RFC 6749 section 2.3.1: both are form-encoded first, so that a colon in the id cannot move the border.
    const basic = `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`
    try {
      const response = await fetch(`${authority.replace(/\/$/, '')}/token`, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
        headers: {
          authorization: `Basic ${Buffer.from(basic).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
        body: 'grant_type=client_credentials',
      })
      if (response.status !== 200) throw new Error(`the answer has status ${response.status}`)
      return readAnswer(await response.json())
    } catch (cause) {
      throw new GuardError('ERR_GUARD_AUTHORITY', 'the authority gave this guard no token', {
        cause,
        hint: 'is the client enrolled as a guard, and is its secret the present one?',
      })
    }
  }

  return (refused) => {
    if (refused !== undefined && kept?.token === refused) kept = undefined
    if (kept !== undefined && now() < kept.endsAtSeconds) return Promise.resolve(kept.token)
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }
}

function readAnswer(json: unknown): { readonly access_token: string; readonly expires_in: number } {
  const { access_token: token, expires_in: lifetimeSeconds }: { access_token?: unknown; expires_in?: unknown } =
    typeof json === 'object' && json !== null ? json : {}
  if (typeof token !== 'string' || typeof lifetimeSeconds !== 'number') throw new Error('the answer holds no token')
  return { access_token: token, expires_in: lifetimeSeconds }
}
