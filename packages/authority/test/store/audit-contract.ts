// What every store must do with the records of decisions: one chain, whatever happens at one moment.

import { NO_RECORDS, verifyAudit } from '@cardea/feed'
import { createLocalKeys } from '@cardea/token'
import { describe, expect, test } from 'vitest'
import type { DecisionRow } from '../../src/store/records.ts'
import type { Store } from '../../src/store/store.ts'

const NOW = 1_800_000_000

export function describeAudit(name: string, open: () => Promise<Store>): void {
  describe(`the audit: ${name}`, () => {
    test('decisions are one chain, each after the one before it and each once', async () => {
      const store = await open()
      expect(await store.read((view) => view.audit())).toEqual({ head: NO_RECORDS, pruned: NO_RECORDS })
      await keep(store, [decision(1), decision(2), decision(1)])
      await keep(store, [decision(2), decision(3), decision(1, { sender: 'mail' })])
      const entries = await store.read((view) => view.auditEntries(0, 10))
      expect(entries.map(({ count, sender, record }) => [count, sender, record['n']])).toEqual([
        [1, 'docs', 1],
        [2, 'docs', 2],
        [3, 'docs', 3],
        [4, 'mail', 1],
      ])
      expect(await faultsIn(store)).toEqual([])
      const { head } = await store.read((view) => view.audit())
      expect(head).toEqual({ count: 4, hash: entries.at(-1)?.hash })
      expect(await store.read((view) => view.auditEntries(2, 1))).toEqual(entries.slice(2, 3))
      await store.close()
    })

    test('writes at one moment make one chain', async () => {
      const store = await open()
      await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          keep(store, [decision(1, { start: `s${at}` }), decision(2, { start: `s${at}` })]),
        ),
      )
      expect(await faultsIn(store)).toEqual([])
      expect((await store.read((view) => view.audit())).head.count).toBe(40)
      await store.close()
    })

    test('what is personal is erased from decisions about somebody, and the chain is whole', async () => {
      const store = await open()
      const ann = 'User::"an%n_"'
      await keep(store, [
        decision(1, { principal: ann, record: { n: 1, principal: ann, resource: 'Document::"plan"' } }),
        decision(2, { principal: 'User::"bob"', record: { n: 2, principal: 'User::"bob"', resource: ann } }),
        decision(3, {
          principal: 'User::"an-nx"',
          record: { n: 3, principal: 'User::"an-nx"', resource: 'User::"an%nx"' },
        }),
        decision(4, { tenant: 'other', principal: ann, record: { n: 4, principal: ann } }),
      ])
      const erase = (): Promise<number> => store.write((transaction) => transaction.eraseDecisions('acme', ann))
      expect(await erase()).toBe(2)
      expect(await erase()).toBe(0)
      const query = { denied: false, since: undefined, limit: 10 }
      const rows = await store.read((view) => view.decisions(query))
      const texts = rows.filter(({ tenant }) => tenant === 'acme').map((row) => JSON.stringify(row))
      expect(texts.join()).not.toContain('an%n_')
      expect(rows.toSorted((left, right) => left.n - right.n).map(({ n, principal }) => [n, principal])).toEqual([
        [1, undefined],
        [2, undefined],
        [3, 'User::"an-nx"'],
        [4, ann],
      ])
      expect(await faultsIn(store)).toEqual([])
      await store.close()
    })

    test('checkpoints only go forward, and old records go up to one', async () => {
      const store = await open()
      const mark = async (atSeconds: number): Promise<boolean> => {
        const { head } = await store.read((view) => view.audit())
        return store.write((transaction) =>
          transaction.insertCheckpoint({ ...head, atSeconds, signed: `at ${atSeconds}` }),
        )
      }
      await keep(store, [decision(1), decision(2)])
      expect(await mark(NOW)).toBe(true)
      expect(await mark(NOW + 5)).toBe(false)
      await keep(store, [decision(3)])
      expect(await mark(NOW + 10)).toBe(true)
      await keep(store, [decision(4)])
      const older = { count: 2, hash: 'x', atSeconds: NOW + 20, signed: 'late' }
      expect(await store.write((transaction) => transaction.insertCheckpoint(older))).toBe(false)
      expect(await store.read((view) => view.newestCheckpoint())).toMatchObject({ count: 3, signed: `at ${NOW + 10}` })
      const before = await store.read((view) => view.auditEntries(0, 10))
      const prune = (decisionsBeforeSeconds: number): Promise<void> =>
        store.write((transaction) =>
          transaction.prune({
            nowSeconds: NOW,
            revocationsBeforeSeconds: 0,
            changesBeforeSeconds: 0,
            decisionsBeforeSeconds,
          }),
        )
      const countsOf = async (): Promise<number[]> =>
        (await store.read((view) => view.auditEntries(0, 10))).map(({ count }) => count)
      await prune(NOW - 1)
      expect(await countsOf()).toEqual([1, 2, 3, 4])
      await prune(NOW + 9)
      expect(await countsOf()).toEqual([3, 4])
      expect((await store.read((view) => view.audit())).pruned).toEqual({ count: 2, hash: before[1]?.hash })
      await prune(NOW + 1000)
      expect(await countsOf()).toEqual([4])
      expect(await store.read((view) => view.checkpoints())).toHaveLength(1)
      expect(await faultsIn(store)).toEqual([])
      await store.close()
    })

    test('of old checkpoints one an hour stays', async () => {
      const store = await open()
      const hour = Math.floor(NOW / 3600) * 3600
      for (const [count, atSeconds] of [
        [1, hour],
        [2, hour + 3599],
        [3, hour + 3600],
        [4, hour + 90_000],
        [5, hour + 90_001],
      ] as const) {
        await store.write((transaction) => transaction.insertCheckpoint({ count, hash: 'h', atSeconds, signed: 's' }))
      }
      await store.write((transaction) =>
        transaction.prune({
          nowSeconds: hour + 90_001,
          revocationsBeforeSeconds: 0,
          changesBeforeSeconds: 0,
          decisionsBeforeSeconds: 0,
        }),
      )
      expect((await store.read((view) => view.checkpoints())).map(({ count }) => count)).toEqual([2, 3, 4, 5])
      await store.close()
    })
  })
}

const decision = (
  n: number,
  { record = { n }, ...changes }: Partial<Omit<DecisionRow, 'record'>> & { readonly record?: object } = {},
): DecisionRow => ({
  sender: 'docs',
  start: 'start',
  n,
  at: '2027-01-15T08:00:00.000Z',
  decision: 'deny',
  reason: 'no_permit',
  action: 'view',
  principal: undefined,
  tenant: 'acme',
  policies: [],
  repeats: undefined,
  record: JSON.stringify(record),
  ...changes,
})

function keep(store: Store, rows: readonly DecisionRow[]): Promise<number> {
  return store.write((transaction) => transaction.insertDecisions(rows))
}

/** What is wrong with the chain, but for its checkpoints. */
async function faultsIn(store: Store): Promise<unknown[]> {
  const { state, entries } = await store.read(async (view) => ({
    state: await view.audit(),
    entries: await view.auditEntries(0, 1000),
  }))
  async function* lines(): AsyncGenerator {
    yield { kind: 'start', issuer: '', pruned: state.pruned, keptDays: 0 }
    for (const entry of entries) yield { kind: 'record', ...entry }
    yield { kind: 'end', ...state.head }
  }
  const { findings } = await verifyAudit(lines(), { keys: createLocalKeys({ keys: [] }), issuer: '', now: () => NOW })
  return findings.filter(({ fault }) => fault !== 'beginning-cut')
}
