import { describe, expect, test } from 'vitest'
import { createNonces, createReplayStore } from '@cardea/token'
import { NOW, outcome } from '../fixture.ts'

function store(options: { maxEntries?: number } = {}) {
  const clock = { now: NOW }
  return {
    clock,
    replay: createReplayStore({ now: () => clock.now, windowSeconds: 70, maxEntries: options.maxEntries ?? 100 }),
  }
}

describe('replay store', () => {
  test('a key counts until the end of its window', async () => {
    const { clock, replay } = store()
    expect(replay.add('a')).toBe(true)
    clock.now = NOW + 69.9
    expect(replay.add('a')).toBe(false)
    clock.now = NOW + 70
    expect(replay.add('a')).toBe(true)
  })
  test('full of keys that count, it refuses; it never forgets one', async () => {
    const { clock, replay } = store({ maxEntries: 3 })
    for (const key of ['a', 'b', 'c']) expect(replay.add(key)).toBe(true)
    expect(await outcome(() => replay.add('d'))).toBe('ERR_TOKEN_DPOP_REPLAY_FULL')
    expect(replay.add('a')).toBe(false)
    clock.now += 70
    expect(replay.add('d')).toBe(true)
  })
  test('a clock that is set back opens nothing and blocks nothing', async () => {
    const { clock, replay } = store()
    expect(replay.add('a')).toBe(true)
    clock.now = NOW - 3600
    expect(replay.add('a')).toBe(false)
    expect(replay.add('b')).toBe(true)
    clock.now = NOW + 70
    expect(replay.add('b')).toBe(true)
  })
  test('a key that was added while the clock was behind still counts when it is right again', () => {
    const { clock, replay } = store()
    clock.now = NOW - 100
    expect(replay.add('a')).toBe(true)
    clock.now = NOW
    expect(replay.add('a')).toBe(false)
  })
  test('it says from when on it has seen everything', () => {
    expect(store().replay.sinceSeconds).toBe(NOW)
  })
  test('names of the object prototype are keys like any other', () => {
    const { replay } = store()
    for (const key of ['__proto__', 'constructor', ''])
      expect([replay.add(key), replay.add(key)]).toEqual([true, false])
  })
})

describe('nonces', () => {
  const [old, young] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const source = (secrets: readonly Uint8Array[], now = NOW) =>
    createNonces({ now: () => now, lifetimeSeconds: 60, secrets })
  test('survive the rotation of the secret for as long as the old one is named', () => {
    const nonce = source([old]).issue()
    expect(source([young, old]).isCurrent(nonce)).toBe(true)
    expect(source([young]).isCurrent(nonce)).toBe(false)
    expect(source([old]).isCurrent(source([young, old]).issue())).toBe(false)
  })
  test('do not survive a restart without a shared secret', () => {
    const options = { now: () => NOW, lifetimeSeconds: 60 }
    expect(createNonces(options).isCurrent(createNonces(options).issue())).toBe(false)
  })
  test('have one spelling, and every changed bit is noticed', () => {
    const nonce = source([old]).issue()
    const bytes = Buffer.from(nonce, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      expect(source([old]).isCurrent(changed.toString('base64url'))).toBe(false)
    }
    expect(source([old]).isCurrent(`${nonce}=`)).toBe(false)
  })
  test.each([[[]], [[Buffer.alloc(31)]], [[old, Buffer.alloc(0)]]])('a weak secret is misuse: %#', (secrets) => {
    expect(() => source(secrets)).toThrow(TypeError)
  })
})
