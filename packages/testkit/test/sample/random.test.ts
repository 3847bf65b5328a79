// Chance that can be had again.

import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/sample/random.ts'

const draw = (seed: number, stream?: number): number[] => {
  const random = createRandom(seed, stream)
  return Array.from({ length: 20 }, () => random.below(1000))
}

describe('a source of chance', () => {
  it('is the same for the same seed, on every machine', () => {
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1).slice(0, 3)).toEqual(draw(1, 0).slice(0, 3))
  })

  it('is another for a neighbouring seed and for another stream', () => {
    expect(new Set([draw(1), draw(2), draw(1, 1), draw(2, 1), draw(0)].map((numbers) => numbers.join())).size).toBe(5)
  })

  it('reaches everything about as often', () => {
    const random = createRandom(7)
    const counts = [0, 0, 0, 0, 0]
    for (let at = 0; at < 5000; at += 1) {
      const picked = random.below(5)
      counts[picked] = (counts[picked] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it('picks nothing from nothing', () => {
    const random = createRandom(1)
    expect(random.maybe([])).toBeUndefined()
    expect(() => random.pick([])).toThrow(RangeError)
  })
})
