// A binding that does not fit the request, by kind, by what the action says of it, and by the way in which a handler asks.

import type { MismatchMode } from '@cardea/policy/annotation'
import type { BindingKind } from '@cardea/token'
import { createRevocations } from '@cardea/feed'
import * as DPoP from 'dpop'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RequestAuth } from '../../src/auth/request-auth.ts'
import { Ledger } from '../../src/gate/ledger.ts'
import { internalsOf } from '../../src/guard.ts'
import { type Auth, DeniedError, type GuardRequest } from '../../src/index.ts'
import { Document, DOCUMENTS, documentNamed, Folder, type schema } from '../support/documents.ts'
import {
  ADMIN,
  ANN,
  AUDITOR,
  BOB,
  createWorld,
  NOW,
  requestWith,
  STRANGER,
  thrownBy,
  tokenFor,
  type World,
} from '../support/world.ts'
import { all, KINDS, misfit, type Modes, softened } from '../support/misfits.ts'

type Action = 'view' | 'edit' | 'share' | 'delete' | 'create'
const MODES: readonly MismatchMode[] = ['deny', 'step-up', 'log']

const worldWith = (modes: { readonly [Name in Action]?: Modes }): Promise<World> =>
  createWorld({ schema: softened(modes) })

/** As an adapter lets somebody in: both faces of one request. */
async function enter(
  { guard }: World,
  request: GuardRequest,
): Promise<{ auth: Auth<typeof schema>; raw: RequestAuth }> {
  const raw = await internalsOf(guard).enter(request, 'correlation', new Ledger())
  return { auth: raw as Auth<typeof schema>, raw }
}

const plan = Document(documentNamed('plan'))

/** Answers what came out: `allow`, `deny` where the question has no more to say, or the error. */
type Ask = (auth: Auth<typeof schema>, raw: RequestAuth) => unknown
const yes = (allowed: boolean): string => (allowed ? 'allow' : 'deny')

const WAYS: readonly (readonly [name: string, ask: Ask])[] = [
  ['checkpoint one', (_auth, raw) => raw.checkRoute(['view'])],
  ['authorize', (auth) => auth.authorize('view', plan)],
  ['decide', (auth) => auth.decide('view', plan).error],
  ['can', (auth) => yes(auth.can('view', plan))],
  ['filter', (auth) => auth.filter('view', Document)],
  ['select', (auth) => auth.select('view', Document, [documentNamed('plan')])],
  ['authorizeEach', (auth) => auth.authorizeEach('view', [plan])],
  ['authorizeEach of nothing', (auth) => auth.authorizeEach('view', [])],
  ['allowedActions', (auth) => yes(auth.allowedActions(plan).includes('view'))],
]

async function outcome(ask: () => unknown): Promise<'allow' | 'deny' | DeniedError> {
  try {
    const result = await ask()
    if (result instanceof DeniedError) return result
    return result === 'deny' ? 'deny' : 'allow'
  } catch (error) {
    if (error instanceof DeniedError) return error
    throw error
  }
}

const REFUSED: Readonly<Record<BindingKind, { reason: string; status: number; answer: string; code: string }>> = {
  key: { reason: 'binding', status: 401, answer: 'invalid_token', code: 'ERR_TOKEN_BINDING_SCHEME' },
  certificate: { reason: 'binding', status: 401, answer: 'invalid_token', code: 'ERR_TOKEN_BINDING_CERTIFICATE' },
  address: { reason: 'binding', status: 401, answer: 'invalid_token', code: 'ERR_TOKEN_BINDING_ADDRESS' },
  tenant: { reason: 'tenant_mismatch', status: 404, answer: 'not_found', code: 'ERR_TOKEN_BINDING_TENANT' },
}
const STEP_UP = { reason: 'binding', status: 401, answer: 'step_up' }

const table = KINDS.flatMap((kind) =>
  MODES.flatMap((mode) => WAYS.map(([way, ask]) => ({ kind, mode, way, ask }) as const)),
)

describe('a token that was let in for the sake of another action', () => {
  test.each(table)('$kind, $mode, $way', async ({ kind, mode, ask }) => {
    const world = await worldWith({ view: { [kind]: mode }, create: { [kind]: 'log' } })
    const { auth, raw } = await enter(world, await misfit(ANN, kind))
    const came = await outcome(() => ask(auth, raw))
    if (mode === 'log') {
      expect(came).toBe('allow')
      for (const event of world.events) expect(event).toMatchObject({ decision: 'allow', mismatches: [kind] })
      return
    }
    if (came === 'deny') {
      expect(world.events).toEqual([])
      return
    }
    const { answer, ...refused } = mode === 'deny' ? REFUSED[kind] : { ...STEP_UP, code: REFUSED[kind].code }
    expect(came).toMatchObject({ reason: refused.reason, status: refused.status, problem: { code: answer } })
    expect(world.events).toHaveLength(1)
    expect(world.events[0]).toMatchObject({
      decision: 'deny',
      reason: refused.reason,
      code: refused.code,
      action: 'view',
      principal: 'User::"ann"',
      mismatches: [kind],
      ...(mode === 'step-up' ? { remedy: 'step_up' } : {}),
    })
  })

  test('a step-up asks for a sign-in now, and says nothing of why', async () => {
    const { guard } = await worldWith({ view: { address: 'step-up' } })
    const auth = await guard.authenticate(await misfit(ANN, 'address'))
    const error = (await thrownBy(() => auth.authorize('view', plan))) as DeniedError
    expect(error.challenge).toMatch(/^Bearer error="insufficient_user_authentication", max_age="0"/)
    expect(JSON.stringify([error, error.problem, error.headers, error.stack])).not.toMatch(/binding|address|192\.0/i)
    expect(auth.decide('view', plan)).toMatchObject({
      decision: 'deny',
      reason: 'binding',
      remedy: { kind: 'step-up', acrValues: [], maxAgeSeconds: 0 },
    })
  })

  test('and for a resource that is hidden or missing all is the same', async () => {
    const { guard } = await worldWith({ view: { address: 'step-up' }, edit: { address: 'log' } })
    const auth = await guard.authenticate(await misfit(BOB, 'address'))
    const answers = [plan, undefined].map((resource) => auth.decide('view', resource).error)
    expect(answers[0]?.problem).toEqual(answers[1]?.problem)
    expect(answers[0]?.headers).toEqual(answers[1]?.headers)
  })
})

describe('authentication', () => {
  test.each(KINDS)('%s: refused as ever where no action says otherwise', async (kind) => {
    const plain = await createWorld()
    const others = KINDS.filter((other) => other !== kind)
    const soft = await worldWith({ view: Object.fromEntries(others.map((other) => [other, 'log'])) })
    const errors = await Promise.all(
      [plain, soft].map(
        async ({ guard }) => (await thrownBy(async () => guard.authenticate(await misfit(ANN, kind)))) as DeniedError,
      ),
    )
    const { reason, status, code } = REFUSED[kind]
    for (const error of errors) expect(error).toMatchObject({ reason, status })
    expect(errors[0]?.problem).toEqual(errors[1]?.problem)
    expect(errors[0]?.headers).toEqual(errors[1]?.headers)
    for (const { events } of [plain, soft]) {
      expect(events).toMatchObject([{ checkpoint: 'authenticate', decision: 'deny', reason, code }])
      expect(events[0]).not.toHaveProperty('mismatches')
    }
  })

  test('two kinds that no one action lets pass together are refused at once', async () => {
    const { guard, events } = await worldWith({ view: { address: 'log' }, edit: { certificate: 'log' } })
    expect((await guard.authenticate(await misfit(ANN, 'address'))).principal.id).toBe('ann')
    expect(await thrownBy(async () => guard.authenticate(await misfit(ANN, 'address', 'certificate')))).toMatchObject({
      reason: 'binding',
      status: 401,
    })
    expect(events.at(-1)).toMatchObject({ checkpoint: 'authenticate', code: 'ERR_TOKEN_BINDING_CERTIFICATE' })
  })

  test('what it lets in by policies that change meanwhile is refused by the new ones', async () => {
    const soft = await worldWith({ view: { address: 'log' } })
    const hard = await createWorld()
    const { source } = internalsOf(soft.guard).kernel
    const editions = [source.edition(), internalsOf(hard.guard).kernel.source.edition()]
    Object.assign(source, { edition: () => editions.shift() })
    expect(await thrownBy(async () => soft.guard.authenticate(await misfit(ANN, 'address')))).toMatchObject({
      reason: 'binding',
      status: 401,
    })
    expect(editions).toEqual([])
  })

  test('without policies nothing is let in', async () => {
    const world = await worldWith({ view: all('log') })
    Object.assign(internalsOf(world.guard).kernel.source, { edition: () => undefined })
    expect(await thrownBy(async () => world.guard.authenticate(await misfit(ANN, 'address')))).toMatchObject({
      reason: 'binding',
    })
  })

  test('an unknown address is one that does not fit', async () => {
    const { guard } = await worldWith({ create: { address: 'log' } })
    const auth = await guard.authenticate({ ...(await misfit(ADMIN, 'address')), address: undefined })
    expect(auth.can('create', Folder({ id: 'plans', tenant_id: 'acme' }))).toBe(true)
  })

  test('another certificate is one that does not fit', async () => {
    const { guard } = await worldWith({ view: { certificate: 'log' } })
    const request = { ...(await misfit(ANN, 'certificate')), certificate: Buffer.from('another') }
    expect((await guard.authenticate(request)).can('view', plan)).toBe(true)
  })
})

describe('what is never softened', () => {
  const LOG = { view: all('log'), edit: all('log') }
  const proof = (request: GuardRequest, scheme: string): GuardRequest => ({
    ...request,
    headers: { authorization: String(request.headers['authorization']).replace('Bearer', scheme), dpop: 'e30.e30.e30' },
  })
  test.each<[string, () => Promise<GuardRequest>, Parameters<typeof createWorld>[0], string]>([
    [
      'a wrong proof',
      async () => proof(await misfit(ANN, 'key'), 'DPoP'),
      { origin: 'https://documents.example' },
      'binding',
    ],
    [
      'a proof under Bearer, which nobody looks at',
      async () => proof(await misfit(ANN, 'key'), 'Bearer'),
      {},
      'binding',
    ],
    [
      'no proof under DPoP',
      async () => {
        const request = await misfit(ANN, 'key')
        return {
          ...request,
          headers: { authorization: String(request.headers['authorization']).replace('Bearer', 'DPoP') },
        }
      },
      {},
      'binding',
    ],
    [
      'an unbound token under DPoP',
      async () => proof(await misfit(ANN), 'DPoP'),
      { origin: 'https://documents.example' },
      'binding',
    ],
    ['an unbound token where proofs are required', () => misfit(ANN), { dpop: { required: true } }, 'binding'],
    ['a bound one without its proof there', () => misfit(ANN, 'key'), { dpop: { required: true } }, 'binding'],
    ['and whatever else does not fit', () => misfit(ANN, 'key', 'address'), { dpop: { required: true } }, 'binding'],
  ])('%s', async (_name, request, options, reason) => {
    const { guard } = await createWorld({ schema: softened(LOG), ...options })
    expect(await thrownBy(async () => guard.authenticate(await request()))).toMatchObject({ reason, status: 401 })
  })

  test('a proof of another key, and one that comes twice', async () => {
    // proofs carry the wall clock's time
    const now = Math.floor(Date.now() / 1000)
    const { guard } = await createWorld({ schema: softened(LOG), origin: 'https://documents.example', now: () => now })
    const [own, other] = await Promise.all([DPoP.generateKeyPair('ES256'), DPoP.generateKeyPair('ES256')])
    const claims = { cnf: { jkt: await DPoP.calculateThumbprint(own.publicKey) }, iat: now - 10, exp: now + 290 }
    const token = await tokenFor(ANN, claims)
    const url = 'https://documents.example/documents/plan'
    const by = async (pair: DPoP.KeyPair): Promise<GuardRequest> => {
      const dpop = await DPoP.generateProof(pair, url, 'GET', undefined, token)
      return requestWith(undefined, { headers: { authorization: `DPoP ${token}`, dpop } })
    }
    const right = await by(own)
    expect((await guard.authenticate(right)).principal.id).toBe('ann')
    for (const request of [right, await by(other)]) {
      expect(await thrownBy(() => guard.authenticate(request))).toMatchObject({ reason: 'binding', status: 401 })
    }
  })

  test('expiry, revocation and the signature', async () => {
    const revocations = createRevocations({ now: () => NOW })
    const world = await createWorld({ schema: softened(LOG), revocations })
    const request = await misfit(ANN, 'address')
    const auth = await world.guard.authenticate(request)
    const authorization = String(request.headers['authorization'])
    const forged = { ...request, headers: { authorization: `${authorization.slice(0, -8)}AAAAAAAA` } }
    expect(await thrownBy(() => world.guard.authenticate(forged))).toMatchObject({ reason: 'invalid_token' })
    const at = { epoch: 'e', seq: 1 }
    revocations.add({ key: { kind: 'all' }, at, revokedAtSeconds: NOW, expiresAtSeconds: NOW + 600 })
    expect(await thrownBy(() => auth.authorize('view', plan))).toMatchObject({ reason: 'revoked', status: 401 })
    world.now += 290
    expect(await thrownBy(() => auth.authorize('view', plan))).toMatchObject({ reason: 'expired', status: 401 })
    expect(await thrownBy(() => world.guard.authenticate(request))).toMatchObject({ reason: 'expired', status: 401 })
  })
})

describe('one action does not open another', () => {
  test('what says nothing is refused, beside what goes on', async () => {
    const { guard, events } = await worldWith({ view: { address: 'log' } })
    const auth = await guard.authenticate(await misfit(ANN, 'address'))
    expect(auth.authorize('view', plan).id).toBe('plan')
    expect(await thrownBy(() => auth.authorize('edit', plan))).toMatchObject({ reason: 'binding', status: 401 })
    expect(auth.allowedActions(plan)).toEqual(['view'])
    expect(events.map(({ decision, action, mismatches }) => [decision, action, mismatches])).toEqual([
      ['allow', 'view', ['address']],
      ['deny', 'edit', ['address']],
    ])
  })

  test.each([
    ['deny', 404],
    ['step-up', 404],
    ['log', 403],
  ] as const)('an action that reveals, with %s: %i', async (mode, status) => {
    // an auditor may view and not edit: whether he may know is what `view` says
    const world = await worldWith({ view: { address: mode }, edit: { address: 'log' } })
    const { auth, raw } = await enter(world, await misfit(AUDITOR, 'address'))
    expect(await thrownBy(() => auth.authorize('edit', plan))).toMatchObject({ reason: 'no_permit', status })
    expect(await thrownBy(() => raw.checkRoute(['delete']))).toMatchObject({ reason: 'binding', status: 401 })
  })

  test.each([
    ['deny', 404],
    ['step-up', 404],
    ['log', 401],
  ] as const)('nor what it may know at checkpoint one, with %s: %i', async (mode, status) => {
    // a second factor is asked for of who may view some document, and of nobody else
    const world = await worldWith({ view: { address: mode }, delete: { address: 'log' } })
    const { raw } = await enter(world, await misfit(AUDITOR, 'address'))
    expect(await thrownBy(() => raw.checkRoute(['delete']))).toMatchObject({ reason: 'forbid', status })
  })

  test('a route of two actions goes on for the one that lets it pass, in either order', async () => {
    const world = await worldWith({ view: { address: 'log' } })
    for (const actions of [
      ['view', 'edit'],
      ['edit', 'view'],
    ]) {
      const { auth, raw } = await enter(world, await misfit(ANN, 'address'))
      raw.checkRoute(actions)
      expect(await thrownBy(() => auth.authorize('edit', plan))).toMatchObject({ reason: 'binding' })
    }
    const { raw } = await enter(world, await misfit(ANN, 'address'))
    expect(await thrownBy(() => raw.checkRoute(['edit', 'share']))).toMatchObject({ reason: 'binding', status: 401 })
  })

  test('the strictest of several kinds counts, and is the one that is told', async () => {
    const { guard, events } = await worldWith({
      view: { key: 'log', tenant: 'deny' },
      edit: all('log'),
      share: { key: 'log', tenant: 'step-up' },
    })
    const auth = await guard.authenticate(await misfit(ANN, 'key', 'tenant'))
    expect(auth.decide('view', plan).error).toMatchObject({ reason: 'tenant_mismatch', status: 404 })
    expect(auth.decide('share', plan, { outside: false }).error).toMatchObject({ reason: 'binding', status: 401 })
    expect(auth.authorize('edit', plan).id).toBe('plan')
    expect(events.map(({ code }) => code)).toEqual(['ERR_TOKEN_BINDING_TENANT', 'ERR_TOKEN_BINDING_TENANT', undefined])
    for (const { mismatches } of events) expect(mismatches).toEqual(['key', 'tenant'])
  })
})

describe('what goes on', () => {
  test('is asked as what the token says: its tenant, and the address as it is', async () => {
    const { guard } = await worldWith({ view: all('log'), edit: all('log') })
    const auth = await guard.authenticate(await misfit(ANN, 'tenant', 'address'))
    expect(auth.tenant).toBe('acme')
    expect(auth.can('view', plan)).toBe(true)
    expect(auth.can('view', Document(documentNamed('foreign')))).toBe(false)
    const away = await guard.authenticate({ ...(await misfit(ANN, 'address')), address: '203.0.113.9' })
    expect(away.can('edit', Document(documentNamed('secret')))).toBe(false)
  })

  test('has a signal that lasts as long as its permission', async () => {
    const world = await worldWith({ view: { address: 'log' } })
    const auth = await world.guard.authenticate(await misfit(ANN, 'address'))
    auth.authorize('view', plan)
    expect(auth.signal.aborted).toBe(false)
    expect(await thrownBy(() => auth.authorize('edit', plan))).toMatchObject({ reason: 'binding' })
    expect(auth.signal.aborted).toBe(false)
  })

  test('a request that fits has no word of it in its records', async () => {
    const { guard, events } = await worldWith({ view: all('log') })
    const auth = await guard.authenticate(await misfit(ANN))
    auth.authorize('view', plan)
    expect(events[0]).not.toHaveProperty('mismatches')
  })
})

describe('softening', () => {
  const mode = fc.option(fc.constantFrom(...MODES), { nil: undefined })
  const modes = fc
    .record({ key: mode, certificate: mode, address: mode, tenant: mode })
    .map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)) as Modes)
  const actions = ['view', 'edit', 'share', 'delete'] as const

  test('never allows what the policies deny, and loses nothing where all is logged', async () => {
    let allowed = 0
    await fc.assert(
      fc.asyncProperty(
        fc.record({ view: modes, edit: modes, share: modes, delete: modes }),
        fc.subarray([...KINDS], { minLength: 1 }),
        fc.constantFrom(ANN, BOB, AUDITOR, STRANGER),
        async (said, kinds, person) => {
          const { guard } = await worldWith({ ...said, create: all('log') })
          const fits = await guard.authenticate(await misfit(person))
          const auth = await guard.authenticate(await misfit(person, ...kinds))
          for (const row of DOCUMENTS.values()) {
            const document = Document(row)
            for (const action of actions) {
              const [here, there] = [auth, fits].map((one) =>
                action === 'share' ? one.can(action, document, { outside: false }) : one.can(action, document),
              )
              const isLogged = kinds.every((kind) => said[action][kind] === 'log')
              expect(here).toBe(isLogged && there)
              if (here === true) allowed += 1
            }
          }
        },
      ),
      { numRuns: 150 },
    )
    expect(allowed).toBeGreaterThan(0)
  })
})
