// A decider that answers later: who does not wait for it has no answer, and what changes meanwhile counts.

import { createRevocations } from '@cardea/feed'
import { entityUid } from '@cardea/policy'
import { describe, expect, test } from 'vitest'
import { ALLOW, type DeciderWorld, DENY, deciderOf, later, memo, plan, worldOf } from '../support/deciders.ts'
import { documentNamed } from '../support/documents.ts'
import { ANN, BOB, NOW, thrownBy } from '../support/world.ts'

describe('a decider that answers later', () => {
  const asks: [string, (auth: DeciderWorld['auth']) => unknown][] = [
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
