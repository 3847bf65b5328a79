// What is written when, while the disk takes its time or refuses.

import { publicJwk } from '@cardea/token'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createReplica } from '../../src/client/replica.ts'
import { createKeptReplica, type KeptReplica } from '../../src/saved/kept-replica.ts'
import { beginState, readState } from '../../src/saved/saved-state.ts'
import type { StateFile } from '../../src/saved/state-file.ts'
import { createSteadyClock } from '../../src/steady-clock.ts'
import { NOON, tokenKey, VIEW } from '../fixture.ts'

const OWNER = { authority: 'https://authority.example', audience: 'https://documents.example', client: 'a' }
const jwks = { keys: [publicJwk(tokenKey)] }
const at = (seq: number) => ({ epoch: 'e1', seq })
const revocationAt = (seq: number) => ({
  key: { kind: 'session', sid: `s${seq}` } as const,
  at: at(seq),
  revokedAtSeconds: NOON,
  expiresAtSeconds: NOON + 300,
})

/** A disk that replaces when it is told to. */
class SlowFile implements StateFile {
  content = ''
  discards = 0
  refuses = false
  #finish: (() => void) | undefined
  get sizeBytes(): number {
    return this.content.length
  }
  append(text: string): void {
    if (this.refuses) throw new Error('the disk is full')
    this.content += text
  }
  async replace(text: string, rest: () => string, onReplaced: () => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#finish = resolve
    })
    if (this.refuses) throw new Error('the disk is full')
    const all = text + rest()
    onReplaced()
    this.content = all
  }
  /** Lets what is written beside take the place of the file. */
  async finish(): Promise<void> {
    this.#finish?.()
    this.#finish = undefined
    await vi.advanceTimersByTimeAsync(0)
  }
  sync = () => Promise.resolve()
  discard(): void {
    this.discards += 1
    this.content = ''
  }
  close = () => Promise.resolve()
  get saved() {
    return readState(Buffer.from(this.content), OWNER)
  }
}

let file: SlowFile
let kept: KeptReplica
let reports: unknown[]
let now: number

beforeEach(() => {
  vi.useFakeTimers()
  now = NOON
  reports = []
  file = new SlowFile()
  const clock = createSteadyClock({ now: () => now, monotonic: () => now })
  const replica = createReplica(clock, () => {})
  kept = createKeptReplica({ replica, owner: OWNER, clock, report: (_, cause) => reports.push(cause) })
})
afterEach(() => vi.useRealTimers())

const snapshot = (seq: number, revocations = [revocationAt(seq)]): void =>
  kept.applySnapshot(
    { position: at(seq), view: VIEW, jwks, bundle: undefined, revocations, checkpoint: undefined, now },
    kept.ask(),
  )
const revoke = (seq: number): unknown =>
  kept.applyEvent({ kind: 'revocation', position: at(seq), prev: seq - 1, revocation: revocationAt(seq) })
const prove = (seq: number): unknown => kept.applyHead({ position: at(seq), prev: 4, view: undefined, now }, kept.ask())

/** Followed, with everything in the file. */
async function following(): Promise<void> {
  const { first, lines } = beginState(OWNER)
  const standing = { position: at(4), wallSeconds: NOON, heardSeconds: NOON, checkpoint: undefined }
  const whole = {
    ...standing,
    view: VIEW,
    ageSeconds: 1,
    left: [],
    keys: jwks,
    bundle: 'signed',
    revision: 1,
    revocations: [],
  }
  file.content = first + lines.print(whole)
  kept.keep(file, { lastHash: file.saved?.lastHash ?? '', bundle: 'signed', revision: 1 })
  kept.applyBundle({ content: { revision: 1, notAfterSeconds: NOON + 900 }, address: 'd' } as never, 'signed')
  snapshot(4)
  prove(4)
  await file.finish()
  await vi.advanceTimersByTimeAsync(5000)
  await file.finish()
  await vi.advanceTimersByTimeAsync(5000)
}

test('a file that lacks what a snapshot brought is not begun with, and holds its position all the same', async () => {
  await following()
  expect(file.saved).toMatchObject({ position: at(4), ageSeconds: 0 })
  snapshot(9)
  expect(file.saved).toMatchObject({ position: at(9), ageSeconds: undefined, revocations: [{ at: at(4) }] })
  revoke(10)
  expect(file.saved).toMatchObject({ position: at(10), ageSeconds: undefined })
  await file.finish()
  expect(file.saved).toMatchObject({ position: at(10), ageSeconds: 0 })
  expect(file.saved?.revocations.map(({ at: { seq } }) => seq)).toEqual([4, 9, 10])
})

test('a snapshot that comes while everything is written makes that useless until it is written again', async () => {
  await following()
  snapshot(9)
  snapshot(12)
  await file.finish()
  expect(file.saved).toMatchObject({ position: at(12), ageSeconds: undefined })
  await vi.advanceTimersByTimeAsync(5000)
  await file.finish()
  expect(file.saved).toMatchObject({ position: at(12), ageSeconds: 0 })
  expect(file.saved?.revocations.map(({ at: { seq } }) => seq)).toEqual([4, 9, 12])
})

test('a bundle is in the file with its policies or not at all', async () => {
  await following()
  kept.applyBundle({ content: { revision: 2, notAfterSeconds: NOON + 900 }, address: 'e' } as never, 'next')
  expect(file.saved).toMatchObject({ bundle: 'signed', ageSeconds: undefined })
  await file.finish()
  expect(file.saved).toMatchObject({ bundle: 'next', revision: 2, ageSeconds: 0 })
})

test('a proof without news is written every five seconds, one with a position at once', async () => {
  await following()
  const { length } = file.content
  now += 2
  prove(4)
  expect(file.content).toHaveLength(length)
  prove(5)
  expect(file.saved).toMatchObject({ position: at(5), ageSeconds: 0 })
  now += 5
  prove(5)
  expect(file.saved).toMatchObject({ position: at(5), wallSeconds: NOON + 7, ageSeconds: 0 })
})

test('a disk that refuses: the file is taken away, it is said, and tried again later', async () => {
  await following()
  file.refuses = true
  revoke(5)
  expect(file.discards).toBe(1)
  expect(reports).toMatchObject([{ code: 'ERR_FEED_STATE_FILE' }])
  await file.finish()
  file.refuses = false
  revoke(6)
  expect(file.content).toBe('')
  await vi.advanceTimersByTimeAsync(60_000)
  await file.finish()
  expect(file.saved?.revocations.map(({ at: { seq } }) => seq)).toEqual([4, 5, 6])
})

test('a refusal while everything is written: what was written is not gone on with', async () => {
  await following()
  snapshot(9)
  file.refuses = true
  revoke(10)
  file.refuses = false
  revoke(11)
  await file.finish()
  expect(file.content).toBe('')
  await vi.advanceTimersByTimeAsync(60_000)
  await file.finish()
  expect(file.saved?.revocations.map(({ at: { seq } }) => seq)).toEqual([4, 9, 10, 11])
})

test('changes that take more room than everything else are written together', async () => {
  await following()
  const keys = { keys: [{ ...publicJwk(tokenKey), note: 'x'.repeat(600_000) }] }
  for (const seq of [5, 6, 7]) kept.applyEvent({ kind: 'keys', position: at(seq), prev: seq - 1, jwks: keys })
  expect(file.content.length).toBeGreaterThan(1_800_000)
  await file.finish()
  // the keys of the moment at which it began, and those that came meanwhile
  expect(file.content.length).toBeLessThan(1_300_000)
  expect(file.saved).toMatchObject({ position: at(7), ageSeconds: 0 })
})
