// A stricter policy that reads what today's tokens do not carry, and a broken one that changes nothing.

import { callerFor } from '../caller.ts'
import { eventually } from '../eventually.ts'
import { jsonOf } from '../http.ts'
import type { Step } from '../step.ts'
import { policyFiles } from '../world.ts'

const STRICTER = `
@id("externals-only-read")
forbid (principal, action in [Action::"edit", Action::"delete", Action::"share"], resource)
when { principal.external };
`

const BROKEN = `
@id("typo")
permit (principal, action == Action::"view", resource is Document) when { resource.ownr == principal };
`

export const publish: Step = {
  title: 'Publish a stricter policy; then a broken one',
  async run(world, show) {
    const { schema, policies } = await policyFiles()
    const edit = { body: { title: 'Memo', body: 'Edited.' } }
    const old = await callerFor(world, 'bob')
    show.answer('bob, who is external, edits his memo', await old.request('PUT', '/documents/memo', edit), 200)

    const started = performance.now()
    await world.admin.publish({ schema, policies: [...policies, { file: 'stricter.cedar', text: STRICTER }] })
    const outdated = await eventually(
      () => old.request('PUT', '/documents/memo', edit),
      (answer) => answer.status !== 200,
    )
    show.figure('the service follows, without a restart, after', `${(performance.now() - started).toFixed(0)} ms`)
    show.answer('his old token does not say whether he is external', outdated, 401, 'claims_outdated')
    const fresh = await callerFor(world, 'bob')
    show.answer('a fresh token is decided by the new rule', await fresh.request('PUT', '/documents/memo', edit), 403)

    const broken = await world.admin.tryPublish({
      schema,
      policies: [...policies, { file: 'broken.cedar', text: BROKEN }],
    })
    show.answer('publish a broken policy', broken, 422)
    const [problem] = (jsonOf(broken) as { problems: { frame: string }[] }).problems
    show.block(problem?.frame ?? '')
    show.check('with file, line and column', /broken\.cedar:3:\d+/.test(problem?.frame ?? ''))
    show.answer('the old one stays', await fresh.request('PUT', '/documents/memo', edit), 403)

    await world.admin.publish({ schema, policies })
    const back = await eventually(
      () => fresh.request('PUT', '/documents/memo', edit),
      (answer) => answer.status === 200,
    )
    show.answer('published as it was before', back, 200)
  },
}
