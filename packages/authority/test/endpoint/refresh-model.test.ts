// Any interleaving of exchange, refresh, passing on, asking for less, grants, revocation, changes of keys and steps of the clock, against
// a model of the rules in plain words (`model/`): on one authority, and on three that share a database and take turns, which must do the same.
//
// INVARIANT (of what is tested): a chain has at most one token that goes on; nothing comes of what was ended; a token holds the grants of its
// moment within every bound of its line; what takes a token or a grant away takes it of all that was there, and of nothing that came later.

import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../tools/postgres.ts'
import type { World } from '../fixture.ts'
import { commands, endings } from './model/commands.ts'
import { signIn } from './model/exchange.ts'
import { DOCUMENTS, grant } from './model/grants.ts'
import { checkGuards } from './model/guards.ts'
import { createModel, type Model } from './model/model.ts'
import { askToken, type Command, createModelWorld, Real } from './model/real.ts'
import { expectSeen, forget } from './model/seen.ts'

type Steps = Parameters<typeof fc.asyncModelRun<Model, Real, false, Model>>[1]

const YEAR_SECONDS = 31_536_000

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.remove(), 60_000)

async function threeOnOneDatabase(): Promise<readonly World[]> {
  const store = await server.newDatabase()
  const key = Buffer.alloc(32, 7).toString('base64url')
  const first = await createModelWorld({ store, key })
  const { clock, provider } = first
  const another = (): Promise<World> => createModelWorld({ store, key, publish: false, clock, provider })
  return [first, await another(), await another()]
}

describe.each([
  ['one authority', async () => [await createModelWorld()], 150, 3],
  ['three authorities on one database', threeOnOneDatabase, 60, 0],
])('whatever is done in whatever order, at %s,', (_name, open, numRuns, least) => {
  beforeEach(forget)

  test('the rules of tokens hold', { timeout: 240_000 }, async () => {
    const real = new Real(await open())
    // it is printed with what fails, and `CARDEA_SEED` brings that back
    const seed = Number(process.env['CARDEA_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
    let last: Model | undefined
    const run = async (steps: Steps, ending: readonly Command[]): Promise<void> => {
      last = await begin(real, last)
      const model = last
      await fc.asyncModelRun(() => ({ model, real }), steps)
      for (const step of ending) await step.run(model, real)
      await checkGuards(real, model)
      await checkChains(real, model)
    }
    await fc.assert(fc.asyncProperty(commands, endings, run), { numRuns, seed })
    expectSeen(least, seed)
    for (const { authority } of real.worlds) await authority.close()
  })
})

/** A year after the run before, when everything of that one is over but for its grants, which are taken back. */
async function begin(real: Real, last: Model | undefined): Promise<Model> {
  const { clock, authority } = real.world
  for (const id of last?.grants.values() ?? []) await authority.service.removeGrant(id)
  clock.seconds = (last?.latest ?? clock.seconds) + YEAR_SECONDS
  for (const one of real.worlds) await one.authority.service.keepHouse()
  const model = createModel(clock.seconds, real.worlds.length === 1)
  for (const document of DOCUMENTS) {
    await grant({ person: 0, isTeam: document === 'b', template: 'viewer', document }).run(model, real)
  }
  await signIn('app', 0, undefined).run(model, real)
  // one of them asked for less, some of which is there
  const asking = DOCUMENTS.slice(0, 2).map((document) => ({ template: 'viewer', document }))
  await signIn('backend', 1, asking).run(model, real)
  return model
}

async function checkChains(real: Real, { chains }: Model): Promise<void> {
  for (const { signIn: signedIn, tokens } of chains) {
    expect(tokens.filter(({ spentAt }) => spentAt === undefined)).toHaveLength(1)
    if (signedIn.ended === undefined) continue
    for (const { text } of tokens) {
      const form = { grant_type: 'refresh_token', refresh_token: text }
      const { body } = await askToken(real.world, signedIn.client, form, undefined)
      expect(body['code']).toBe('ERR_AUTHORITY_SESSION_ENDED')
    }
  }
}
