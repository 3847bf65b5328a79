// The state that a guard goes by, when answers and events cross on their way.

import { describe, expect, test, vi } from 'vitest'
import { createReplica } from '../../src/client/replica.ts'
import { createSteadyClock } from '../../src/index.ts'
import { VIEW } from '../fixture.ts'

const keySet = (...kids: string[]) => ({ keys: kids.map((kid) => ({ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid })) })
const position = (seq: number) => ({ epoch: 'e', seq })
const snapshotAt = (seq: number, ...kids: string[]) => ({
  position: position(seq),
  view: VIEW,
  jwks: keySet(...kids),
  bundle: undefined,
  revocations: [],
  checkpoint: undefined,
  now: 1000,
})
const kidsOf = (replica: ReturnType<typeof createReplica>): unknown => {
  replica.applyBundle({ content: { notAfterSeconds: 2000 } } as never, '')
  return replica.state().keys.keys.map(({ kid }) => kid)
}

function create(contradicted = () => {}) {
  const replica = createReplica(createSteadyClock({ now: () => 1000, monotonic: () => 0 }), () => {}, contradicted)
  replica.applySnapshot(snapshotAt(4, 'old'), replica.ask())
  return replica
}

test('a snapshot that was overtaken by events brings no old keys back', () => {
  const replica = create()
  const question = replica.ask()
  const event = { kind: 'keys', position: position(5), prev: 4, jwks: keySet('new') }
  expect(replica.applyEvent(event as never)).toBe('applied')
  replica.applySnapshot(snapshotAt(4, 'old'), question)
  expect(replica.position).toEqual(position(5))
  expect(kidsOf(replica)).toEqual(['new'])
})

test('a snapshot of the same position or a later one brings its keys', () => {
  const replica = create()
  replica.applySnapshot(snapshotAt(4, 'same'), replica.ask())
  expect(kidsOf(replica)).toEqual(['same'])
  replica.applySnapshot(snapshotAt(6, 'later'), replica.ask())
  expect(kidsOf(replica)).toEqual(['later'])
})

describe('a checkpoint of the audit', () => {
  const heard = (replica: ReturnType<typeof create>, seq: number, count: number, hash: string): unknown =>
    replica.applyEvent({ kind: 'checkpoint', position: position(seq), prev: seq - 1, checkpoint: { count, hash } })

  test('is remembered, the one with the most records', () => {
    const contradicted = vi.fn()
    const replica = create(contradicted)
    expect(replica.checkpoint).toBeUndefined()
    heard(replica, 5, 10, 'a')
    heard(replica, 6, 12, 'b')
    heard(replica, 7, 12, 'b')
    expect(replica.checkpoint).toEqual({ count: 12, hash: 'b' })
    expect(contradicted).not.toHaveBeenCalled()
  })

  test.each([
    ['fewer records', 11, 'b'],
    ['other records', 12, 'c'],
  ])('with %s than one before is told, and the first one stays', (_, count, hash) => {
    const contradicted = vi.fn()
    const replica = create(contradicted)
    heard(replica, 5, 12, 'b')
    heard(replica, 6, count, hash)
    expect(contradicted).toHaveBeenCalledOnce()
    expect(replica.checkpoint).toEqual({ count: 12, hash: 'b' })
    replica.applySnapshot({ ...snapshotAt(7, 'old'), checkpoint: { count, hash } }, replica.ask())
    expect(contradicted).toHaveBeenCalledTimes(2)
  })

  test('of a snapshot that was overtaken is not news, and one of another epoch begins anew', () => {
    const contradicted = vi.fn()
    const replica = create(contradicted)
    const question = replica.ask()
    heard(replica, 5, 12, 'b')
    replica.applySnapshot({ ...snapshotAt(4, 'old'), checkpoint: { count: 10, hash: 'a' } }, question)
    const restored = { ...snapshotAt(1, 'old'), position: { epoch: 'f', seq: 1 }, checkpoint: { count: 3, hash: 'r' } }
    replica.applySnapshot(restored, replica.ask())
    expect(contradicted).not.toHaveBeenCalled()
    expect(replica.checkpoint).toEqual({ count: 3, hash: 'r' })
  })
})

describe('what is seen of the log', () => {
  const acme = { ...VIEW, id: 'v1', tenants: ['acme'] }
  const both = { ...VIEW, id: 'v2', tenants: ['acme', 'globex'] }
  const headAt = (seq: number, prev: number, view: string | undefined) => ({
    position: position(seq),
    prev,
    view,
    now: 1000,
  })

  test('a head of another view proves nothing and needs a snapshot', () => {
    const replica = create()
    replica.applySnapshot({ ...snapshotAt(4), view: acme }, replica.ask())
    expect(replica.applyHead(headAt(9, 4, 'v1'), replica.ask())).toBe('proven')
    const before = replica.proven
    expect(replica.applyHead(headAt(10, 4, 'v2'), replica.ask())).toBe('gap')
    expect(replica.applyHead(headAt(10, 4, undefined), replica.ask())).toBe('gap')
    expect(replica.proven).toBe(before)
  })

  test('a wider view is joined by a snapshot that is not older than what is known', () => {
    const replica = create()
    replica.applySnapshot({ ...snapshotAt(4), view: acme }, replica.ask())
    const question = replica.ask()
    replica.applyHead(headAt(9, 4, 'v1'), replica.ask())
    expect(() => replica.applySnapshot({ ...snapshotAt(8), view: both }, question)).toThrow(
      expect.objectContaining({ code: 'ERR_FEED_VIEW' }),
    )
    expect(replica.view).toEqual(acme)
    replica.applySnapshot({ ...snapshotAt(9), view: both }, replica.ask())
    expect(replica.view).toEqual(both)
  })

  test('what was proven of the view before does not count for a wider one', () => {
    const replica = create()
    replica.applySnapshot({ ...snapshotAt(4), view: acme }, replica.ask())
    // it waits for 6, which is not heard
    expect(replica.applyHead(headAt(9, 6, 'v1'), replica.ask())).toBe('behind')
    replica.applySnapshot({ ...snapshotAt(7), view: both }, replica.ask())
    expect(replica.position).toEqual(position(7))
    expect(replica.isBehind).toBe(false)
  })

  test('people are named by one key in an epoch, and by another in the next', () => {
    const replica = create()
    const other = { ...VIEW, subjectKey: 'o'.repeat(43) }
    expect(() => replica.applySnapshot({ ...snapshotAt(5), view: other }, replica.ask())).toThrow(
      expect.objectContaining({ code: 'ERR_FEED_VIEW' }),
    )
    const anew = { ...snapshotAt(1), position: { epoch: 'f', seq: 1 }, view: other }
    replica.applySnapshot(anew, replica.ask())
    expect(replica.view).toEqual(other)
  })
})
