// Actions that another decides, alone or together with the policies: who counts, and what is recorded.

import { type Decision, entityUid } from '@cardea/policy'
import { describe, expect, test } from 'vitest'
import type { DeciderMode, DeniedError } from '../../src/index.ts'
import { ALLOW, by, DENY, deciderOf, DOWN, later, plan, worldOf } from '../support/deciders.ts'
import { documentNamed } from '../support/documents.ts'
import { ANN, BOB, NOW, type Person, STRANGER } from '../support/world.ts'

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
