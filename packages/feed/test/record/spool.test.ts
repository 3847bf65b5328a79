// The file in which records wait: its bounds, its rights, and what a crash or another hand leaves in it.

import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSpool, type DecisionRecord, type FeedError, type Spool, type SpoolOptions } from '../../src/index.ts'
import { codeOf } from '../fixture.ts'

let folder: string
let file: string
let errors: FeedError[]
const open: Spool[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cardea-spool-'))
  file = join(folder, 'decisions.jsonl')
  errors = []
})
afterEach(() => {
  for (const spool of open.splice(0)) spool.close()
  rmSync(folder, { recursive: true })
})

function create(options: Partial<SpoolOptions> = {}): Spool {
  const spool = createSpool({ file, onError: (error) => errors.push(error), ...options })
  open.push(spool)
  return spool
}

const record = (n: number, start = 'start'): DecisionRecord => ({
  id: `${start}.${n}`,
  n,
  start,
  service: 'docs',
  at: '2027-01-15T08:00:00.000Z',
  decision: 'allow',
  reason: 'permit',
  resource: 'Document::"Bj\u00f6rn \u{1f600}"',
  policies: ['owner'],
  checkpoint: 'resource',
  correlation: 'c',
})
const LINE_BYTES = Buffer.byteLength(`${JSON.stringify(record(1))}\n`)
const headNumbers = (spool: Spool, limit = 100): readonly number[] => spool.head(limit).map(({ n }) => n)
const fill = (spool: Spool, count: number): void => {
  for (let n = 1; n <= count; n += 1) spool.append(record(n))
}

describe('records', () => {
  test('come back in order and unchanged, and are there until they are dropped', () => {
    const spool = create()
    fill(spool, 5)
    expect(spool.head(2)).toEqual([record(1), record(2)])
    expect(headNumbers(spool, 2)).toEqual([1, 2])
    spool.drop()
    expect(headNumbers(spool)).toEqual([3, 4, 5])
    spool.append(record(6))
    spool.drop()
    expect(headNumbers(spool)).toEqual([6])
    spool.drop()
    expect(spool.isEmpty).toBe(true)
    expect(statSync(file).size).toBe(0)
  })

  test('outlive a restart, each start by itself', () => {
    const first = create()
    fill(first, 2)
    const second = create()
    second.append(record(1, 'next'))
    expect(second.isEmpty).toBe(false)
    expect(second.head(100).map(({ id }) => id)).toEqual(['start.1', 'start.2'])
    second.drop()
    expect(second.head(100).map(({ id }) => id)).toEqual(['next.1'])
  })

  test('may be longer than what is read at once', () => {
    const spool = create()
    const long = { ...record(1), policies: Array.from({ length: 100 }, () => '\u{1f600}'.repeat(500)) }
    for (let index = 0; index < 3; index += 1) spool.append(index === 1 ? long : record(index))
    expect(spool.head(100).map(({ policies }) => policies.length)).toEqual([1, 100, 1])
  })
})

describe('bounds', () => {
  const maxBytes = LINE_BYTES * 8

  test('beyond them nothing is written, and a part is for what must be kept', () => {
    const spool = create({ maxBytes })
    const kept = Array.from({ length: 9 }, (_, index) => spool.append(record(index + 1)))
    expect(kept).toEqual([true, true, true, true, true, true, false, false, false])
    expect([7, 8, 9].map((n) => spool.append(record(n), true))).toEqual([true, true, false])
    expect(statSync(file).size).toBe(maxBytes)
    expect(errors).toEqual([])
  })

  test('there is room again although the file is never empty', () => {
    const spool = create({ maxBytes })
    spool.append(record(1))
    for (let n = 2; n < 60; n += 1) {
      expect(headNumbers(spool, 1)).toEqual([n - 1])
      expect(spool.append(record(n))).toBe(true)
      spool.drop()
    }
    expect(statSync(file).size).toBeLessThanOrEqual(maxBytes)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    // some that were taken may come again after a restart, and count once
    expect(headNumbers(create()).at(-1)).toBe(59)
  })
})

describe('rights', () => {
  test('it is its owner\u2019s alone, also when it was not', () => {
    create()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    chmodSync(file, 0o666)
    create()
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('a link is not followed, and a folder is no file', async () => {
    const target = join(folder, 'target')
    writeFileSync(target, 'x\n')
    symlinkSync(target, file)
    expect(await codeOf(() => create())).toBe('ERR_FEED_SPOOL')
    expect(readFileSync(target, 'utf8')).toBe('x\n')
    mkdirSync(join(folder, 'sub'))
    expect(await codeOf(() => create({ file: join(folder, 'sub') }))).toBe('ERR_FEED_SPOOL')
    expect(await codeOf(() => create({ file: join(folder, 'none', 'file') }))).toBe('ERR_FEED_SPOOL')
  })

  test.runIf(process.getuid?.() === 0)('the file of another user is refused', async () => {
    writeFileSync(file, '')
    chownSync(file, 12_345, 12_345)
    expect(await codeOf(() => create())).toBe('ERR_FEED_SPOOL')
  })
})

describe('what a crash or another hand leaves', () => {
  test('half a line at the end is cut off and counted, and what follows is whole', () => {
    fill(create(), 2)
    appendFileSync(file, JSON.stringify(record(3)).slice(0, 40))
    const spool = create()
    expect(spool.takeDamaged()).toBe(1)
    expect(spool.takeDamaged()).toBe(0)
    spool.append(record(4))
    expect(headNumbers(spool)).toEqual([1, 2, 4])
    expect(errors.map(({ code }) => code)).toEqual(['ERR_FEED_SPOOL_DAMAGED'])
  })

  test('half a line alone leaves an empty file', () => {
    writeFileSync(file, '{"id":"s')
    const spool = create()
    expect([spool.isEmpty, spool.takeDamaged()]).toEqual([true, 1])
  })

  test('a line in the middle that is no record is left out, and counted once', () => {
    fill(create(), 1)
    appendFileSync(file, '{"token":"secret"}\n\n')
    appendFileSync(file, `${JSON.stringify(record(2))}\nrubbish\n`)
    const spool = create()
    expect(headNumbers(spool)).toEqual([1])
    spool.drop()
    expect(headNumbers(spool)).toEqual([2])
    expect(headNumbers(spool)).toEqual([2])
    expect(spool.takeDamaged()).toBe(2)
    spool.drop()
    expect(headNumbers(spool)).toEqual([])
    expect(spool.takeDamaged()).toBe(1)
    expect([spool.isEmpty, statSync(file).size]).toEqual([true, 0])
  })

  test('a rest of a compaction goes', () => {
    writeFileSync(`${file}.new`, 'rest')
    create()
    expect(() => statSync(`${file}.new`)).toThrow(/ENOENT/)
  })

  test('what another process wrote is neither cut off nor written into', () => {
    const [one, other] = [create(), create()]
    one.append(record(1))
    expect(other.append(record(1, 'other'))).toBe(false)
    expect(errors.map(({ code }) => code)).toEqual(['ERR_FEED_SPOOL'])
    expect(other.head(9)).toEqual([])
    expect(headNumbers(one)).toEqual([1])
    appendFileSync(file, 'more\n')
    one.drop()
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3)
    expect(errors).toHaveLength(2)
  })
})

describe('a full disk', () => {
  const full = (): never => {
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  }
  const half = (descriptor: number, bytes: Uint8Array): number => writeSync(descriptor, bytes.subarray(0, 10))

  test.each([
    ['that takes nothing', full],
    ['that takes half a line', half],
  ])('%s: the record has no place, the others stay, and later ones are whole', (_, broken) => {
    let isFull = false
    const spool = create({
      write: (descriptor, bytes) => (isFull ? broken(descriptor, bytes) : writeSync(descriptor, bytes)),
    })
    spool.append(record(1))
    isFull = true
    expect(spool.append(record(2))).toBe(false)
    isFull = false
    expect(spool.append(record(3))).toBe(true)
    expect(headNumbers(spool)).toEqual([1, 3])
    expect(errors.map(({ code }) => code)).toEqual(['ERR_FEED_SPOOL'])
  })

  test('no room for a second file: it goes on with the first', () => {
    let isFull = false
    const spool = create({
      maxBytes: LINE_BYTES * 8,
      write: (descriptor, bytes) => (isFull ? full() : writeSync(descriptor, bytes)),
    })
    fill(spool, 6)
    headNumbers(spool, 5)
    isFull = true
    spool.drop()
    isFull = false
    expect(headNumbers(spool)).toEqual([6])
    expect(spool.append(record(7), true)).toBe(true)
    spool.drop()
    expect(headNumbers(spool)).toEqual([7])
  })
})
