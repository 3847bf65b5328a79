// Any interleaving of exchange, refresh, retry, theft, revocation, the session's end and steps of the clock, against a model
// of the rules in plain words: on one authority, and on three that share a database and take turns, which must do the same.
//
// INVARIANT (of what is tested): a chain has at most one token that goes on; nothing comes of a sign-in that was ended;
// every use of a spent token that is no retry ends the sign-in and all its access tokens.

import { decodeToken, type TokenClaims } from '@cardea/token'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../tools/postgres.ts'
import { bodyOf, createWorld, DOCS, EXCHANGE, hear, ID_TOKEN, ISSUER, type World } from '../fixture.ts'

const SESSION_SECONDS = 28_800
const IDLE_SECONDS = 3600
const RETRY_SECONDS = 10

interface Token {
  readonly text: string
  usedAt: number
  spentAt: number | undefined
  successor: Token | undefined
}

interface Chain {
  readonly signIn: SignIn
  /** In the order in which they were made; the last one goes on. */
  readonly tokens: Token[]
}

interface SignIn {
  readonly client: Client
  readonly subjectToken: string
  readonly endsAt: number
  /** Why it is over, or `undefined`. */
  ended: string | undefined
  sid: string | undefined
  readonly accessTokens: TokenClaims[]
}

type Client = 'app' | 'backend'

interface Model {
  readonly chains: Chain[]
  readonly signIns: SignIn[]
}

/** The authorities, of which the next one is asked each time. */
class Real {
  readonly worlds: readonly World[]
  #turn = 0

  constructor(worlds: readonly World[]) {
    this.worlds = worlds
  }

  get world(): World {
    const world = this.worlds[this.#turn++ % this.worlds.length]
    if (world === undefined) throw new Error('there is no authority')
    return world
  }
}

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

type Command = fc.AsyncCommand<Model, Real>

async function ask(world: World, client: Client, form: Record<string, string>): Promise<Answer> {
  const response = await world.token(client === 'app' ? undefined : client, {
    ...(client === 'app' ? { client_id: client } : {}),
    ...form,
  })
  return { status: response.status, body: await bodyOf(response) }
}

function isOver({ ended, endsAt }: SignIn, now: number): boolean {
  return ended !== undefined || now >= endsAt
}

/** What the rules say of a use of the token, before it happens. */
function expected({ signIn }: Chain, token: Token, now: number): 'ended' | 'idle' | 'reused' | 'retry' | 'fresh' {
  if (isOver(signIn, now)) return 'ended'
  if (token.spentAt !== undefined) {
    const isRetry = Math.abs(now - token.spentAt) < RETRY_SECONDS && token.successor?.spentAt === undefined
    return isRetry ? 'retry' : 'reused'
  }
  return now >= token.usedAt + IDLE_SECONDS ? 'idle' : 'fresh'
}

const CODES = {
  ended: 'ERR_AUTHORITY_SESSION_ENDED',
  idle: 'ERR_AUTHORITY_REFRESH_IDLE',
  reused: 'ERR_AUTHORITY_REFRESH_REUSED',
} as const

/** How often each happened: a run that looks at nothing must not pass. */
const seen = { ended: 0, idle: 0, reused: 0, retry: 0, fresh: 0, exchanged: 0, stolen: 0, revoked: 0, dead: 0 }

/** Follows one answer in the model, and says where it is not what the rules say. */
function follow(chain: Chain, token: Token, { status, body }: Answer, now: number): void {
  const wanted = expected(chain, token, now)
  seen[wanted] += 1
  if (wanted === 'ended' || wanted === 'idle' || wanted === 'reused') {
    expect({ status, code: body['code'] }).toEqual({ status: 400, code: CODES[wanted] })
    expect(body).not.toHaveProperty('access_token')
    expect(body).not.toHaveProperty('refresh_token')
    if (wanted === 'reused') chain.signIn.ended = 'reuse'
    return
  }
  expect({ status, code: body['code'] }).toEqual({ status: 200, code: undefined })
  const claims = claimsOf(body)
  expect(claims.sid).toBe(chain.signIn.sid)
  expect(claims.exp).toBeLessThanOrEqual(chain.signIn.endsAt)
  chain.signIn.accessTokens.push(claims)
  if (chain.signIn.client === 'backend') {
    expect(body).not.toHaveProperty('refresh_token')
    token.usedAt = now
    return
  }
  const text = String(body['refresh_token'])
  if (wanted === 'retry') {
    expect(text).toBe(token.successor?.text)
    return
  }
  expect(chain.tokens.map((one) => one.text)).not.toContain(text)
  token.spentAt = now
  token.successor = { text, usedAt: now, spentAt: undefined, successor: undefined }
  chain.tokens.push(token.successor)
}

function claimsOf(body: Record<string, unknown>): TokenClaims {
  return decodeToken(String(body['access_token'])).unverifiedClaims as unknown as TokenClaims
}

/** What guards are told must take every access token of a sign-in that was ended, and none of one that goes on. */
async function checkGuards(real: Real, { signIns }: Model): Promise<void> {
  const { world } = real
  const { revocations } = await hear(world)
  for (const { ended, accessTokens } of signIns) {
    for (const claims of accessTokens) {
      if (claims.exp <= world.clock.seconds) continue
      const isRevoked =
        revocations.matchToken({ claims: { ...claims, jti: String(claims.jti) }, keyId: '' }) !== undefined
      if (isRevoked) seen.dead += 1
      expect({ ended, isRevoked }).toEqual({ ended, isRevoked: ended !== undefined })
    }
  }
}

const pick = <T>(from: readonly T[], seed: number): T | undefined => from[seed % Math.max(1, from.length)]

function exchangeOf(client: Client): Command {
  return {
    check: ({ signIns }) => signIns.length < 4,
    toString: () => `sign in at ${client}`,
    async run(model, { world }) {
      const subjectToken = await world.provider.idToken({ aud: client, nonce: crypto.randomUUID() })
      const endsAt = world.clock.seconds - 5 + SESSION_SECONDS
      const signIn: SignIn = { client, subjectToken, endsAt, ended: undefined, sid: undefined, accessTokens: [] }
      model.signIns.push(signIn)
      await exchange(model, world, signIn)
    },
  }
}

function exchangeAgain(seed: number): Command {
  return {
    check: ({ signIns }) => signIns.length > 0,
    toString: () => `exchange the ID token again (${seed})`,
    async run(model, { world }) {
      const signIn = pick(model.signIns, seed)
      if (signIn !== undefined) await exchange(model, world, signIn)
    },
  }
}

async function exchange({ chains }: Model, world: World, signIn: SignIn): Promise<void> {
  const now = world.clock.seconds
  const { status, body } = await ask(world, signIn.client, {
    grant_type: EXCHANGE,
    subject_token: signIn.subjectToken,
    subject_token_type: ID_TOKEN,
    audience: DOCS,
  })
  if (isOver(signIn, now)) expect(status).toBe(400)
  // the ID token itself lives for ten minutes and is not taken from the future
  if (status !== 200) return
  expect(isOver(signIn, now)).toBe(false)
  const claims = claimsOf(body)
  expect(signIn.sid ?? claims.sid).toBe(claims.sid)
  signIn.sid = claims.sid
  signIn.accessTokens.push(claims)
  seen.exchanged += 1
  const token = { text: String(body['refresh_token']), usedAt: now, spentAt: undefined, successor: undefined }
  chains.push({ signIn, tokens: [token] })
}

/** `age` 0 is the token that goes on; a greater one is a retry or a theft. `times` uses at once. */
function refresh(seed: number, age: number, times: number): Command {
  return {
    check: ({ chains }) => chains.length > 0,
    toString: () => `refresh chain ${seed} with the token ${age} before its last, ${times} at once`,
    async run(model, real) {
      const chain = pick(model.chains, seed)
      const token = chain?.tokens.at(-1 - Math.min(age, chain.tokens.length - 1))
      if (chain === undefined || token === undefined) return
      const form = { grant_type: 'refresh_token', refresh_token: token.text }
      const { client } = chain.signIn
      const answers = await Promise.all(Array.from({ length: times }, () => ask(real.world, client, form)))
      // one wins; which one cannot be known beforehand, so those that detected the reuse come first, then as the rules say
      const inOrder = answers.toSorted((left, right) => order(left) - order(right))
      for (const answer of inOrder) follow(chain, token, answer, real.world.clock.seconds)
      const texts = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body['refresh_token']))
      expect(texts.size).toBeLessThanOrEqual(1)
    },
  }
}

function order({ body }: Answer): number {
  return body['code'] === CODES.reused ? 0 : 1
}

function steal(seed: number, age: number): Command {
  return {
    check: ({ chains }) => chains.length > 0,
    toString: () => `another client presents a token of chain ${seed}`,
    async run(model, { world }) {
      const chain = pick(model.chains, seed)
      const token = chain?.tokens.at(-1 - Math.min(age, chain.tokens.length - 1))
      if (chain === undefined || token === undefined) return
      const other = chain.signIn.client === 'app' ? 'backend' : 'app'
      seen.stolen += 1
      const { status, body } = await ask(world, other, { grant_type: 'refresh_token', refresh_token: token.text })
      expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'ERR_AUTHORITY_REFRESH_TOKEN' })
    },
  }
}

type Kind = 'session' | 'principal' | 'client' | 'tenant' | 'all'

function revoke(seed: number, kind: Kind): Command {
  return {
    check: ({ signIns }) => signIns.length > 0,
    toString: () => `revoke ${kind} of sign-in ${seed}`,
    async run(model, { world }) {
      const signIn = pick(model.signIns, seed)
      if (signIn?.sid === undefined) return
      const { client, sid } = signIn
      const keys = {
        session: { kind: 'session', sid },
        principal: { kind: 'principal', tenant: 'acme', sub: 'ann' },
        client: { kind: 'client', clientId: client },
        tenant: { kind: 'tenant', tenant: 'acme' },
        all: { kind: 'all' },
      } as const
      await world.authority.service.revoke(keys[kind])
      seen.revoked += 1
      for (const one of model.signIns) {
        const isMeant = kind === 'session' ? one === signIn : kind === 'client' ? one.client === client : true
        if (isMeant && one.sid !== undefined) one.ended ??= kind
      }
    },
  }
}

function giveBack(seed: number, age: number): Command {
  return {
    check: ({ chains }) => chains.length > 0,
    toString: () => `the client gives back a token of chain ${seed}`,
    async run(model, { world }) {
      const chain = pick(model.chains, seed)
      const token = chain?.tokens.at(-1 - Math.min(age, chain.tokens.length - 1))
      if (chain === undefined || token === undefined || chain.signIn.client !== 'app') return
      const response = await world.authority.app.request(`${ISSUER}/revoke`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ client_id: 'app', token: token.text }).toString(),
      })
      expect(response.status).toBe(200)
      chain.signIn.ended ??= 'given back'
    },
  }
}

function clock(seconds: number): Command {
  return {
    check: () => true,
    toString: () => `the clock moves by ${seconds} s`,
    async run(_, { world }) {
      world.clock.seconds += seconds
    },
  }
}

const seed = fc.nat({ max: 5 })
const age = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat({ max: 3 }) })
const using = fc.tuple(seed, age, fc.constantFrom(1, 1, 1, 3)).map((parts) => refresh(...parts))
const waiting = fc.constantFrom(1, 3, 9, 10, 11, 60, 60, 3599, 3600, 20_000, -1, -5, -20, -4000).map(clock)
const ending = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(seed, fc.constant<Kind>('session')).map((it) => revoke(...it)) },
  {
    weight: 1,
    arbitrary: fc.tuple(seed, fc.constantFrom<Kind>('client', 'principal', 'all')).map((it) => revoke(...it)),
  },
  { weight: 2, arbitrary: fc.tuple(seed, age).map((parts) => giveBack(...parts)) },
)
const commands = fc.commands(
  [
    fc.constantFrom<Client>('app', 'app', 'backend').map(exchangeOf),
    seed.map(exchangeAgain),
    // what stands here often happens often
    ...Array.from({ length: 9 }, () => using),
    ...Array.from({ length: 3 }, () => waiting),
    fc.tuple(seed, age).map((parts) => steal(...parts)),
    ending,
  ],
  { maxCommands: 40, size: 'max' },
)

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.remove(), 60_000)

async function threeOnOneDatabase(): Promise<readonly World[]> {
  const store = await server.newDatabase()
  const key = Buffer.alloc(32, 7).toString('base64url')
  const first = await createWorld({ store, key })
  const { clock, provider } = first
  const another = (): Promise<World> => createWorld({ store, key, publish: false, clock, provider })
  return [first, await another(), await another()]
}

describe.each([
  ['one authority', async () => [await createWorld()], 150],
  ['three authorities on one database', threeOnOneDatabase, 60],
])('whatever is done in whatever order, at %s,', (_name, open, numRuns) => {
  beforeEach(() => {
    for (const what of Object.keys(seen)) seen[what as keyof typeof seen] = 0
  })

  test('the rules of refresh tokens hold', { timeout: 240_000 }, async () => {
    const real = new Real(await open())
    const { clock } = real.world
    // a run begins a year after the one before, when everything of that one is over
    let start = clock.seconds
    await fc.assert(
      fc.asyncProperty(commands, async (run) => {
        clock.seconds = start += 31_536_000
        for (const { authority } of real.worlds) await authority.service.keepHouse()
        const model: Model = { chains: [], signIns: [] }
        for (const client of ['app', 'backend'] as const) await exchangeOf(client).run(model, real)
        await fc.asyncModelRun(() => ({ model, real }), run)
        await checkGuards(real, model)
        for (const { signIn, tokens } of model.chains) {
          expect(tokens.filter(({ spentAt }) => spentAt === undefined)).toHaveLength(1)
          if (signIn.ended === undefined) continue
          for (const { text } of tokens) {
            const answer = await ask(real.world, signIn.client, { grant_type: 'refresh_token', refresh_token: text })
            expect(answer.body['code']).toBe(CODES.ended)
          }
        }
      }),
      { numRuns },
    )
    for (const [what, times] of Object.entries(seen)) expect([what, times > 3]).toEqual([what, true])
    for (const { authority } of real.worlds) await authority.close()
  })
})
