// Development only: `POST /development/token` signs a test user in and exchanges, for whoever knows the secret that `cardea dev` left in this
// folder. It exists in no authority that `cardea serve` runs.

import { timingSafeEqual } from 'node:crypto'
import type { Authority } from '@cardea/authority'
import { z } from 'zod'
import type { ClientCredentials } from '../credentials.ts'

export const SIGN_IN_PATH = '/development/token'
export const SIGN_IN_HEADER = 'cardea-development'

const body = z.strictObject({ user: z.string(), audience: z.string(), mfa: z.boolean().default(false) })

/** Adds the route. `client` exchanges; `secret` is what a caller must know. */
export function addSignInRoute(authority: Authority, client: ClientCredentials, secret: string): void {
  authority.app.post(SIGN_IN_PATH, async (context) => {
    if (!isSame(context.req.header(SIGN_IN_HEADER) ?? '', secret)) return context.json({ title: 'not found' }, 404)
    const asked = body.safeParse(await context.req.json().catch(() => undefined))
    if (!asked.success) return context.json({ title: 'malformed', detail: 'say `user` and `audience`' }, 400)
    const { user, audience, mfa } = asked.data
    const factors = mfa ? { acr: 'mfa', amr: ['pwd', 'otp'] } : { acr: 'pwd', amr: ['pwd'] }
    const idToken = await authority.signIn(user, client.id, factors).catch(() => undefined)
    if (idToken === undefined)
      return context.json({ title: 'not found', detail: `there is no test user \`${user}\`` }, 404)
    return authority.app.request('/token', {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: idToken,
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        audience,
      }).toString(),
    })
  })
}

function isSame(given: string, wanted: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(wanted)
  return a.length === b.length && timingSafeEqual(a, b)
}
