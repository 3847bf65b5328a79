// Questions of guards share reads, and none is answered by one that began before it was asked.

import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createHeads } from '../../src/endpoint/feed/heads.ts'
import { scopeOf } from '../../src/endpoint/feed/scope.ts'
import type { Store, StoreView } from '../../src/store/store.ts'

const whole = scopeOf('https://docs.example', { tenants: [] })
const acme = scopeOf('https://docs.example', { tenants: ['acme'] })

/** A log whose reads see it as it is when they begin, and end when the test lets them. */
function slowStore() {
  const store = { seq: 1, ofAcme: 1, reads: 0, isDown: false, finish: [] as (() => void)[] }
  const read: Store['read'] = async (work) => {
    store.reads += 1
    if (store.isDown) throw new Error('the store is down')
    const { seq, ofAcme } = store
    const view: Partial<StoreView> = {
      position: () => Promise.resolve({ epoch: 'e', seq }),
      lastConcerning: () => Promise.resolve(ofAcme),
    }
    await new Promise<void>((resolve) => store.finish.push(resolve))
    return work(view as StoreView)
  }
  return Object.assign(store, { read })
}

test('questions of one moment share a read, each with the answer of its scope', async () => {
  const store = slowStore()
  store.seq = 9
  store.ofAcme = 4
  const heads = createHeads(store)
  const asked = Promise.all([heads.ask(whole), heads.ask(acme), heads.ask(whole)])
  await setImmediate()
  store.finish.shift()?.()
  const position = { epoch: 'e', seq: 9 }
  expect(await asked).toEqual([
    { position, prev: 9 },
    { position, prev: 4 },
    { position, prev: 9 },
  ])
  expect(store.reads).toBe(1)
})

test('a question that comes while a read is under way is answered by the next', async () => {
  const store = slowStore()
  const heads = createHeads(store)
  const before = heads.ask(whole)
  await setImmediate()
  store.seq = 2
  const after = [heads.ask(whole), heads.ask(whole)]
  await setImmediate()
  expect(store.reads).toBe(1)
  store.finish.shift()?.()
  expect((await before).position.seq).toBe(1)
  await setImmediate()
  store.finish.shift()?.()
  expect((await Promise.all(after)).map(({ position }) => position.seq)).toEqual([2, 2])
  expect(store.reads).toBe(2)
})

test('a read that fails fails those who shared it, and nobody else', async () => {
  const store = slowStore()
  const heads = createHeads(store)
  store.isDown = true
  const failed = await Promise.allSettled([heads.ask(whole), heads.ask(acme)])
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  store.isDown = false
  const answered = heads.ask(whole)
  await setImmediate()
  store.finish.shift()?.()
  expect((await answered).position.seq).toBe(1)
})
