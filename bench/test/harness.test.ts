import { describe, expect, it } from 'vitest'
import { measure, median, type Subject } from '../harness.ts'
import { seeded } from '../random.ts'

describe('measuring', () => {
  it('gives each subject as many rounds as it can afford, and no fewer than the least', async () => {
    const counts = { quick: 0, slow: 0 }
    const quick: Subject = { name: 'quick', cases: 1, run: () => (counts.quick += 1) > 0 }
    const slow = {
      name: 'slow',
      cases: 1,
      async runAsync() {
        counts.slow += 1
        const until = performance.now() + 6
        while (performance.now() < until) await Promise.resolve()
        return true
      },
    }
    const medians = await measure([quick, slow], {
      rounds: 20,
      roundMilliseconds: 1,
      budgetMilliseconds: 12,
      leastRounds: 3,
    })
    expect([...medians.keys()]).toEqual(['quick', 'slow'])
    expect(medians.get('slow')).toBeGreaterThanOrEqual(6e6)
    // two to warm up, and then three
    expect(counts.slow).toBe(5)
    expect(counts.quick).toBeGreaterThan(20)
  })

  it('takes the middle', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([])).toBeNaN()
  })
})

describe('random choices', () => {
  it('are the same for a seed and others for another', () => {
    const draw = (seed: number): number[] => {
      const random = seeded(seed)
      return Array.from({ length: 100 }, () => random.integer(10))
    }
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    expect(new Set(draw(3)).size).toBe(10)
  })
})
