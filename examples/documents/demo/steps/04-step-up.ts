// Sharing outside the tenant needs a fresh second factor: the RFC 9470 challenge, and what comes after it.

import { callerFor } from '../caller.ts'
import type { Step } from '../step.ts'

export const stepUp: Step = {
  title: 'Share outside the tenant: step-up',
  async run(world, show) {
    const share = { body: { with: 'gus', as: 'viewer' } }
    const ann = await callerFor(world, 'ann')
    const refused = await ann.request('POST', '/documents/diary/shares', share)
    show.answer('ann shares her diary with gus of globex', refused, 401)
    const challenge = String(refused.headers['www-authenticate'] ?? '')
    show.block(`www-authenticate: ${challenge}`)
    show.check(
      'it asks for what is missing',
      /error="insufficient_user_authentication".*acr_values="mfa".*max_age="?300"?/.test(challenge),
    )

    const again = await callerFor(world, 'ann', { secondFactor: true })
    show.answer(
      'signed in again with the second factor',
      await again.request('POST', '/documents/diary/shares', share),
      200,
    )
    const gus = await callerFor(world, 'gus')
    show.answer('gus reads the diary', await gus.request('GET', '/documents/diary'), 200)
    show.answer('and nothing else of acme', await gus.request('GET', '/documents/minutes'), 404)
  },
}
