// The authority is gone: how stale news may be is a property of the action.

import { callerFor } from '../caller.ts'
import { eventually } from '../eventually.ts'
import type { Step } from '../step.ts'

export const outage: Step = {
  title: 'The authority is stopped, and comes back',
  async run(world, show) {
    const ann = await callerFor(world, 'ann')
    const remove = () => ann.request('DELETE', '/documents/there-is-no-such-document')
    show.answer('delete (sensitive), while the authority is there', await remove(), 404)
    await world.authority.stop()
    show.say('the authority is stopped')
    const stopped = performance.now()
    const stale = await eventually(remove, (answer) => answer.status !== 404, 100)
    show.answer('delete, after its bound', stale, 503, 'stale')
    show.figure('refused after', `${((performance.now() - stopped) / 1000).toFixed(1)} s`)
    show.answer('reading goes on until the token ends', await ann.request('GET', '/documents/diary'), 200)
    await world.authority.start()
    show.say('the authority is back')
    const started = performance.now()
    const fresh = await eventually(remove, (answer) => answer.status === 404)
    show.answer('delete works again by itself', fresh, 404)
    show.figure('recovered after', `${(performance.now() - started).toFixed(0)} ms`)
  },
}
