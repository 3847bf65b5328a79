// Revoked means refused with the next request, not at expiry; running streams end.

import type { IncomingMessage } from 'node:http'
import { callerFor } from '../caller.ts'
import { eventually } from '../eventually.ts'
import type { Step } from '../step.ts'

export const revoke: Step = {
  title: 'Revoke one grant, then the session',
  async run(world, show) {
    const id = await world.admin.grant({
      tenant: 'acme',
      grantee: 'User::"ann"',
      template: 'viewer',
      resource: 'Document::"memo"',
    })
    const ann = await callerFor(world, 'ann')
    show.answer('ann reads the memo, by a grant', await ann.request('GET', '/documents/memo'), 200)
    await world.admin.call('DELETE', `/v1/grants/${id}`)
    const revoked = performance.now()
    const refused = await eventually(
      () => ann.request('GET', '/documents/memo'),
      (answer) => answer.status !== 200,
    )
    show.figure("from the revocation's answer to the first denial", `${(performance.now() - revoked).toFixed(1)} ms`)
    show.answer('the grant is revoked', refused, 404)
    show.answer('the rest of the same token works', await ann.request('GET', '/documents/diary'), 200)

    const stream = await ann.stream('/documents/diary/events')
    show.check('an event stream of the diary runs', stream.statusCode === 200)
    const ended = endOf(stream)
    await world.admin.call('POST', '/v1/revocations', { key: { kind: 'session', sid: ann.claims['sid'] } })
    const cut = performance.now()
    await ended
    show.figure("from the revocation's answer to the end of the stream", `${(performance.now() - cut).toFixed(1)} ms`)
    show.answer('the session is revoked', await ann.request('GET', '/documents/diary'), 401, 'revoked')
  },
}

async function endOf(stream: IncomingMessage): Promise<void> {
  // a cut stream may end or break off; both are an end
  await new Promise<void>((resolve) => stream.on('close', resolve).on('error', resolve).resume())
}
