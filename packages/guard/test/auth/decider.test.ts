// Actions that another decides, alone or together with the policies: who counts, what is recorded, and that nothing but an allow in its form,
// and in time, opens anything.

import { createRevocations } from '@cardea/feed'
import { type Decider, type Decision, entityUid, type Request } from '@cardea/policy'
import { describe, expect, test } from 'vitest'
import type { ActionDecider, DeciderMode, DeniedError, StandaloneOptions } from '../../src/index.ts'
import { guarded } from '../../src/adapter/fetch.ts'
import { Ledger } from '../../src/gate/ledger.ts'
import { internalsOf } from '../../src/guard.ts'
import { Document, documentNamed, type schema } from '../support/documents.ts'
import {
  ANN,
  AUDITOR,
  BOB,
  createWorld,
  NOW,
  OFFICE,
  type Person,
  requestWith,
  STRANGER,
  thrownBy,
  tokenFor,
} from '../support/world.ts'

type Options = Partial<StandaloneOptions<typeof schema>>
type Appointments = NonNullable<Options['deciders']>

const ALLOW: Decision = { decision: 'allow', reason: 'permit', determining: ['rego-allow'], errors: [] }
const DENY: Decision = { decision: 'deny', reason: 'no-permit', determining: ['rego-deny'], errors: [] }
const DOWN: Decision = {
  decision: 'deny',
  reason: 'forbid-error',
  determining: [],
  errors: [{ policy: '', code: 'ERR_OPA_TIMEOUT', message: 'm', span: { file: '', start: 0, end: 0 } }],
}

/** A decider that remembers what it was asked. */
function deciderOf(answer: (request: Request) => unknown): Decider & { readonly asked: Request[] } {
  const asked: Request[] = []
  return {
    asked,
    decide(request) {
      asked.push(request)
      return answer(request) as Decision
    },
  }
}

const plan = Document(documentNamed('plan'))
const memo = Document(documentNamed('memo'))

async function worldOf(deciders: Appointments, person: Person, options: Options = {}) {
  const world = await createWorld({ deciders, ...options })
  const ledger = new Ledger()
  const request = requestWith(await tokenFor(person))
  const raw = await internalsOf(world.guard).enter(request, 'correlation', ledger)
  const auth = await world.guard.authenticate(request)
  return { world, ledger, raw, auth, last: () => world.events.at(-1) }
}

const by = (mode: DeciderMode, answer: Decision): ActionDecider => ({ mode, decider: deciderOf(() => answer) })
const later = (mode: DeciderMode, answer: unknown): ActionDecider => ({
  mode,
  decider: deciderOf(() => Promise.resolve(answer)),
})

interface Row {
  readonly name: string
  readonly mode: DeciderMode
  readonly person: Person
  readonly answer: Decision
  readonly decision: 'allow' | 'deny'
  readonly reason: string
  readonly policies: readonly string[]
  readonly decider: string
  readonly code?: string
}

/** ann owns `plan`, so the policies allow her to view it; bob they do not. */
const rows: readonly Row[] = [
  {
    name: 'alone, an allow counts where no policy permits',
    mode: 'alone',
    person: BOB,
    answer: ALLOW,
    decision: 'allow',
    reason: 'permit',
    policies: ['rego-allow'],
    decider: 'alone allow permit',
  },
  {
    name: 'alone, a deny counts where a policy permits',
    mode: 'alone',
    person: ANN,
    answer: DENY,
    decision: 'deny',
    reason: 'decider_denied',
    policies: ['rego-deny'],
    decider: 'alone deny no-permit',
  },
  {
    name: 'alone, down is a deny',
    mode: 'alone',
    person: ANN,
    answer: DOWN,
    decision: 'deny',
    reason: 'decider_failed',
    policies: [],
    decider: 'alone deny forbid-error ERR_OPA_TIMEOUT',
    code: 'ERR_OPA_TIMEOUT',
  },
  {
    name: 'together, both allow',
    mode: 'together',
    person: ANN,
    answer: ALLOW,
    decision: 'allow',
    reason: 'permit',
    policies: ['owner-manages', 'rego-allow'],
    decider: 'together allow permit',
  },
  {
    name: 'together, the policies deny',
    mode: 'together',
    person: STRANGER,
    answer: ALLOW,
    decision: 'deny',
    reason: 'forbid',
    policies: ['tenant-isolation', 'rego-allow'],
    decider: 'together allow permit',
  },
  {
    name: 'together, the other denies',
    mode: 'together',
    person: ANN,
    answer: DENY,
    decision: 'deny',
    reason: 'decider_denied',
    policies: ['rego-deny'],
    decider: 'together deny no-permit',
  },
  {
    name: 'together, both deny',
    mode: 'together',
    person: STRANGER,
    answer: DENY,
    decision: 'deny',
    reason: 'forbid',
    policies: ['tenant-isolation', 'rego-deny'],
    decider: 'together deny no-permit',
  },
  {
    name: 'together, down is a deny',
    mode: 'together',
    person: ANN,
    answer: DOWN,
    decision: 'deny',
    reason: 'decider_failed',
    policies: [],
    decider: 'together deny forbid-error ERR_OPA_TIMEOUT',
    code: 'ERR_OPA_TIMEOUT',
  },
]

describe('who counts, and what is recorded', () => {
  test.each(rows)('$name', async ({ mode, person, answer, code, ...expected }) => {
    const { decision, reason, policies, decider } = expected
    const recorded = { decision, reason, policies, decider, action: 'view', resource: 'Document::"plan"' }
    const now = await worldOf({ view: by(mode, answer) }, person)
    const value = now.auth.decide('view', plan)
    expect([value.decision, value.reason, value.policies]).toEqual([decision, reason, policies])
    expect(now.last()).toMatchObject({ ...recorded, ...(code === undefined ? {} : { code }) })
    expect(now.auth.can('view', plan)).toBe(decision === 'allow')
    expect(now.auth.allowedActions(plan).includes('view')).toBe(decision === 'allow')

    const promised = await worldOf({ view: later(mode, answer) }, person)
    const awaited = await promised.auth.askDecision('view', plan)
    expect([awaited.decision, awaited.reason, awaited.policies]).toEqual([decision, reason, policies])
    expect(promised.last()).toMatchObject(recorded)
    expect((await promised.auth.askActions(plan)).includes('view')).toBe(decision === 'allow')
    const row = await promised.auth.ask('view', plan).catch((error: unknown) => (error as DeniedError).reason)
    expect(row).toEqual(decision === 'allow' ? documentNamed('plan') : reason)
  })

  test('other actions are the policies’ alone, and nobody else is asked', async () => {
    const decider = deciderOf(() => DENY)
    const { auth, last } = await worldOf({ edit: { decider, mode: 'alone' } }, ANN)
    expect(auth.authorize('view', plan)).toBe(documentNamed('plan'))
    expect(await auth.ask('view', plan)).toBe(documentNamed('plan'))
    expect(decider.asked).toEqual([])
    expect(last()).not.toHaveProperty('decider')
  })

  test('a decider is told who, what and in which context, and no token', async () => {
    const decider = deciderOf(() => ALLOW)
    const grants = [{ template: 'viewer', resource: entityUid('Document', 'plan') }]
    const { auth } = await worldOf({ view: { decider, mode: 'alone' } }, { ...BOB, grants })
    auth.authorize('view', plan)
    const [request] = decider.asked
    expect(request).toMatchObject({
      principal: { id: 'bob' },
      action: { id: 'view' },
      resource: { id: 'plan' },
      nowSeconds: NOW,
    })
    expect([...(request?.context.keys() ?? [])]).toEqual(['ip'])
    expect(request?.links?.all).toMatchObject([{ template: 'viewer' }])
    expect(Object.keys(request ?? {}).toSorted()).toEqual([
      'action',
      'context',
      'entities',
      'links',
      'nowSeconds',
      'principal',
      'principalEntity',
      'resource',
      'resourceEntity',
    ])
  })
})

describe('what is no answer is a deny', () => {
  const coded = Object.assign(new Error('holds secret'), { code: 'ERR_THEIR_OWN' })
  const strange = Object.assign(new Error('holds secret'), { code: 'holds secret' })
  test.each<[string, () => unknown, string]>([
    ['nothing', () => undefined, 'ERR_GUARD_DECIDER'],
    ['true', () => true, 'ERR_GUARD_DECIDER'],
    ['the text', () => 'allow', 'ERR_GUARD_DECIDER'],
    ['an allow without a reason', () => ({ decision: 'allow', determining: [], errors: [] }), 'ERR_GUARD_DECIDER'],
    ['an allow with the reason of a deny', () => ({ ...ALLOW, reason: 'forbid' }), 'ERR_GUARD_DECIDER'],
    ['an allow in capitals', () => ({ ...ALLOW, decision: 'ALLOW' }), 'ERR_GUARD_DECIDER'],
    ['policies that are no list', () => ({ ...ALLOW, determining: 'p' }), 'ERR_GUARD_DECIDER'],
    ['policies that are no texts', () => ({ ...ALLOW, determining: [1] }), 'ERR_GUARD_DECIDER'],
    ['malformed errors', () => ({ ...ALLOW, errors: [{}] }), 'ERR_GUARD_DECIDER'],
    [
      'a getter that throws',
      () => ({
        get decision() {
          throw coded
        },
      }),
      'ERR_GUARD_DECIDER',
    ],
  ])('%s', async (_name, answer, code) => {
    for (const promised of [false, true]) {
      const decider = deciderOf(() => (promised ? Promise.resolve(answer()) : answer()))
      const { auth, last, world } = await worldOf({ view: { decider, mode: 'alone' } }, ANN)
      const error = await thrownBy(() => (promised ? auth.ask('view', plan) : auth.authorize('view', plan)))
      expect(error).toMatchObject({ code: 'ERR_GUARD_DENIED', reason: 'decider_failed', status: 404 })
      expect(last()).toMatchObject({ decision: 'deny', reason: 'decider_failed', code })
      expect(world.logged).toContainEqual(expect.stringContaining('gave no answer that can be used'))
    }
  })

  test.each<[string, () => unknown, string]>([
    ['with a code of its own', () => coded, 'ERR_THEIR_OWN'],
    ['with something else in the place of a code', () => strange, 'ERR_GUARD_DECIDER'],
    ['what is no error', () => 'holds secret', 'ERR_GUARD_DECIDER'],
  ])('it throws or rejects %s', async (_name, thrown, code) => {
    const throws = deciderOf(() => {
      throw thrown()
    })
    const rejects = deciderOf(() => Promise.reject(thrown()))
    for (const decider of [throws, rejects]) {
      const { auth, last, world } = await worldOf({ view: { decider, mode: 'together' } }, ANN)
      expect((await auth.askDecision('view', plan)).decision).toBe('deny')
      expect(last()).toMatchObject({ reason: 'decider_failed', code, decider: `together deny forbid-error ${code}` })
      expect(JSON.stringify([world.events, world.logged])).not.toContain('secret')
    }
  })

  test('it never answers', async () => {
    const waiting: (() => void)[] = []
    const schedule = (_delay: number, callback: () => void) => {
      waiting.push(callback)
      return () => undefined
    }
    const decider = deciderOf(() => new Promise(() => undefined))
    const { auth } = await worldOf({ view: { decider, mode: 'alone' } }, ANN, { schedule })
    const before = waiting.length
    const asked = auth.askDecision('view', plan)
    for (const callback of waiting.slice(before)) callback()
    expect((await asked).reason).toBe('decider_failed')
  })
})

describe('a decider that answers later', () => {
  const asks: [string, (auth: Awaited<ReturnType<typeof worldOf>>['auth']) => unknown][] = [
    ['authorize', (auth) => auth.authorize('view', plan)],
    ['authorizeEach', (auth) => auth.authorizeEach('view', [plan])],
    ['decide', (auth) => auth.decide('view', plan)],
    ['can', (auth) => auth.can('view', plan)],
  ]
  test.each(asks)('is not taken for an answer by %s', async (_name, ask) => {
    for (const mode of ['alone', 'together'] as const) {
      const { auth } = await worldOf({ view: later(mode, ALLOW) }, ANN)
      const error = await thrownBy(() => ask(auth))
      expect(error).toMatchObject({ code: 'ERR_GUARD_DECIDER_LATER' })
      expect(String(Reflect.get(error as object, 'hint'))).toContain('auth.ask')
    }
  })

  test('whoever catches that is still denied, and it is recorded', async () => {
    const { raw, ledger, last, world } = await worldOf({ view: later('alone', ALLOW) }, ANN)
    raw.authorize('edit', plan)
    expect(ledger.verdict(['edit'])).toBe('release')
    await thrownBy(() => raw.authorize('view', plan))
    expect(ledger.verdict(['edit'])).toBe('ignored_deny')
    expect(ledger.denial?.status).toBe(500)
    expect(last()).toMatchObject({ decision: 'deny', reason: 'decider_failed', code: 'ERR_GUARD_DECIDER_LATER' })
    expect(world.logged.at(-1)).toContain('answers later')
  })

  test('is not asked again where it cannot be waited for', async () => {
    const decider = deciderOf(() => Promise.reject(new Error('nobody hears')))
    const { auth } = await worldOf({ view: { decider, mode: 'alone' } }, ANN)
    for (let count = 0; count < 3; count += 1) expect(auth.allowedActions(plan)).toEqual(['edit', 'delete'].slice(0, 1))
    expect(decider.asked).toHaveLength(1)
  })

  test('all rows, or the first deny in their order', async () => {
    const decider = deciderOf(({ resource }) => Promise.resolve(resource.id === 'memo' ? DENY : ALLOW))
    const { auth, world } = await worldOf({ view: { decider, mode: 'alone' } }, ANN)
    const many = Array.from({ length: 40 }, () => plan)
    expect(await auth.askEach('view', many)).toHaveLength(40)
    expect(await auth.askEach('view', [])).toEqual([])
    expect(world.events).toHaveLength(40)
    expect(await thrownBy(() => auth.askEach('view', [plan, memo]))).toMatchObject({ reason: 'decider_denied' })
    expect(await thrownBy(() => auth.askEach('view', [plan, undefined]))).toMatchObject({ reason: 'not_found' })
  })

  test('a context that does not fit rejects, and asks nobody', async () => {
    const decider = deciderOf(() => Promise.resolve(ALLOW))
    const { auth } = await worldOf({ share: { decider, mode: 'alone' } }, ANN)
    expect(await thrownBy(() => auth.ask('share', plan, { outside: 1 } as never))).toBeInstanceOf(TypeError)
    expect(decider.asked).toEqual([])
    expect(await auth.ask('share', plan, { outside: true })).toBe(documentNamed('plan'))
  })

  test('the caller must still stand when it has answered', async () => {
    let pass = (): void => undefined
    const decider = deciderOf(() => new Promise((resolve) => (pass = () => resolve(ALLOW))))
    const { auth, world, last } = await worldOf({ view: { decider, mode: 'alone' } }, ANN)
    const asked = auth.askDecision('view', plan)
    world.now += 290
    pass()
    expect((await asked).reason).toBe('expired')
    expect(last()).toMatchObject({ decision: 'deny', reason: 'expired' })
  })

  test('an answer that was made with a grant which is revoked by then counts no more', async () => {
    const revocations = createRevocations({ now: () => NOW })
    const resource = entityUid('Document', 'plan')
    let pass = (): void => undefined
    const decider = deciderOf(() => new Promise((resolve) => (pass = () => resolve(ALLOW))))
    const person = { ...BOB, grants: [{ template: 'viewer', resource }] }
    const { auth } = await worldOf({ view: { decider, mode: 'alone' } }, person, { revocations })
    const asked = auth.askDecision('view', plan)
    revocations.add({
      key: { kind: 'grant', tenant: 'acme', grantee: 'User::"bob"', template: 'viewer', resource: 'Document::"plan"' },
      at: { epoch: 'e', seq: 1 },
      revokedAtSeconds: NOW,
      expiresAtSeconds: NOW + 300,
    })
    pass()
    expect((await asked).reason).toBe('decider_failed')
  })
})

describe('the gate', () => {
  const service = async (deciders: Appointments, handler: Parameters<typeof guarded>[2]) => {
    const { guard } = await createWorld({ deciders })
    const routes = { 'GET /documents/:id': { action: 'view' } } as const
    const handle = guarded(guard, { routes, connectionOf: () => ({ address: OFFICE }), graceMilliseconds: 0 }, handler)
    const headers = { authorization: `Bearer ${await tokenFor(ANN)}` }
    return handle(new Request('https://documents.example/documents/plan', { headers }))
  }

  test('lets an answer out that was waited for, and one of a deny not', async () => {
    const handler: Parameters<typeof service>[1] = async (_request, { auth }) =>
      Response.json(await auth.ask('view', plan))
    expect((await service({ view: later('alone', ALLOW) }, handler)).status).toBe(200)
    expect((await service({ view: later('alone', DENY) }, handler)).status).toBe(404)
  })

  test.each<[string, unknown]>([
    ['an allow', ALLOW],
    ['a deny', DENY],
  ])('holds back what did not wait for %s, also beside another allow', async (_name, answer) => {
    const response = await service({ edit: later('alone', answer) }, (_request, { auth }) => {
      const row = auth.authorize('view', plan)
      void auth.ask('edit', plan)
      return Response.json(row)
    })
    expect(response.status).toBe(500)
  })

  test('holds back an answer in spite of a deny that came later', async () => {
    const response = await service({ edit: later('alone', DENY) }, async (_request, { auth }) => {
      const row = auth.authorize('view', plan)
      await auth.ask('edit', plan).catch(() => undefined)
      return Response.json(row)
    })
    expect(response.status).toBe(500)
  })
})

describe('checkpoint one', () => {
  test.each<[DeciderMode, boolean]>([
    ['alone', true],
    ['together', false],
  ])('%s: what the policies never allow passes: %s', async (mode, passes) => {
    // nobody but an owner deletes, and a second factor is missing
    const decider = deciderOf(() => ALLOW)
    const { raw } = await worldOf({ delete: { decider, mode } }, ANN)
    const error = await thrownBy(() => {
      raw.checkRoute(['delete'])
      throw new Error('passed')
    })
    expect(String(error).includes('passed')).toBe(passes)
    expect(decider.asked).toEqual([])
  })
})

describe('what may be known', () => {
  test.each<[string, Appointments, Person, number, number]>([
    ['view allows alone', { view: by('alone', ALLOW) }, STRANGER, 403, 403],
    ['view denies alone', { view: by('alone', DENY) }, AUDITOR, 404, 404],
    ['view allows together', { view: by('together', ALLOW) }, AUDITOR, 403, 403],
    ['view allows together where no policy does', { view: by('together', ALLOW) }, STRANGER, 404, 404],
    ['view denies together', { view: by('together', DENY) }, AUDITOR, 404, 404],
    ['view answers later', { view: later('alone', ALLOW) }, AUDITOR, 404, 403],
    ['edit is denied by another', { edit: by('alone', DENY) }, AUDITOR, 403, 403],
    ['edit is denied by another, of who may see nothing', { edit: by('alone', DENY) }, STRANGER, 404, 404],
  ])('of a denied edit, when %s', async (_name, deciders, person, status, awaited) => {
    const { auth } = await worldOf(deciders, person)
    expect(await thrownBy(() => auth.authorize('edit', plan))).toMatchObject({ status })
    expect(await thrownBy(() => auth.ask('edit', plan))).toMatchObject({ status: awaited })
  })

  test('together, the step-up of the policies is offered, and none for what the other denies', async () => {
    const needs = await worldOf({ delete: by('together', DENY) }, ANN)
    expect(await thrownBy(() => needs.auth.authorize('delete', plan))).toMatchObject({ status: 401, reason: 'forbid' })
    const has = await createWorld({ deciders: { delete: by('together', DENY) }, development: true })
    const fresh = { acr: 'mfa', auth_time: NOW - 60 }
    const auth = await has.guard.authenticate(requestWith(await tokenFor(ANN, fresh)))
    const decision = auth.decide('delete', plan)
    expect(decision).toMatchObject({ reason: 'decider_denied', error: { status: 403 } })
    expect(decision.remedy).toBeUndefined()
    expect(decision.explanation).toEqual({ reason: 'decider_denied' })
  })
})

describe('what stays as it is', () => {
  test.each<[string, (world: Awaited<ReturnType<typeof worldOf>>) => unknown, string]>([
    ['a missing resource', ({ auth }) => auth.authorize('view', undefined), 'not_found'],
    [
      'an entity that does not fit the schema',
      ({ auth }) => auth.authorize('view', { ...plan, entity: { ...plan.entity, attributes: new Map() } }),
      'invalid_entity',
    ],
    [
      'an expired token',
      ({ auth, world }) => {
        world.now += 290
        return auth.authorize('view', plan)
      },
      'expired',
    ],
  ])('%s asks nobody', async (_name, ask, reason) => {
    const decider = deciderOf(() => ALLOW)
    const world = await worldOf({ view: { decider, mode: 'alone' } }, ANN)
    expect(await thrownBy(() => ask(world))).toMatchObject({ reason })
    expect(decider.asked).toEqual([])
  })

  test('a fact that the schema requires and the request lacks', async () => {
    const decider = deciderOf(() => ALLOW)
    const world = await createWorld({ deciders: { view: { decider, mode: 'alone' } } })
    const auth = await world.guard.authenticate(requestWith(await tokenFor(ANN), { address: undefined }))
    expect(auth.decide('view', plan).reason).toBe('context_missing')
    expect(auth.can('view', plan)).toBe(false)
    expect(decider.asked).toEqual([])
  })

  test.each(['alone', 'together'] as const)('a list is refused: %s', async (mode) => {
    const { auth } = await worldOf({ view: by(mode, ALLOW) }, ANN)
    for (const ask of [
      () => auth.filter('view', Document),
      () => auth.select('view', Document, [documentNamed('plan')]),
    ]) {
      expect(await thrownBy(ask)).toMatchObject({ code: 'ERR_GUARD_DECIDER_FILTER' })
    }
    expect(auth.select('edit', Document, [documentNamed('plan')])).toHaveLength(1)
  })
})

describe('options', () => {
  test.each<[string, unknown]>([
    ['an action that the schema does not have', { publish: by('alone', ALLOW) }],
    ['an inherited name', { toString: by('alone', ALLOW) }],
    ['no mode', { view: { decider: deciderOf(() => ALLOW) } }],
    ['another mode', { view: { decider: deciderOf(() => ALLOW), mode: 'either' } }],
    ['no decider', { view: { mode: 'alone' } }],
    ['what does not decide', { view: { decider: {}, mode: 'alone' } }],
    ['null', { view: null }],
  ])('refused: %s', async (_name, deciders) => {
    const error = await thrownBy(() => createWorld({ deciders: deciders as Appointments }))
    expect(error).toMatchObject({ code: 'ERR_GUARD_OPTIONS' })
  })

  test('an action that is left undefined has none', async () => {
    const { auth, last } = await worldOf({ view: undefined } as never, ANN)
    expect(auth.authorize('view', plan)).toBe(documentNamed('plan'))
    expect(last()).not.toHaveProperty('decider')
  })
})
