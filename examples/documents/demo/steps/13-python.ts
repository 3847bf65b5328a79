// The same policy in another language: the same tokens get the same answers, and a revoked grant is refused by both.

import { callerFor, OFFICE } from '../caller.ts'
import { eventually } from '../eventually.ts'
import { type Answer, jsonOf, send } from '../http.ts'
import type { Show } from '../print.ts'
import { startSibling } from '../sibling.ts'
import type { Step } from '../step.ts'
import type { World } from '../world.ts'

/** One request, sent to both services. */
interface Asked {
  readonly token?: string
  readonly method?: 'GET' | 'PUT'
  readonly document: string
  readonly from?: string
  readonly tenant?: string
}

interface Ports {
  readonly typescript: number
  readonly python: number
}

type Row = readonly [
  why: string,
  person: string | undefined,
  method: 'GET' | 'PUT',
  document: string,
  from: string,
  status: number,
]

const HOME = '203.0.113.9'
const TRIED: readonly Row[] = [
  ['the owner', 'ann', 'GET', 'diary', HOME, 200],
  ['an admin', 'carol', 'PUT', 'roadmap', HOME, 200],
  ['classified, in the office', 'carol', 'GET', 'budget', OFFICE, 200],
  ['classified, from home', 'carol', 'GET', 'budget', HOME, 404],
  ['a viewer by a grant', 'ann', 'GET', 'roadmap', HOME, 200],
  ['a viewer who writes', 'ann', 'PUT', 'roadmap', HOME, 403],
  ['a stranger of the tenant', 'bob', 'GET', 'diary', HOME, 404],
  ['another tenant', 'gus', 'GET', 'roadmap', HOME, 404],
  ['what is not there', 'gus', 'GET', 'nothing-like-it', HOME, 404],
  ['no token', undefined, 'GET', 'roadmap', OFFICE, 401],
]
const GARBAGE = 'eyJhbGciOiJub25lIn0.e30.'
const WITHIN_MILLISECONDS = 2000

export const python: Step = {
  title: 'The same policy beside a service in Python',
  async run(world, show) {
    const sibling = await startSibling(world, (text) => show.say(text))
    if ('missing' in sibling) {
      show.skip(sibling.missing)
      return
    }
    const ports: Ports = { typescript: world.bland.port, python: sibling.port }
    for (const [why, person, method, document, from, status] of TRIED) {
      const token = person === undefined ? {} : { token: (await callerFor(world, person)).token }
      const tenant = person === 'gus' ? 'globex' : 'acme'
      const what = `${why.padEnd(25)}  ${`${person ?? '-'} ${method} ${document}`.padEnd(24)}`
      await compare(show, ports, what, { ...token, method, document, from, tenant }, status)
    }
    await compare(show, ports, 'a token that nobody signed'.padEnd(51), { token: GARBAGE, document: 'roadmap' }, 401)
    await revokeForBoth(world, show, ports)
  },
}

/** Both must give `status`. A token from a moment ago may be ahead of the news that an OPA has: 503 until they are there. */
async function compare(show: Show, ports: Ports, what: string, asked: Asked, status: number): Promise<void> {
  const first = await ask(ports.typescript, asked)
  const second = await eventually(
    () => ask(ports.python, asked),
    (answer) => answer.status !== 503,
    50,
  )
  const isSame = first.status === status && second.status === status
  show.check(`${what}  TypeScript ${first.status}  Python ${second.status}`, isSame)
}

async function revokeForBoth(world: World, show: Show, ports: Ports): Promise<void> {
  const grant = { tenant: 'acme', grantee: 'User::"ann"', template: 'viewer', resource: 'Document::"memo"' }
  const id = await world.admin.grant(grant)
  const { token } = await callerFor(world, 'ann')
  const asked = { token, document: 'memo' }
  await compare(show, ports, 'a grant of a moment ago'.padEnd(51), asked, 200)
  await world.admin.call('DELETE', `/v1/grants/${id}`)
  const revoked = performance.now()
  const denials = await Promise.all([
    untilDenied('TypeScript', ports.typescript, asked),
    untilDenied('Python', ports.python, asked),
  ])
  for (const { language, answer, at } of denials) {
    show.figure(`from the revocation's answer to the first denial, ${language}`, `${(at - revoked).toFixed(0)} ms`)
    const isInTime = answer.status === 404 && at - revoked < WITHIN_MILLISECONDS
    show.check(`${language} answers ${answer.status} within two seconds`, isInTime)
  }
  const kept = await eventually(
    () => recordOf(world, grant.resource),
    (record) => record !== undefined,
    100,
  )
  show.check("the OPA's denial is in the authority's log, under the client that the OPA is", kept !== undefined)
  show.check('no token is in it', kept !== undefined && !JSON.stringify(kept).includes('eyJ'))
}

function ask(
  port: number,
  { token, method = 'GET', document, from = OFFICE, tenant = 'acme' }: Asked,
): Promise<Answer> {
  const body = JSON.stringify({ title: 'Roadmap', body: 'Edited.' })
  return send({
    method,
    url: `http://127.0.0.1:${port}/documents/${document}`,
    headers: {
      host: `${tenant}.localhost:${port}`,
      'x-forwarded-for': from,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(method === 'PUT' ? { 'content-type': 'application/json', 'content-length': String(body.length) } : {}),
    },
    ...(method === 'PUT' ? { body } : {}),
  })
}

async function untilDenied(
  language: string,
  port: number,
  asked: Asked,
): Promise<{ language: string; answer: Answer; at: number }> {
  const answer = await eventually(
    () => ask(port, asked),
    ({ status }) => status !== 200,
  )
  return { language, answer, at: performance.now() }
}

/** The record that the OPA has sent: the policies no longer permit `resource`. */
async function recordOf({ admin, opaClient }: World, resource: string): Promise<object | undefined> {
  const answer = await admin.call('GET', '/v1/log?denied=true&limit=200')
  const { records } = jsonOf(answer) as { readonly records: readonly Readonly<Record<string, unknown>>[] }
  return records.find(
    (record) =>
      record['sender'] === opaClient.id && record['resource'] === resource && record['reason'] === 'no_permit',
  )
}
