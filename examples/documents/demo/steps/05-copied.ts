// A token is bound to where and to whom it was given: a copy is worth nothing elsewhere.

import { callerFor } from '../caller.ts'
import type { Step } from '../step.ts'

export const copied: Step = {
  title: 'A copied token',
  async run(world, show) {
    const ann = await callerFor(world, 'ann', { dpop: true, bindAddress: '10.1.0.0/16' })
    show.answer('ann, from her network, with her key', await ann.request('GET', '/documents/diary'), 200)
    show.answer(
      'the copy, from another network',
      await ann.request('GET', '/documents/diary', { from: '203.0.113.9' }),
      401,
      'binding',
    )
    show.answer(
      'the copy, without the DPoP key',
      await ann.request('GET', '/documents/diary', { withoutProof: true }),
      401,
      'binding',
    )
    show.answer(
      "the copy, at globex's address",
      await ann.request('GET', '/documents/diary', { tenant: 'globex' }),
      404,
      'tenant_mismatch',
    )
  },
}
