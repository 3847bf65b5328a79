// The same policy in another language: the same tokens get the same answers, and a revoked grant is refused by both.

import { callerFor, type Caller, OFFICE } from '../caller.ts'
import { eventually } from '../eventually.ts'
import { type Answer, send } from '../http.ts'
import { startSibling } from '../sibling.ts'
import type { Step } from '../step.ts'
import type { World } from '../world.ts'

/** Who, what, from where. */
const TRIED: readonly (readonly [person: string, method: string, document: string, from: string])[] = [
  ['carol', 'GET', 'roadmap', OFFICE],
  ['carol', 'GET', 'budget', OFFICE],
  ['carol', 'GET', 'budget', '203.0.113.9'],
  ['ann', 'GET', 'roadmap', OFFICE],
  ['ann', 'PUT', 'roadmap', OFFICE],
  ['ann', 'GET', 'prices', OFFICE],
  ['gus', 'GET', 'prices', OFFICE],
  ['gus', 'GET', 'roadmap', OFFICE],
  ['gus', 'GET', 'nothing-like-it', OFFICE],
]

export const python: Step = {
  title: 'The same policy beside a service in Python',
  async run(world, show) {
    const sibling = await startSibling(world, (text) => show.say(text))
    if ('missing' in sibling) {
      show.say(`skipped: ${sibling.missing}`)
      return
    }
    world.onClose(() => sibling.close())
    const ask = (caller: Pick<Caller, 'token'>, method: string, document: string, from = OFFICE): Promise<Answer> =>
      send({
        method,
        url: `http://127.0.0.1:${sibling.port}/documents/${document}`,
        headers: {
          authorization: `Bearer ${caller.token}`,
          'x-forwarded-for': from,
          'content-type': 'application/json',
        },
        ...(method === 'PUT' ? { body: EDIT } : {}),
      })

    for (const [person, method, document, from] of TRIED) {
      const caller = await callerFor(world, person)
      const body = method === 'PUT' ? { body: JSON.parse(EDIT) as unknown } : {}
      const first = await caller.request(method, `/documents/${document}`, { from, service: 'bland', ...body })
      const second = await known(() => ask(caller, method, document, from))
      const what = `${person} ${method} ${document}${from === OFFICE ? '' : ' from outside'}`
      show.check(`${what}: TypeScript ${first.status}, Python ${second.status}`, first.status === second.status)
    }
    const forged = { token: 'eyJhbGciOiJub25lIn0.e30.' }
    show.answer('no token that anybody signed', await ask(forged, 'GET', 'roadmap'), 401)
    await revokeForBoth(world, show, ask)
    const kept = await eventually(
      () => world.admin.call('GET', `/v1/log?decision=deny&limit=200`),
      ({ text }) => text.includes(world.opaClient.id),
      100,
    )
    show.check("the OPA's denials are in the authority's log", kept.text.includes(world.opaClient.id))
    show.check('no token is in it', !kept.text.includes('eyJ'))
  },
}

const EDIT = JSON.stringify({ title: 'Roadmap', body: 'Edited.' })

/** A token from a moment ago may be ahead of the news that an OPA has: 503 until they are there. */
function known(ask: () => Promise<Answer>): Promise<Answer> {
  return eventually(ask, ({ status }) => status !== 503, 50)
}

async function revokeForBoth(
  world: World,
  show: Parameters<Step['run']>[1],
  ask: (caller: Caller, method: string, document: string) => Promise<Answer>,
): Promise<void> {
  const id = await world.admin.grant({
    tenant: 'acme',
    grantee: 'User::"ann"',
    template: 'viewer',
    resource: 'Document::"memo"',
  })
  const ann = await callerFor(world, 'ann')
  show.answer('ann reads the memo in Python, by a grant', await known(() => ask(ann, 'GET', 'memo')), 200)
  await world.admin.call('DELETE', `/v1/grants/${id}`)
  const revoked = performance.now()
  const denials = await Promise.all([
    untilDenied('TypeScript', () => ann.request('GET', '/documents/memo')),
    untilDenied('Python', () => ask(ann, 'GET', 'memo')),
  ])
  for (const { language, answer, at } of denials) {
    show.figure(`from the revocation's answer to the first denial, ${language}`, `${(at - revoked).toFixed(0)} ms`)
    show.check(`${language} denies within two seconds`, answer.status !== 200 && at - revoked < 2000)
  }
}

async function untilDenied(
  language: string,
  ask: () => Promise<Answer>,
): Promise<{ language: string; answer: Answer; at: number }> {
  const answer = await eventually(ask, ({ status }) => status !== 200)
  return { language, answer, at: performance.now() }
}
