// The recorder with a file: what the authority does not take waits there, over a restart of the service, and is sent in order.

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRecorder, createSpool, type DecisionReport, type FeedError, type Recorder } from '../../src/index.ts'
import { createTestAuthority, type TestAuthority, URL_OF_AUTHORITY } from '../authority-server.ts'
import { NOON } from '../fixture.ts'

const report: DecisionReport = {
  decision: 'allow',
  reason: 'permit',
  action: 'view',
  policies: [],
  checkpoint: 'resource',
  correlation: 'c1',
}

let folder: string
let file: string
let server: TestAuthority
let errors: FeedError[]
const recorders: Recorder[] = []

beforeEach(() => {
  vi.useFakeTimers({ now: NOON * 1000, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  folder = mkdtempSync(join(tmpdir(), 'cardea-spilling-'))
  file = join(folder, 'decisions.jsonl')
  server = createTestAuthority(() => Date.now() / 1000)
  errors = []
})
afterEach(async () => {
  server.network = 'down'
  await Promise.all(recorders.splice(0).map((recorder) => recorder.close()))
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

function start(name: string, { capacity = 100, maxBytes = 100_000 } = {}): Recorder {
  const onError = (error: FeedError): unknown => errors.push(error)
  const recorder = createRecorder({
    url: URL_OF_AUTHORITY,
    credentials: () => Promise.resolve('guard-token'),
    service: 'documents',
    fetch: server.fetch,
    now: () => Date.now() / 1000,
    random: () => 0.5,
    start: name,
    capacity,
    batchSize: 4,
    spool: createSpool({ file, maxBytes, onError }),
    onError,
  })
  recorders.push(recorder)
  return recorder
}

const ids = (): readonly string[] => server.records.map(({ id }) => id)
const lines = (): number => readFileSync(file, 'utf8').split('\n').length - 1
const repeat = (recorder: Recorder, count: number): void => {
  for (let index = 0; index < count; index += 1) recorder.record(report, 'spill')
}

test('as long as the authority takes them, nothing is written', async () => {
  const recorder = start('a')
  repeat(recorder, 6)
  await recorder.flush()
  expect(ids()).toHaveLength(6)
  expect(statSync(file).size).toBe(0)
})

test('while it does not, each is in the file before its decision is given', async () => {
  const recorder = start('a')
  repeat(recorder, 2)
  expect(lines()).toBe(0)
  server.network = 'down'
  expect(await recorder.flush()).toBe(false)
  expect(lines()).toBe(2)
  repeat(recorder, 1)
  expect(lines()).toBe(3)
  expect(recorder.waiting).toBe(0)
  recorder.record(report)
  expect([lines(), recorder.waiting]).toEqual([3, 1])
})

test('a service that ends without a word loses none of them, and the next start sends them first', async () => {
  const killed = start('a')
  server.network = 'down'
  await killed.flush()
  repeat(killed, 1)
  await killed.flush()
  repeat(killed, 9)
  server.network = 'up'
  // what `killed` still holds in memory is gone: nothing is sent by it any more
  recorders.length = 0
  const next = start('b')
  repeat(next, 2)
  await vi.advanceTimersByTimeAsync(1001)
  expect(ids()).toEqual([...Array.from({ length: 10 }, (_, index) => `a.${index + 1}`), 'b.1', 'b.2'])
  expect(statSync(file).size).toBe(0)
})

test('a start that decides nothing sends what it found', async () => {
  server.network = 'down'
  const first = start('a')
  repeat(first, 1)
  await first.close()
  server.network = 'up'
  start('b')
  await vi.advanceTimersByTimeAsync(1001)
  expect(ids()).toEqual(['a.1'])
})

test('the end writes down all that was not taken', async () => {
  server.network = 'down'
  const recorder = start('a')
  repeat(recorder, 2)
  recorder.record(report)
  for (let index = 0; index < 12; index += 1) recorder.record({ ...report, decision: 'deny', reason: 'no_permit' })
  await recorder.close()
  server.network = 'up'
  await start('b').flush()
  expect(ids().every((id) => id.startsWith('a.'))).toBe(true)
  expect(server.records.find(({ repeats }) => repeats !== undefined)).toMatchObject({ n: 15, repeats: 1 })
  expect(server.records).toHaveLength(14)
})

test('memory that is full goes to the file, and what exceeds the file is counted', async () => {
  server.network = 'down'
  const recorder = start('a', { capacity: 3, maxBytes: 2000 })
  repeat(recorder, 50)
  const inFile = lines()
  expect(inFile).toBeGreaterThan(3)
  expect(statSync(file).size).toBeLessThanOrEqual(1500)
  expect(recorder.lost).toBe(50 - inFile - recorder.waiting)
  await recorder.close()
  server.network = 'up'
  await start('b').flush()
  const total = server.records.reduce((sum, { lost = 0 }) => sum + 1 + lost, 0)
  expect(total).toBe(Math.max(...server.records.filter((one) => one.start === 'a').map(({ n }) => n)))
  expect(statSync(file).size).toBe(0)
})

test('what must be kept is in the file before it happens, and is refused when there is no room', async () => {
  const recorder = start('a', { maxBytes: 1200 })
  expect(recorder.keep(report)?.n).toBe(1)
  expect(lines()).toBe(1)
  for (let n = 0; n < 100 && recorder.keep(report) !== undefined; n += 1);
  const kept = lines()
  expect(recorder.keep(report)).toBeUndefined()
  expect(recorder.record(report).n).toBe(kept + 1)
  await recorder.flush()
  expect(ids()).toHaveLength(kept + 1)
  expect(recorder.keep(report)?.n).toBe(kept + 2)
  expect(recorder.lost).toBe(0)
})

test('others cannot take the room of what must be kept', async () => {
  server.network = 'down'
  const recorder = start('a', { capacity: 1, maxBytes: 4000 })
  await recorder.flush()
  repeat(recorder, 1)
  await recorder.flush()
  repeat(recorder, 100)
  expect(recorder.lost).toBeGreaterThan(0)
  expect(recorder.keep(report)).toBeDefined()
})

test('half a line that a crash left is counted', async () => {
  const { writeFileSync } = await import('node:fs')
  writeFileSync(file, '{"id":"a.1","n":1', { mode: 0o600 })
  const recorder = start('b')
  await vi.advanceTimersByTimeAsync(1001)
  expect(server.records).toMatchObject([{ id: 'b.1', reason: 'records_lost', lost: 1 }])
  expect(recorder.lost).toBe(1)
  expect(errors.map(({ code }) => code)).toEqual(['ERR_FEED_SPOOL_DAMAGED'])
})

test('an answer that got lost: the same records come again, and none is missing', async () => {
  const recorder = start('a')
  recorder.keep(report)
  const { fetch } = server
  let isFirst = true
  vi.spyOn(server, 'fetch')
  expect(await recorder.flush()).toBe(true)
  const lossy = createRecorder({
    url: URL_OF_AUTHORITY,
    credentials: () => Promise.resolve('guard-token'),
    service: 'documents',
    fetch: async (input, init) => {
      const response = await fetch(input, init)
      if (!isFirst) return response
      isFirst = false
      throw new TypeError('connection reset')
    },
    start: 'c',
    spool: createSpool({ file: join(folder, 'other') }),
  })
  recorders.push(lossy)
  lossy.keep(report)
  lossy.record(report, 'spill')
  expect(await lossy.flush()).toBe(false)
  expect(await lossy.flush()).toBe(true)
  expect(ids().filter((id) => id.startsWith('c'))).toEqual(['c.1', 'c.1', 'c.2'])
})
