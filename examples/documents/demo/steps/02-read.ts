// One document, another tenant's document, and the list that is filtered in the query itself.

import { callerFor } from '../caller.ts'
import { jsonOf } from '../http.ts'
import type { Step } from '../step.ts'

export const read: Step = {
  title: 'Read: own, of another tenant, and the list',
  async run(world, show) {
    const ann = await callerFor(world, 'ann')
    show.answer('ann reads her diary', await ann.request('GET', '/documents/diary'), 200)
    show.answer("ann reads globex's prices, by its id", await ann.request('GET', '/documents/prices'), 404, 'forbid')
    const foreign = await ann.request('GET', '/documents/prices', { service: 'bland' })
    const missing = await ann.request('GET', '/documents/there-is-no-such-document', { service: 'bland' })
    show.say('in production the answer does not explain itself:')
    show.block(foreign.text)
    const same = withoutId(foreign.text) === withoutId(missing.text) && foreign.status === missing.status
    show.check('byte for byte the answer for a missing document, but for the id of the request', same)

    const list = await ann.request('GET', '/documents')
    show.answer('ann lists documents', list, 200)
    const listed = (jsonOf(list) as { id: string }[]).map((row) => row.id)
    const query = world.queries.findLast((logged) => logged.sql.includes('order by'))
    show.say('the query that ran:')
    show.block(`${query?.sql ?? ''}\n${JSON.stringify(query?.parameters ?? [])}`)

    const rows = await world.service.db.selectFrom('documents').select('id').orderBy('id').execute()
    const readable: string[] = []
    for (const { id } of rows) if ((await ann.request('GET', `/documents/${id}`)).status === 200) readable.push(id)
    show.figure('listed', listed.join(', '))
    show.check(`equal to asking for each of the ${rows.length} documents`, listed.join() === readable.join())
    show.check('some, and not all', listed.length > 0 && listed.length < rows.length)
  },
}

function withoutId(text: string): string {
  return text.replace(/"correlation":"[^"]*"/, '')
}
