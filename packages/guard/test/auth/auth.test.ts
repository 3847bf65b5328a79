// Checkpoint two: what each question answers, for which reason, and what the caller is told.

import { evaluateResidual, entityUid } from '@cardea/policy'
import { describe, expect, test } from 'vitest'
import { DeniedError } from '../../src/index.ts'
import { Document, DOCUMENTS, documentNamed, Folder } from '../support/documents.ts'
import {
  ADMIN,
  ANN,
  AUDITOR,
  BOB,
  createWorld,
  NOW,
  type Person,
  requestWith,
  STRANGER,
  thrownBy,
  tokenFor,
} from '../support/world.ts'

const authOf = async (person: Person, claims: Record<string, unknown> = {}, address = '10.1.2.3') => {
  const world = await createWorld()
  const auth = await world.guard.authenticate(requestWith(await tokenFor(person, claims), { address }))
  return { world, auth }
}

interface Row {
  readonly name: string
  readonly person: Person
  readonly action: 'view' | 'edit' | 'delete'
  readonly document: string
  readonly claims?: Record<string, unknown>
  readonly address?: string
  readonly reason: string
  readonly status: number
  readonly policies?: readonly string[]
}

const FRESH = { acr: 'mfa', auth_time: NOW - 60 }

const rows: readonly Row[] = [
  {
    name: 'an owner views',
    person: ANN,
    action: 'view',
    document: 'plan',
    reason: 'permit',
    status: 200,
    policies: ['owner-manages'],
  },
  {
    name: 'an auditor views',
    person: AUDITOR,
    action: 'view',
    document: 'memo',
    reason: 'permit',
    status: 200,
    policies: ['auditor-views'],
  },
  { name: 'nobody permits', person: BOB, action: 'view', document: 'plan', reason: 'no_permit', status: 404 },
  {
    name: 'a viewer may know, and may not edit',
    person: AUDITOR,
    action: 'edit',
    document: 'plan',
    reason: 'no_permit',
    status: 403,
  },
  {
    name: 'another tenant is not told',
    person: STRANGER,
    action: 'edit',
    document: 'plan',
    reason: 'forbid',
    status: 404,
    policies: ['tenant-isolation'],
  },
  {
    name: 'an owner of a row of another tenant is not told',
    person: ANN,
    action: 'view',
    document: 'foreign',
    reason: 'forbid',
    status: 404,
    policies: ['tenant-isolation'],
  },
  {
    name: 'from outside of the office',
    person: ANN,
    action: 'edit',
    document: 'secret',
    address: '203.0.113.9',
    reason: 'forbid',
    status: 403,
    policies: ['classified-needs-office'],
  },
  {
    name: 'without a second factor',
    person: ANN,
    action: 'delete',
    document: 'plan',
    reason: 'forbid',
    status: 401,
    policies: ['delete-needs-second-factor'],
  },
  {
    name: 'with an old second factor',
    person: ANN,
    action: 'delete',
    document: 'plan',
    claims: { acr: 'mfa', auth_time: NOW - 301 },
    reason: 'forbid',
    status: 401,
  },
  {
    name: 'with a fresh second factor',
    person: ANN,
    action: 'delete',
    document: 'plan',
    claims: FRESH,
    reason: 'permit',
    status: 200,
  },
  {
    name: 'a second factor would not help a viewer',
    person: AUDITOR,
    action: 'delete',
    document: 'plan',
    reason: 'forbid',
    status: 403,
  },
  {
    name: 'nor from outside of the office',
    person: ANN,
    action: 'delete',
    document: 'secret',
    address: '203.0.113.9',
    reason: 'forbid',
    status: 403,
  },
  {
    name: 'a stranger is not asked for a second factor',
    person: BOB,
    action: 'delete',
    document: 'plan',
    reason: 'forbid',
    status: 404,
  },
]

describe('authorize', () => {
  test.each(rows)(
    '$name: $reason, $status',
    async ({ person, action, document, claims, address, reason, status, policies }) => {
      const { auth, world } = await authOf(person, claims, address)
      const row = documentNamed(document)
      if (status === 200) {
        expect(auth.authorize(action, Document(row))).toBe(row)
      } else {
        const error = await thrownBy(() => auth.authorize(action, Document(row)))
        expect(error).toBeInstanceOf(DeniedError)
        expect(error).toMatchObject({ code: 'ERR_GUARD_DENIED', status, reason })
      }
      const event = world.events.at(-1)
      expect(event).toMatchObject({
        decision: status === 200 ? 'allow' : 'deny',
        reason,
        checkpoint: 'resource',
        action,
        principal: `User::"${person.id}"`,
        resource: `Document::"${document}"`,
        correlation: 'correlation',
        tenant: person.tenant,
      })
      if (policies !== undefined) expect(event?.policies).toEqual(policies)
    },
  )

  test('a missing resource and a hidden one are refused alike', async () => {
    const { auth, world } = await authOf(BOB)
    const missing = (await thrownBy(() => auth.authorize('view', undefined))) as DeniedError
    const hidden = (await thrownBy(() => auth.authorize('view', Document(documentNamed('plan'))))) as DeniedError
    expect(missing.problem).toEqual(hidden.problem)
    expect(missing.headers).toEqual(hidden.headers)
    expect([missing.message, missing.stack, missing.code]).toEqual([hidden.message, hidden.stack, hidden.code])
    expect(Object.entries(missing)).toEqual(Object.entries(hidden))
    expect(world.events.map(({ reason }) => reason)).toEqual(['not_found', 'no_permit'])
  })

  test('a refusal shows nothing that an error handler could print by mistake', async () => {
    const { auth } = await authOf(STRANGER)
    const error = (await thrownBy(() => auth.authorize('edit', Document(documentNamed('plan'))))) as DeniedError
    expect(JSON.stringify(error)).not.toContain('tenant')
    expect(`${error.message} ${error.stack}`).not.toMatch(/tenant|forbid|plan/)
    expect(error.problem).toEqual({
      type: 'about:blank',
      title: 'not found',
      status: 404,
      code: 'not_found',
      correlation: 'correlation',
    })
  })

  test('a time window ends at the moment of the decision, however early the request began', async () => {
    const { world, auth } = await authOf(ANN, { ...FRESH, exp: NOW + 3600 })
    const plan = Document(documentNamed('plan'))
    world.now = NOW + 240
    expect(auth.decide('delete', plan).decision).toBe('allow')
    world.now = NOW + 241
    expect(auth.decide('delete', plan)).toMatchObject({ decision: 'deny', policies: ['delete-needs-second-factor'] })
  })

  test('a step-up says what is asked for', async () => {
    const { auth, world } = await authOf(ANN)
    const error = (await thrownBy(() => auth.authorize('delete', Document(documentNamed('plan'))))) as DeniedError
    expect(error.challenge).toMatch(/^Bearer error="insufficient_user_authentication", acr_values="mfa", max_age="300"/)
    expect(error.problem.code).toBe('step_up')
    expect(world.events.at(-1)?.remedy).toBe('step_up')
  })

  test('advice that may be told is told', async () => {
    const { auth } = await authOf(ANN, {}, '203.0.113.9')
    const error = (await thrownBy(() => auth.authorize('edit', Document(documentNamed('secret'))))) as DeniedError
    expect(error.problem).toMatchObject({ code: 'forbidden', advice: 'network' })
  })

  test('a grant is offered where it would be enough, and is no grant', async () => {
    const { auth, world } = await authOf(AUDITOR)
    const memo = Document(documentNamed('memo'))
    const error = (await thrownBy(() => auth.authorize('edit', memo))) as DeniedError
    expect(error.problem).toMatchObject({ code: 'forbidden', advice: 'request_grant:template=editor' })
    expect(world.events.at(-1)?.remedy).toBe('request_grant')
    expect(auth.decide('edit', memo)).toMatchObject({
      decision: 'deny',
      remedy: { kind: 'request-grant', template: 'editor' },
    })
    expect(auth.can('edit', memo)).toBe(false)
  })

  test('a grant is not offered where a forbid would stand in its way', async () => {
    const away = await authOf(AUDITOR, {}, '203.0.113.9')
    const secret = away.auth.decide('edit', Document(documentNamed('secret')))
    expect(secret).toMatchObject({ decision: 'deny', policies: ['classified-needs-office'] })
    expect(secret.remedy).toEqual({ kind: 'advice', name: 'network' })
    // and what nobody may know of is refused without a word of it
    const unknown = (await thrownBy(async () =>
      (await authOf(BOB)).auth.authorize('edit', Document(documentNamed('plan'))),
    )) as DeniedError
    expect(unknown.problem).toMatchObject({ code: 'not_found' })
    expect(unknown.problem.advice).toBeUndefined()
  })

  test('an unknown address denies where the schema requires one', async () => {
    const world = await createWorld()
    const auth = await world.guard.authenticate({ ...requestWith(await tokenFor(ANN)), address: undefined })
    const error = await thrownBy(() => auth.authorize('view', Document(documentNamed('plan'))))
    expect(error).toMatchObject({ reason: 'context_missing', status: 404 })
  })

  test.each([
    ['a reserved name', { outside: false, ip: '10.0.0.1' }],
    ['an unknown name', { outside: false, more: 1 }],
    ['a missing name', {}],
    ['a wrong type', { outside: 'no' }],
  ])('%s in the context is a mistake of the programmer', async (_name, context) => {
    const { auth, world } = await authOf(ANN)
    const call = () => auth.authorize('share', Document(documentNamed('plan')), context as { outside: boolean })
    expect(await thrownBy(call)).toBeInstanceOf(TypeError)
    expect(world.events).toEqual([])
  })

  test('the context of a handler decides', async () => {
    const { auth } = await authOf(ANN)
    const plan = Document(documentNamed('plan'))
    expect(auth.authorize('share', plan, { outside: false }).id).toBe('plan')
    expect(await thrownBy(() => auth.authorize('share', plan, { outside: true }))).toMatchObject({ status: 403 })
  })

  test('an unknown action and a wrong resource type are mistakes of the programmer', async () => {
    const { auth } = await authOf(ANN)
    const untyped = auth as unknown as { authorize(action: string, resource: unknown): unknown }
    expect(await thrownBy(() => untyped.authorize('publish', Document(documentNamed('plan'))))).toBeInstanceOf(
      TypeError,
    )
    expect(await thrownBy(() => untyped.authorize('view', Folder({ id: 'plans', tenant_id: 'acme' })))).toBeInstanceOf(
      TypeError,
    )
  })

  test('an entity that does not fit the schema denies, loudly', async () => {
    const { auth, world } = await authOf(ANN)
    const plan = Document(documentNamed('plan'))
    const broken = { ...plan, entity: { ...plan.entity, attributes: new Map([['owner', entityUid('User', 'ann')]]) } }
    expect(await thrownBy(() => auth.authorize('view', broken))).toMatchObject({
      reason: 'invalid_entity',
      status: 404,
    })
    expect(auth.can('view', broken)).toBe(false)
    expect(world.logged).toContain('a loaded entity does not fit the schema')
  })

  test('a permission ends with the token, in the middle of a request', async () => {
    const { auth, world } = await authOf(ANN)
    const plan = Document(documentNamed('plan'))
    world.now = NOW + 289
    expect(auth.can('view', plan)).toBe(true)
    world.now = NOW + 290
    expect(auth.can('view', plan)).toBe(false)
    expect(await thrownBy(() => auth.authorize('view', plan))).toMatchObject({
      reason: 'expired',
      status: 401,
      code: 'ERR_GUARD_UNAUTHENTICATED',
    })
  })

  test('a grant counts until its end, in decisions and in filters', async () => {
    const resource = entityUid('Folder', 'memos')
    const { auth, world } = await authOf({
      ...ANN,
      grants: [{ template: 'viewer', resource, untilSeconds: NOW + 100 }],
    })
    const memo = Document(documentNamed('memo'))
    expect(auth.authorize('view', memo).id).toBe('memo')
    expect(auth.select('view', Document, [documentNamed('memo')])).toHaveLength(1)
    world.now = NOW + 100
    expect(auth.can('view', memo)).toBe(false)
    expect(auth.select('view', Document, [documentNamed('memo')])).toHaveLength(0)
  })
})

describe('the other questions', () => {
  test('decide gives a value, with the error to throw', async () => {
    const { auth } = await authOf(AUDITOR)
    expect(auth.decide('view', Document(documentNamed('plan')))).toMatchObject({
      decision: 'allow',
      policies: ['auditor-views'],
    })
    const denied = auth.decide('edit', Document(documentNamed('plan')))
    expect(denied).toMatchObject({ decision: 'deny', reason: 'no_permit' })
    expect(denied.error).toMatchObject({ status: 403 })
    expect(denied.explanation).toMatchObject({ reason: 'no_permit', line: expect.any(String) })
  })

  test('can answers and records nothing', async () => {
    const { auth, world } = await authOf(ANN)
    expect(auth.can('edit', Document(documentNamed('plan')))).toBe(true)
    expect(auth.can('edit', Document(documentNamed('memo')))).toBe(false)
    expect(auth.can('edit', undefined)).toBe(false)
    expect(world.events).toEqual([])
  })

  test('filter and select agree with authorize on every row', async () => {
    for (const person of [ANN, BOB, AUDITOR, STRANGER, ADMIN]) {
      const { auth } = await authOf(person)
      const all = [...DOCUMENTS.values()]
      const allowed = all.filter((document) => auth.can('view', Document(document)))
      expect(auth.select('view', Document, all)).toEqual(allowed)
      const filter = auth.filter('view', Document)
      expect(filter.action).toBe('view')
      expect(
        all.filter(
          (row) =>
            evaluateResidual(filter.residual, {
              resourceEntity: Document(row).entity,
              entities: { get: () => undefined },
            }).decision === 'allow',
        ),
      ).toEqual(allowed)
    }
  })

  test('a filter for who may see nothing matches nothing, and is recorded so', async () => {
    const { auth, world } = await authOf(STRANGER)
    expect(auth.select('view', Document, [...DOCUMENTS.values()])).toEqual([])
    expect(world.events.at(-1)).toMatchObject({ checkpoint: 'filter', resource: 'Document' })
  })

  test('authorizeEach allows all or throws', async () => {
    const { auth } = await authOf(ANN)
    const plan = Document(documentNamed('plan'))
    const secret = Document(documentNamed('secret'))
    expect(auth.authorizeEach('view', [plan, secret]).map(({ id }) => id)).toEqual(['plan', 'secret'])
    expect(await thrownBy(() => auth.authorizeEach('view', [plan, Document(documentNamed('memo'))]))).toMatchObject({
      status: 404,
    })
  })

  test('allowedActions names what needs no word of the handler', async () => {
    const { auth } = await authOf(ANN)
    expect(auth.allowedActions(Document(documentNamed('plan')))).toEqual(['view', 'edit'])
    const { auth: admin } = await authOf(ADMIN)
    expect(admin.allowedActions(Folder({ id: 'plans', tenant_id: 'acme' }))).toEqual(['create'])
    expect(admin.allowedActions(Folder({ id: 'plans', tenant_id: 'globex' }))).toEqual([])
  })
})
