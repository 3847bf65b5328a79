import { expect, test } from 'vitest'
import { createSteadyClock } from '../src/index.ts'

function machine() {
  const time = { wall: 1000, monotonic: 50 }
  const clock = createSteadyClock({ now: () => time.wall, monotonic: () => time.monotonic })
  return { time, clock }
}

test('a clock that is set back opens nothing: the monotonic one goes on', () => {
  const { time, clock } = machine()
  time.wall -= 600
  time.monotonic += 10
  expect(clock.now()).toBe(1010)
})

test('a machine that slept opens nothing: the wall clock jumped over it', () => {
  const { time, clock } = machine()
  const before = clock.mark()
  time.wall += 3600
  expect(clock.now()).toBe(4600)
  expect(clock.elapsedSince(before)).toBe(3600)
})

test('a clock that is behind follows the authority, and never goes back for it', () => {
  const { time, clock } = machine()
  clock.hear(2000)
  expect(clock.now()).toBe(2000)
  time.wall += 5
  time.monotonic += 5
  expect(clock.now()).toBe(2005)
  clock.hear(1500)
  expect(clock.now()).toBe(2005)
})

test('time since a moment is never negative, and infinite when a clock says nonsense', () => {
  const { time, clock } = machine()
  const moment = clock.mark()
  time.wall -= 100
  expect(clock.elapsedSince(moment)).toBe(0)
  time.wall = Number.NaN
  expect(clock.elapsedSince(moment)).toBe(Number.POSITIVE_INFINITY)
})
