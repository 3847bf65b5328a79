// What is known of a caller is made once per token and edition: the engine remembers by these very objects, so a second decision
// looks nothing up again.

import type * as Policy from '@cardea/policy'
import { entityUid } from '@cardea/policy'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { internalsOf } from '../../src/guard.ts'
import { Ledger } from '../../src/gate/ledger.ts'
import { Document, documentNamed, POLICIES } from '../support/documents.ts'
import { createFakeFeed } from '../support/fake-feed.ts'
import { AUDITOR, BOB, createWorld, type Person, requestWith, tokenFor } from '../support/world.ts'

type Asked = Partial<Policy.Request & Policy.ActionsQuestion>

const asked: Record<'decide' | 'residual' | 'allowedActions', Asked[]> = vi.hoisted(() => ({
  decide: [],
  residual: [],
  allowedActions: [],
}))

vi.mock('@cardea/policy', async (importOriginal) => {
  const policy = await importOriginal<typeof Policy>()
  return {
    ...policy,
    decide(program: Policy.Program, request: Policy.Request) {
      asked.decide.push(request)
      return policy.decide(program, request)
    },
    residual(program: Policy.Program, request: Policy.PartialRequest) {
      asked.residual.push(request as Asked)
      return policy.residual(program, request)
    },
    allowedActions(program: Policy.Program, question: Policy.ActionsQuestion) {
      asked.allowedActions.push(question)
      return policy.allowedActions(program, question)
    },
  }
})

afterEach(() => {
  for (const list of Object.values(asked)) list.length = 0
})

const plan = Document(documentNamed('plan'))
const GRANTED: Person = {
  ...BOB,
  grants: ['plan', 'memo', 'secret'].map((id) => ({ template: 'editor', resource: entityUid('Document', id) })),
}
const OF_THE_TOKEN = ['principal', 'principalEntity', 'entities', 'links'] as const

/** Every list of what was asked, together. */
function everything(): readonly Asked[] {
  return Object.values(asked).flat()
}

/** Each member is one and the same object everywhere. */
function expectSame(list: readonly Asked[], members: readonly (keyof Asked)[]): void {
  for (const member of members) {
    expect(new Set(list.map((one) => one[member])).size, member).toBe(1)
    expect(list[0]?.[member], member).toBeDefined()
  }
}

describe('two requests with one token', () => {
  test.each([
    ['with grants', GRANTED],
    ['without grants', AUDITOR],
  ])('%s ask by the same objects at both checkpoints, for lists and for menus', async (_name, person) => {
    const world = await createWorld()
    const token = await tokenFor(person)
    for (let turn = 0; turn < 2; turn += 1) {
      const auth = await internalsOf(world.guard).enter(requestWith(token), 'c', new Ledger())
      world.now += 1
      auth.checkRoute(['view'])
      for (const action of ['view', 'edit', 'delete'] as const) auth.can(action, plan)
      // what a remedy would change is asked by other objects; nobody advises one for this action
      auth.decide('view', plan)
      auth.filter('view', Document)
      auth.allowedActions(plan)
    }
    expect(asked.decide.length).toBeGreaterThan(7)
    expect(asked.residual.length).toBeGreaterThan(2)
    expect(asked.allowedActions).toHaveLength(2)
    expectSame(everything(), OF_THE_TOKEN)
    expectSame(asked.allowedActions, ['actions'])
    const [one] = asked.decide
    expect(one?.principalEntity).toBe(one?.entities?.get(one.principal ?? entityUid('User', '')))
    expect(one?.principalEntity?.uid).toBe(one?.principal)
    // one object for each action, not one for each question
    const actions = new Map<string, Set<unknown>>()
    for (const { action } of [...asked.decide, ...asked.residual]) {
      if (action !== undefined) actions.set(action.id, (actions.get(action.id) ?? new Set()).add(action))
    }
    expect([...actions.keys()].toSorted()).toEqual(['delete', 'edit', 'view'])
    for (const objects of actions.values()) expect(objects.size).toBe(1)
  })

  test('another token of the same person has objects of its own', async () => {
    const { guard } = await createWorld()
    for (const token of [await tokenFor(GRANTED), await tokenFor(GRANTED)]) {
      ;(await guard.authenticate(requestWith(token))).can('edit', plan)
    }
    const [first, second] = asked.decide
    for (const member of OF_THE_TOKEN) expect(first?.[member]).not.toBe(second?.[member])
  })
})

describe('with an authority', () => {
  const AT = { epoch: 'e1', seq: 100 }

  test('grants are the same object until one of them is revoked', async () => {
    const feed = createFakeFeed()
    const auth = await feed.guard.authenticate(requestWith(await tokenFor(GRANTED, AT)))
    const linksNow = () => {
      asked.decide.length = 0
      auth.can('edit', plan)
      return asked.decide[0]?.links
    }
    const first = linksNow()
    expect(linksNow()).toBe(first)
    feed.revoke({ kind: 'session', sid: 'of somebody else' })
    expect(linksNow()).toBe(first)
    feed.revoke({
      kind: 'grant',
      tenant: 'acme',
      grantee: 'User::"bob"',
      template: 'editor',
      resource: 'Document::"plan"',
    })
    const left = linksNow()
    expect(left).not.toBe(first)
    expect(linksNow()).toBe(left)
  })

  test('a new edition reads the token anew', async () => {
    const feed = createFakeFeed()
    const token = await tokenFor(GRANTED, AT)
    ;(await feed.guard.authenticate(requestWith(token))).can('edit', plan)
    feed.publish(POLICIES)
    ;(await feed.guard.authenticate(requestWith(token))).can('edit', plan)
    const [before, after] = asked.decide
    expect(after?.principalEntity).not.toBe(before?.principalEntity)
    expect(after?.action).not.toBe(before?.action)
  })
})
