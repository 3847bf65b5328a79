// Checkpoint one against checkpoint two: what it refuses, the other would refuse on every resource; and it tells no more.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DeniedError } from '../../src/index.ts'
import { internalsOf } from '../../src/guard.ts'
import { Ledger } from '../../src/gate/ledger.ts'
import { Document, DOCUMENTS } from '../support/documents.ts'
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

type Action = 'view' | 'edit' | 'delete' | 'share'
const ACTIONS: readonly Action[] = ['view', 'edit', 'delete', 'share']

/** Conditions over what each action knows at different times: the caller, the request, the handler's word, the resource. */
const CONDITIONS = [
  'true',
  'false',
  'principal.tenant == Tenant::"acme"',
  'principal in Role::"auditor"',
  'principal has clearance && principal.clearance > 3',
  'context.ip.isInRange(ip("10.0.0.0/8"))',
  'context has acr && context.acr == "mfa"',
  'context has outside && context.outside',
  'context has outside && !context.outside',
  'context == {ip: context.ip, outside: true}',
  'resource.owner == principal',
  'resource.classified',
  'resource.tenant == principal.tenant',
] as const

const condition = fc.constantFrom(...CONDITIONS)
const policy = fc.record({
  effect: fc.constantFrom('permit', 'forbid'),
  action: fc.constantFrom('action', ...ACTIONS.map((action) => `action == Action::"${action}"`)),
  when: condition,
  unless: fc.option(condition, { nil: undefined }),
})

const person = fc.constantFrom<Person>(ANN, BOB, AUDITOR, STRANGER)

describe('checkpoint one', () => {
  test('refuses only what checkpoint two refuses on every resource', async () => {
    let refusals = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(policy, { minLength: 1, maxLength: 6 }),
        person,
        fc.boolean(),
        async (policies, who, isOffice) => {
          const text = policies
            .map(({ effect, action, when, unless }, index) => {
              const exception = unless === undefined ? '' : ` unless { ${unless} }`
              return `@id("p${index}") ${effect} (principal, ${action}, resource is Document) when { ${when} }${exception};`
            })
            .join('\n')
          const { guard } = await createWorld({
            policies: [{ file: 'p.cedar', text }],
            claims: CLAIMS,
            tokenType: 'at+jwt',
          })
          const claims = { org: who.tenant, roles: who.roles ?? [], acr: 'mfa', auth_time: NOW - 5 }
          const request = requestWith(await tokenFor(who, claims), { address: isOffice ? OFFICE : '203.0.113.9' })
          const ledger = new Ledger()
          const auth = await internalsOf(guard).enter(request, 'correlation', ledger)
          for (const action of ACTIONS) {
            const first = attempt(() => auth.checkRoute([action]))
            expect(attempt(() => auth.checkRoute([action]))).toBe(first)
            if (first) continue
            refusals += 1
            for (const row of DOCUMENTS.values()) {
              for (const context of action === 'share' ? [{ outside: true }, { outside: false }] : [undefined]) {
                expect(auth.can(action, Document(row), context)).toBe(false)
              }
            }
          }
        },
      ),
      { numRuns: 150 },
    )
    expect(refusals).toBeGreaterThan(50)
  })

  test('what only the handler knows is not held against the caller', async () => {
    const { guard } = await createWorld()
    const enter = async (who: Person) => internalsOf(guard).enter(requestWith(await tokenFor(who)), 'c', new Ledger())
    expect(attempt(() => undefined)).toBe(true)
    const auth = await enter(ANN)
    expect(attempt(() => auth.checkRoute(['share']))).toBe(true)
  })

  test.each<[string, string, boolean]>([
    ['a forbid that holds whatever the handler says', 'forbid', false],
    ['a permit that the handler can still make hold', 'permit', true],
  ])('%s', async (_name, effect, passes) => {
    const tenant = 'principal.tenant == Tenant::"acme"'
    const text = {
      forbid: `permit (principal, action, resource); forbid (principal, action, resource) when { ${tenant} || context.outside };`,
      permit: `permit (principal, action == Action::"share", resource) when { ${tenant} && context.outside };`,
    }[effect as 'forbid' | 'permit']
    const { guard } = await createWorld({ policies: [{ file: 'p.cedar', text }], claims: CLAIMS })
    const token = await tokenFor(ANN, { org: 'acme', roles: [] })
    const auth = await internalsOf(guard).enter(requestWith(token), 'correlation', new Ledger())
    expect(attempt(() => auth.checkRoute(['share']))).toBe(passes)
    // what it refuses is refused on every resource, with every word of the handler
    for (const outside of [true, false]) {
      const allowed = [...DOCUMENTS.values()].some((row) => auth.can('share', Document(row), { outside }))
      expect(allowed).toBe(passes && outside)
    }
  })

  test('a second factor is asked for before anything is loaded, of who may see something', async () => {
    const { guard } = await createWorld()
    const check = async (who: Person) => {
      const auth = await internalsOf(guard).enter(requestWith(await tokenFor(who)), 'correlation', new Ledger())
      return (await thrownBy(() => auth.checkRoute(['delete']))) as DeniedError
    }
    const error = await check(ANN)
    expect(error).toMatchObject({ reason: 'forbid', status: 401, policies: ['delete-needs-second-factor'] })
    expect(error.challenge).toContain('acr_values="mfa"')
  })

  test('of several actions one must be possible', async () => {
    const { guard } = await createWorld()
    const auth = await internalsOf(guard).enter(requestWith(await tokenFor(ANN)), 'correlation', new Ledger())
    expect(attempt(() => auth.checkRoute(['create', 'view']))).toBe(true)
    expect(attempt(() => auth.checkRoute(['create']))).toBe(false)
  })

  test('the answer that is remembered is for the network that was asked from', async () => {
    const policies = [
      {
        file: 'p.cedar',
        text: '@id("office") permit (principal, action == Action::"view", resource) when { context.ip.isInRange(ip("10.0.0.0/8")) };',
      },
    ]
    const { guard } = await createWorld({ policies, claims: CLAIMS })
    const token = await tokenFor(ANN, { org: 'acme', roles: [] })
    const passes = async (address: string) => {
      const auth = await internalsOf(guard).enter(requestWith(token, { address }), 'correlation', new Ledger())
      return attempt(() => auth.checkRoute(['view']))
    }
    expect(await passes(OFFICE)).toBe(true)
    expect(await passes('203.0.113.9')).toBe(false)
    expect(await passes('10.200.0.1')).toBe(true)
    expect(await passes('203.0.113.9')).toBe(false)
  })
})

const CLAIMS = {
  principal: { type: 'User', id: 'sub' },
  attributes: { tenant: 'org', clearance: null },
  parents: { Team: null, Role: 'roles' },
  tenant: 'org',
} as const

/** Whether it passes; anything but a deny fails the test. */
function attempt(call: () => unknown): boolean {
  try {
    call()
    return true
  } catch (error) {
    if (error instanceof DeniedError) return false
    throw error
  }
}
