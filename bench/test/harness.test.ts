import { describe, expect, it } from 'vitest'
import { measure, median, type Subject } from '../harness.ts'
import { seeded } from '../random.ts'

describe('measuring', () => {
  it('gives each subject as many rounds as it can afford, and no fewer than the least', async () => {
    const asked: Record<string, number> = {}
    const subject = (name: string, milliseconds: number): Subject => ({
      name,
      cases: 1,
      run() {
        asked[name] = (asked[name] ?? 0) + 1
        const until = performance.now() + milliseconds
        while (performance.now() < until);
        return true
      },
    })
    const options = { rounds: 20, roundMilliseconds: 1, budgetMilliseconds: 400, leastRounds: 3 }
    const medians = await measure([subject('quick', 0.01), subject('slow', 200)], options)
    expect([...medians.keys()]).toEqual(['quick', 'slow'])
    // one to warm up, and the least
    expect(asked['slow']).toBe(1 + 3)
    expect(asked['quick']).toBeGreaterThan(100)
  })

  it('times a slow subject case by case, so that a case that takes long counts for itself', async () => {
    const slow = {
      name: 'slow',
      cases: 2,
      async runAsync(index: number) {
        const until = performance.now() + (index === 0 ? 2 : 20)
        while (performance.now() < until) await Promise.resolve()
        return true
      },
    }
    const options = { rounds: 5, roundMilliseconds: 1, budgetMilliseconds: 1000, leastRounds: 3 }
    const nanoseconds = (await measure([slow], options)).get('slow')
    expect(nanoseconds).toBeGreaterThanOrEqual(11e6)
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
