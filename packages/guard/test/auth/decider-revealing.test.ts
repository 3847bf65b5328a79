// What a caller may know of a resource, where another decides.

import { describe, expect, test } from 'vitest'
import { ALLOW, type Appointments, by, DENY, later, plan, worldOf } from '../support/deciders.ts'
import {
  ANN,
  AUDITOR,
  createWorld,
  NOW,
  type Person,
  requestWith,
  STRANGER,
  thrownBy,
  tokenFor,
} from '../support/world.ts'

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
