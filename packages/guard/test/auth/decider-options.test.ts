// Which deciders a guard takes.

import { describe, expect, test } from 'vitest'
import { ALLOW, type Appointments, by, deciderOf, plan, worldOf } from '../support/deciders.ts'
import { documentNamed } from '../support/documents.ts'
import { ANN, createWorld, thrownBy } from '../support/world.ts'

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
