// What a decider says: nothing but an allow in its form, and in time, opens anything.

import { describe, expect, test } from 'vitest'
import { ALLOW, deciderOf, plan, worldOf } from '../support/deciders.ts'
import { ANN, thrownBy } from '../support/world.ts'

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
