import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { decisionsIn } from '../../src/record/decision-record.ts'
import {
  createRecorder,
  type DecisionReport,
  type FeedError,
  type Recorder,
  type RecorderOptions,
} from '../../src/index.ts'
import { createTestAuthority, type TestAuthority, URL_OF_AUTHORITY } from '../authority-server.ts'
import { codeOf, NOON } from '../fixture.ts'

const report: DecisionReport = {
  decision: 'deny',
  reason: 'no_permit',
  action: 'view',
  policies: [],
  checkpoint: 'resource',
  correlation: 'c1',
}

const allow: DecisionReport = { ...report, decision: 'allow', reason: 'permit' }

let server: TestAuthority
let recorder: Recorder
let errors: FeedError[]

beforeEach(() => {
  vi.useFakeTimers({ now: NOON * 1000, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  errors = []
  server = createTestAuthority(() => Date.now() / 1000)
  recorder = create()
})

afterEach(async () => {
  server.network = 'up'
  await recorder.close()
  vi.useRealTimers()
})

function create(options: Partial<RecorderOptions> = {}): Recorder {
  return createRecorder({
    url: URL_OF_AUTHORITY,
    credentials: () => Promise.resolve('guard-token'),
    service: 'documents',
    fetch: server.fetch,
    now: () => Date.now() / 1000,
    random: () => 0.5,
    start: 'start-1',
    onError: (error) => errors.push(error),
    ...options,
  })
}

const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds)
const numbers = (): readonly number[] => server.records.map(({ n }) => n)
/** Allows, which are never folded. */
const repeat = (count: number, own: Recorder = recorder): void => {
  for (let index = 0; index < count; index += 1) own.record(allow)
}

test('numbers, names and dates each record', () => {
  expect(recorder.record(report)).toEqual({
    ...report,
    id: 'start-1.1',
    n: 1,
    start: 'start-1',
    service: 'documents',
    at: '2026-09-21T14:13:20.000Z',
  })
  expect(recorder.record(report).n).toBe(2)
  expect(recorder.waiting).toBe(2)
})

test('records go out together, in order, soon after the first', async () => {
  repeat(3)
  await pass(999)
  expect(server.records).toEqual([])
  await pass(2)
  expect(numbers()).toEqual([1, 2, 3])
  expect(server.counts.get('decisions')).toBe(1)
  repeat(1)
  await pass(1001)
  expect(numbers()).toEqual([1, 2, 3, 4])
})

test('a batch has a limit', async () => {
  recorder = create({ batchSize: 2 })
  repeat(5)
  expect(await recorder.flush()).toBe(true)
  expect(server.counts.get('decisions')).toBe(3)
  expect(numbers()).toEqual([1, 2, 3, 4, 5])
})

test('what was not taken is sent again unchanged', async () => {
  server.network = 'down'
  repeat(2)
  await pass(5000)
  expect(recorder.waiting).toBe(2)
  expect(errors.at(-1)?.code).toBe('ERR_FEED_FETCH')
  repeat(1)
  server.network = 'up'
  await pass(30_000)
  expect(numbers()).toEqual([1, 2, 3])
  expect(recorder.lost).toBe(0)
})

test.each([500, 503, 429, 401, 408])('status %i is tried again', async (status) => {
  server.refusals.push(status)
  repeat(1)
  expect(await recorder.flush()).toBe(false)
  expect(await recorder.flush()).toBe(true)
  expect(numbers()).toEqual([1])
})

test('an answer that got lost: the same numbers come twice', async () => {
  const { fetch } = server
  const sent: string[] = []
  let isFirst = true
  recorder = create({
    fetch: async (input, init) => {
      sent.push(typeof init?.body === 'string' ? init.body : '')
      const response = await fetch(input, init)
      if (!isFirst) return response
      isFirst = false
      throw new TypeError('connection reset')
    },
  })
  repeat(2)
  expect(await recorder.flush()).toBe(false)
  expect(await recorder.flush()).toBe(true)
  expect(sent[1]).toBe(sent[0])
  expect(numbers()).toEqual([1, 2, 1, 2])
})

describe('losing', () => {
  test('what has no room is counted, and the count is a record', async () => {
    server.network = 'down'
    recorder = create({ capacity: 2 })
    repeat(5)
    expect(recorder.lost).toBe(3)
    expect(recorder.waiting).toBe(2)
    server.network = 'up'
    await recorder.flush()
    expect(server.records.map(({ n, reason, lost }) => [n, reason, lost])).toEqual([
      [1, 'permit', undefined],
      [2, 'permit', undefined],
      [6, 'records_lost', 3],
    ])
  })

  test('records that are refused for good are counted, and do not block the next', async () => {
    server.refusals.push(404)
    repeat(2)
    expect(await recorder.flush()).toBe(true)
    expect(errors.map(({ code, status }) => [code, status])).toEqual([['ERR_FEED_RECORD', 404]])
    expect(server.records.map(({ reason, lost }) => [reason, lost])).toEqual([['records_lost', 2]])
    repeat(1)
    await recorder.flush()
    expect(numbers()).toEqual([3, 4])
  })

  test('a record that the authority minds takes none of the others with it', async () => {
    server.minds = ({ n }) => n === 3 || n === 4 || n === 90
    repeat(100)
    expect(await recorder.flush()).toBe(true)
    const kept = Array.from({ length: 100 }, (_, index) => index + 1).filter((n) => ![3, 4, 90].includes(n))
    expect(numbers()).toEqual([...kept, 101])
    expect(server.records.at(-1)).toMatchObject({ reason: 'records_lost', lost: 3 })
    expect(recorder.lost).toBe(3)
  })

  test('a batch that is refused whole is not asked about one by one', async () => {
    server.minds = ({ lost }) => lost === undefined
    repeat(500)
    expect(await recorder.flush()).toBe(true)
    expect(server.counts.get('decisions')).toBeLessThan(200)
    expect(server.records.map(({ lost }) => lost)).toEqual([500])
    expect(recorder.lost).toBe(500)
  })

  test('a loss that was refused together with others is told again', async () => {
    recorder = create({ capacity: 1 })
    server.network = 'down'
    repeat(3)
    await recorder.flush()
    server.network = 'up'
    server.refusals.push(404)
    expect(await recorder.flush()).toBe(true)
    expect(server.records.map(({ n, lost }) => [n, lost])).toEqual([[5, 4]])
    expect(recorder.lost).toBe(3)
  })

  test('a loss that is refused too is not reported for ever', async () => {
    server.refusals.push(400, 400, 400, 400)
    repeat(1)
    expect(await recorder.flush()).toBe(false)
    expect(server.counts.get('decisions')).toBe(2)
  })

  test('after the end nothing is kept, and nothing throws', async () => {
    await recorder.close()
    repeat(2)
    expect(recorder.waiting).toBe(0)
    expect(recorder.lost).toBe(2)
  })
})

describe('a record that must be kept', () => {
  test('has room of its own, which others do not take', async () => {
    server.network = 'down'
    recorder = create({ capacity: 2 })
    repeat(5)
    expect(recorder.keep(allow)?.n).toBe(6)
    expect(recorder.keep(allow)?.n).toBe(7)
    expect(recorder.keep(allow)).toBeUndefined()
    expect(recorder.record(report).n).toBe(8)
    server.network = 'up'
    await recorder.flush()
    // 4 lost: three that had no room, and the last
    expect(server.records.map(({ n, lost }) => [n, lost])).toEqual([
      [1, undefined],
      [2, undefined],
      [6, undefined],
      [7, undefined],
      [9, 4],
    ])
    expect(recorder.keep(allow)?.n).toBe(10)
  })

  test('is not kept after the end', async () => {
    await recorder.close()
    expect(recorder.keep(allow)).toBeUndefined()
  })
})

describe('a flood of equal denials', () => {
  test('becomes one record with a count, and the numbers add up', async () => {
    for (let index = 0; index < 1000; index += 1) recorder.record({ ...report, correlation: `c${index}` })
    recorder.record({ ...report, principal: 'User::"ann"' })
    await pass(1001)
    expect(numbers()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1001])
    await pass(60_000)
    expect(server.records.at(-1)).toMatchObject({ n: 1000, repeats: 989, correlation: 'c999', reason: 'no_permit' })
    expect(server.records.reduce((sum, record) => sum + decisionsIn(record), 0)).toBe(1001)
    expect(recorder.lost).toBe(0)
  })

  test('is told of at the end', async () => {
    for (let index = 0; index < 15; index += 1) recorder.record(report)
    await recorder.close()
    expect(server.records.at(-1)).toMatchObject({ n: 15, repeats: 4 })
  })

  test('counts whole when its record is lost', async () => {
    server.minds = ({ repeats }) => repeats !== undefined
    for (let index = 0; index < 15; index += 1) recorder.record(report)
    await recorder.close()
    expect(server.records.at(-1)).toMatchObject({ n: 16, lost: 5 })
  })

  test('of allows is kept one by one', async () => {
    repeat(30)
    await recorder.flush()
    expect(numbers()).toHaveLength(30)
  })
})

test('close sends what waits', async () => {
  repeat(3)
  await recorder.close()
  expect(numbers()).toEqual([1, 2, 3])
})

test('close ends, even when nobody answers', async () => {
  server.network = 'silent'
  repeat(1)
  const closed = recorder.close()
  await pass(10_000)
  await closed
  expect(recorder.waiting).toBe(1)
})

test('records go to the authority alone', async () => {
  expect(await codeOf(() => create({ url: 'http://authority.example' }))).toBe('ERR_FEED_URL')
})

test('two starts have two names', () => {
  const { start: _, ...options } = { ...recorderOptions() }
  const [first, second] = [createRecorder(options), createRecorder(options)]
  expect(first.record(report).start).not.toBe(second.record(report).start)
})

function recorderOptions(): RecorderOptions {
  return {
    url: URL_OF_AUTHORITY,
    credentials: () => Promise.resolve(''),
    service: 's',
    fetch: server.fetch,
    start: 'x',
  }
}
