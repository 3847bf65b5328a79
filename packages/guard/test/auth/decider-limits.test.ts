// What a decider changes nothing of: it is asked about nothing that is refused without it, and it decides no list.

import { describe, expect, test } from 'vitest'
import { ALLOW, by, deciderOf, type DeciderWorld, plan, worldOf } from '../support/deciders.ts'
import { Document, documentNamed } from '../support/documents.ts'
import { ANN, createWorld, requestWith, thrownBy, tokenFor } from '../support/world.ts'

describe('what stays as it is', () => {
  test.each<[string, (world: DeciderWorld) => unknown, string]>([
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
