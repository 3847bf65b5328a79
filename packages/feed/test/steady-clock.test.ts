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

test('a clock that was set back for a while and then right again does not stay ahead', () => {
  const { time, clock } = machine()
  time.wall -= 300
  clock.hear(1000)
  time.wall += 300
  // a sleep looks the same, so until it is known better it counts
  expect(clock.now()).toBe(1300)
  time.wall += 2
  time.monotonic += 2
  clock.hear(1002)
  expect(clock.now()).toBe(1002)
})

test('an answer that came late takes nothing back: the time since its question counts', () => {
  const { time, clock } = machine()
  const asked = clock.mark()
  time.wall += 3600
  clock.hear(1000, asked)
  time.wall -= 3600
  time.monotonic += 10
  expect(clock.now()).toBe(1010)
  time.wall += 3600
  expect(clock.now()).toBe(4600)
})

test('what was heard once is not taken back by an authority whose clock is set back, beside a clock that is', () => {
  const { time, clock } = machine()
  clock.hear(2000)
  time.wall -= 500
  time.monotonic += 5
  clock.hear(1200)
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
