// The state that a guard goes by, when answers and events cross on their way.

import { expect, test } from 'vitest'
import { createReplica } from '../../src/client/replica.ts'
import { createSteadyClock } from '../../src/index.ts'

const keySet = (...kids: string[]) => ({ keys: kids.map((kid) => ({ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid })) })
const position = (seq: number) => ({ epoch: 'e', seq })
const snapshotAt = (seq: number, ...kids: string[]) => ({
  position: position(seq),
  jwks: keySet(...kids),
  bundle: undefined,
  revocations: [],
  now: 1000,
})
const kidsOf = (replica: ReturnType<typeof createReplica>): unknown => {
  replica.applyBundle({ content: { notAfterSeconds: 2000 } } as never)
  return replica.state().keys.keys.map(({ kid }) => kid)
}

function create() {
  const replica = createReplica(createSteadyClock({ now: () => 1000, monotonic: () => 0 }), () => {})
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
