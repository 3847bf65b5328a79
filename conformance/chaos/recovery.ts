// When everything is whole again: nothing acknowledged may be lost, and every guard must say exactly what is true, without a hand.

import { setTimeout as wait } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import type { Load } from './load.ts'
import type { Model } from './model.ts'
import { USERS } from './setting.ts'

const RECOVERY_MILLISECONDS = 30_000
const GUARDS_ASKED = 5
const DOCUMENTS_ASKED = 6

interface Listed {
  readonly id: string
  readonly grantee: string
  readonly resource: string
}

/** What is wrong, in words. */
export async function recover(cluster: Cluster, load: Load, model: Model): Promise<readonly string[]> {
  const url = cluster.networks[0]?.url ?? ''
  const listed = await within(RECOVERY_MILLISECONDS, async () => {
    load.api.forget()
    const { grants } = await load.api.admin(url, 'GET', '/v1/grants?limit=10000')
    return grants as readonly Listed[]
  })
  if (listed instanceof Failed) return [`the authorities did not come back: ${listed.message}`]
  const problems = lostWrites(model, new Set(listed.map(({ id }) => id)))
  // the policies are what was published last: a publication that was never acknowledged is settled by one more
  const published = await within(RECOVERY_MILLISECONDS, async () => {
    await load.publish()
    const { policies } = await load.api.admin(url, 'GET', '/v1/policies/current')
    const text = JSON.stringify(policies)
    return [...load.frozen].every((document) => text.includes(`freeze-${document}`)) ? true : undefined
  })
  if (published !== true) return [...problems, `nothing could be published: ${published.message}`]
  const isGranted = (user: string, document: string): boolean =>
    listed.some((grant) => grant.grantee === `User::"${user}"` && grant.resource === `Document::"${document}"`)
  let open = USERS.flatMap((user) => {
    const documents = [...new Set(model.grants.filter((grant) => grant.user === user).map(({ document }) => document))]
    return documents.slice(0, DOCUMENTS_ASKED).flatMap((document, at) =>
      Array.from({ length: GUARDS_ASKED }, (_, guard) => ({
        user,
        document,
        guard: (guard * 7 + at) % cluster.guards,
        expected: isGranted(user, document) && !load.frozen.has(document),
      })),
    )
  })
  const end = Date.now() + RECOVERY_MILLISECONDS
  // the first round always ends: it asks everything once
  for (let round = 0; open.length > 0 && (round === 0 || Date.now() < end); round += 1) {
    const left = []
    for (const [user, questions] of Map.groupBy(open, (one) => one.user)) {
      const token = await load.signIns.signIn(user).catch(() => undefined)
      for (const one of questions) {
        const said = token === undefined ? undefined : await load.look(token, one.document, one.guard)
        if (said !== one.expected) left.push(one)
      }
    }
    open = left
    if (open.length > 0) await wait(200)
  }
  const wrong = open.map(
    ({ user, document, guard, expected }) =>
      `guard ${guard} does not say ${expected} of ${user} and ${document} after it all`,
  )
  return [...problems, ...wrong, ...(await load.signIns.checkAll())]
}

function lostWrites({ grants }: Model, stored: ReadonlySet<string>): string[] {
  return grants.flatMap(({ id, user, document, taken }) => {
    if (id === undefined) return []
    if (taken === undefined && !stored.has(id)) return [`the grant of ${document} to ${user} was lost`]
    return taken?.acked !== undefined && stored.has(id)
      ? [`the end of the grant of ${document} to ${user} was lost`]
      : []
  })
}

/** Why nothing came in time: the last failure in words. */
class Failed extends Error {}

/** The first answer that is not `undefined` and does not fail, or why there was none when the time was over. */
async function within<T>(milliseconds: number, ask: () => Promise<T | undefined>): Promise<T | Failed> {
  const end = Date.now() + milliseconds
  for (;;) {
    const found = await ask().catch((error: unknown) => new Failed(String(error), { cause: error }))
    if (found !== undefined && !(found instanceof Failed)) return found
    if (Date.now() > end) return found ?? new Failed('the answer was not the right one')
    await wait(200)
  }
}
