// Work that shares a commit: each piece whole or not at all, and nobody hears of anything before the disk has it.

import { describe, expect, test } from 'vitest'
import { type Boundary, createQueue, type Queue } from '../../src/store/sqlite/queue.ts'

interface Setup {
  readonly queue: Queue
  readonly steps: string[]
}

function setUp(changes: Partial<Boundary> = {}): Setup {
  const steps: string[] = []
  const step = (name: string) => () => void steps.push(name)
  const boundary: Boundary = {
    begin: step('begin'),
    commit: step('commit'),
    rollBack: step('roll back'),
    beginJob: step('begin job'),
    endJob: step('end job'),
    undoJob: step('undo job'),
    ...changes,
  }
  return { queue: createQueue(boundary), steps }
}

const thrown = (): never => {
  throw new Error('the disk is full')
}

describe('what waits together', () => {
  test('has one transaction, in the order of arrival, and is heard of after the commit', async () => {
    const { queue, steps } = setUp()
    const say = (name: string, writes: boolean): Promise<void> =>
      queue
        .run({
          writes,
          work: async () => void steps.push(name),
          ...(writes ? { committed: () => steps.push(`${name} told`) } : {}),
        })
        .then(() => void steps.push(`${name} answered`))
    await Promise.all([say('a', true), say('b', false), say('c', true)])
    expect(steps.slice(0, 9)).toEqual([
      'begin',
      'begin job',
      'a',
      'end job',
      'b',
      'begin job',
      'c',
      'end job',
      'commit',
    ])
    expect(steps.indexOf('a told')).toBeLessThan(steps.indexOf('a answered'))
    expect(steps.filter((step) => step === 'begin')).toHaveLength(1)
    expect(steps.toSorted()).toContain('c answered')
  })

  test('fails alone, and is told to nobody', async () => {
    const { queue, steps } = setUp()
    const told: string[] = []
    const failing = queue.run({ writes: true, work: async () => thrown(), committed: () => told.push('failing') })
    const other = queue.run({ writes: true, work: async () => 7, committed: () => told.push('other') })
    await expect(failing).rejects.toThrow('the disk is full')
    expect(await other).toBe(7)
    expect(told).toEqual(['other'])
    expect(steps).toEqual(['begin', 'begin job', 'undo job', 'begin job', 'end job', 'commit'])
  })

  const WHOLE: Record<string, Partial<Boundary>> = {
    'cannot begin': { begin: thrown },
    'cannot be committed': { commit: thrown },
    'was given up by the database in the middle': { undoJob: thrown },
  }
  test.each(Object.entries(WHOLE))('fails as a whole when it %s', async (_name, changes) => {
    const { queue, steps } = setUp(changes)
    const told: string[] = []
    const jobs = [
      queue.run({ writes: true, work: async () => 1, committed: () => told.push('first') }),
      queue.run({ writes: true, work: async () => thrown() }),
    ]
    const outcomes = await Promise.allSettled(jobs)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(steps.at(-1)).toBe('roll back')
    expect(told).toEqual([])
  })
})

describe('a queue that closes', () => {
  test('finishes what was waiting, and refuses what comes later', async () => {
    const { queue } = setUp()
    const waiting = queue.run({ writes: true, work: async () => 'done' })
    const closed = queue.close(() => new Error('closed'))
    await expect(queue.run({ writes: false, work: async () => 'late' })).rejects.toThrow('closed')
    await closed
    expect(await waiting).toBe('done')
  })
})
