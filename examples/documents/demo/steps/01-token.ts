// Sign in, exchange, and look at the token.

import { toAuthorizationDetails, unpackGrants } from '@cardea/claims'
import { callerFor } from '../caller.ts'
import type { Step } from '../step.ts'

const BUDGET_BYTES = 8192

export const token: Step = {
  title: 'Sign in; exchange the ID token (RFC 8693) for a small token',
  async run(world, show) {
    const ann = await callerFor(world, 'ann')
    show.say("ann's claims: what the policy reads, and nothing else")
    show.block(JSON.stringify(ann.claims, null, 2))
    show.figure('bytes', String(ann.token.length))

    const nina = await callerFor(world, 'nina')
    const grants = unpackGrants(nina.claims['grants'])
    const details = JSON.stringify(toAuthorizationDetails(grants))
    show.say('nina is in nine teams, which have 200 grants')
    show.figure('her token', `${nina.token.length} bytes`)
    show.figure('the same grants as RFC 9396 JSON', `${details.length} bytes`)
    show.check(`all 200 grants are in the token (${grants.length})`, grants.length === 200)
    show.check(`the token stays under ${BUDGET_BYTES} bytes`, nina.token.length < BUDGET_BYTES)
  },
}
