// Records of many guards at one moment: few transactions, and nobody's are lost for somebody else's.

import { expect, test } from 'vitest'
import { createDecisionKeeper } from '../../src/endpoint/log/decision-keeper.ts'
import type { DecisionRow } from '../../src/store/records.ts'

const row = (sender: string): DecisionRow => ({ sender }) as DecisionRow

/** A store that takes one transaction at a time, and none with the rows of who is refused. */
function slowStore(refused: string) {
  const written: string[][] = []
  const turns: (() => void)[] = []
  const store = {
    async write(work: (transaction: object) => Promise<number>) {
      await new Promise<void>((resolve) => turns.push(resolve))
      return work({
        async insertDecisions(rows: readonly DecisionRow[]) {
          const senders = rows.map(({ sender }) => sender)
          if (senders.includes(refused)) throw new Error('refused')
          written.push(senders)
          return rows.length
        },
      })
    },
  }
  const turn = async (): Promise<void> => {
    while (turns.length === 0) await new Promise((resolve) => setImmediate(resolve))
    turns.shift()?.()
  }
  return { keeper: createDecisionKeeper(store as never), written, turn }
}

test('what comes while one is under way is kept together, and is kept when it is said to be', async () => {
  const { keeper, written, turn } = slowStore('nobody')
  const first = keeper.keep([row('a')])
  await new Promise((resolve) => setImmediate(resolve))
  const others = [keeper.keep([row('b')]), keeper.keep([row('c'), row('c')]), keeper.keep([row('d')])]
  await turn()
  await first
  expect(written).toEqual([['a']])
  expect(await Promise.race([others[2], Promise.resolve('not yet')])).toBe('not yet')
  await turn()
  await Promise.all(others)
  expect(written).toEqual([['a'], ['b', 'c', 'c', 'd']])
  const last = keeper.keep([row('e')])
  await turn()
  await last
  expect(written.at(-1)).toEqual(['e'])
})

test('one that cannot be kept takes no others with it', async () => {
  const { keeper, written, turn } = slowStore('bad')
  const kept = Promise.allSettled([keeper.keep([row('a')]), keeper.keep([row('bad')]), keeper.keep([row('b')])])
  for (let n = 0; n < 4; n += 1) await turn()
  expect((await kept).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(written.flat()).toEqual(['a', 'b'])
})
