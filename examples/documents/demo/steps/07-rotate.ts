// The signing key is rotated twice while requests run, with old tokens and new ones.

import { callerFor } from '../caller.ts'
import type { Step } from '../step.ts'

export const rotate: Step = {
  title: 'Rotate the signing key while requests run',
  async run(world, show) {
    const statuses: number[] = []
    const before = await callerFor(world, 'ann')
    const kids = new Set([kidOf(before.token)])
    const load = new AbortController()
    const loading = (async () => {
      while (!load.signal.aborted) statuses.push((await before.request('GET', '/documents/diary')).status)
    })()
    for (let round = 0; round < 2; round += 1) {
      const rotated = await world.admin.call('POST', '/v1/keys/rotate', { now: true })
      show.answer('rotate', rotated, 200)
      const after = await callerFor(world, 'ann')
      kids.add(kidOf(after.token))
      statuses.push((await after.request('GET', '/documents/diary')).status)
    }
    load.abort()
    await loading
    const failed = statuses.filter((status) => status !== 200).length
    show.figure('requests meanwhile', String(statuses.length))
    show.check('none failed', failed === 0)
    show.check('three keys signed', kids.size === 3)
  },
}

function kidOf(token: string): string {
  const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')) as { kid: string }
  return header.kid
}
