// A viewer may not edit; a grant until a time; the end of the grant while the token lives on.

import { callerFor } from '../caller.ts'
import type { Step } from '../step.ts'
import { eventually } from '../eventually.ts'

const GRANT_SECONDS = 3

export const grant: Step = {
  title: 'Edit with only `viewer`; an `editor` grant until a time',
  async run(world, show) {
    const edit = { body: { title: 'Roadmap', body: 'Edited.' } }
    const viewer = await callerFor(world, 'ann')
    show.answer(
      'ann edits the roadmap, which she may only view',
      await viewer.request('PUT', '/documents/roadmap', edit),
      403,
    )

    const until = new Date(Math.floor(Date.now() / 1000 + GRANT_SECONDS) * 1000).toISOString()
    await world.admin.grant({
      tenant: 'acme',
      grantee: 'User::"ann"',
      template: 'editor',
      resource: 'Document::"roadmap"',
      until,
    })
    show.say(`granted: editor of the roadmap until ${until}`)
    const editor = await callerFor(world, 'ann')
    show.answer('with the next token', await editor.request('PUT', '/documents/roadmap', edit), 200)

    const ended = await eventually(
      () => editor.request('PUT', '/documents/roadmap', edit),
      (answer) => answer.status !== 200,
    )
    show.answer('after that time, with the same token', ended, 403)
    show.answer('the token itself lives on', await editor.request('GET', '/documents/roadmap'), 200)
  },
}
