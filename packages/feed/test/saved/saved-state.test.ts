import fc from 'fast-check'
import { publicJwk } from '@cardea/token'
import { describe, expect, test } from 'vitest'
import { beginState, readState, type Standing, type StateOwner, type WholeState } from '../../src/saved/saved-state.ts'
import { codeOf, NOON, tokenKey, VIEW } from '../fixture.ts'

const OWNER: StateOwner = { authority: 'https://authority.example', audience: 'https://documents.example', client: 'a' }
const HASH = 'h'.repeat(43)
const sessionAt = (seq: number) => ({
  key: { kind: 'session', sid: `s${seq}` } as const,
  at: { epoch: 'e1', seq },
  revokedAtSeconds: NOON,
  expiresAtSeconds: NOON + 300,
})
const standing = (seq: number, ageSeconds: number | undefined = 1): Standing => ({
  position: { epoch: 'e1', seq },
  wallSeconds: NOON + seq,
  heardSeconds: NOON + seq + 0.5,
  ageSeconds,
  checkpoint: { count: 3, hash: HASH },
})
const whole: WholeState = {
  ...standing(4),
  view: VIEW,
  left: ['e0'],
  keys: { keys: [publicJwk(tokenKey)] },
  bundle: 'a signed text',
  revision: 7,
  revocations: [sessionAt(4)],
}

/** A file with the whole state at 4 and changes up to the given number, and where its lines end. */
function fileOf(last: number, owner = OWNER): { readonly bytes: Buffer; readonly ends: readonly number[] } {
  const { first, lines } = beginState(owner)
  const texts = [first, lines.print(whole)]
  for (let seq = 5; seq <= last; seq += 1) texts.push(lines.print({ ...standing(seq), revocation: sessionAt(seq) }))
  const ends: number[] = []
  texts.reduce((length, text) => (ends.push(length + text.length), length + text.length), 0)
  return { bytes: Buffer.from(texts.join('')), ends }
}

describe('a saved state', () => {
  test('reads as it was written', () => {
    const saved = readState(fileOf(6).bytes, OWNER)
    expect(saved).toMatchObject({ ...standing(6), left: ['e0'], keys: whole.keys, bundle: whole.bundle, revision: 7 })
    expect(saved?.revocations).toEqual([sessionAt(4), sessionAt(5), sessionAt(6)])
    expect(saved?.lastHash).toBeDefined()
    expect(readState(new Uint8Array(), OWNER)).toBeUndefined()
  })

  test('cut at any byte, it says less or that it is damaged, and never more', async () => {
    const { bytes, ends } = fileOf(7)
    const [, begin = 0] = ends
    for (let length = 1; length < bytes.length; length += 1) {
      const cut = bytes.subarray(0, length)
      if (length < begin) {
        expect(await codeOf(() => readState(cut, OWNER))).toBe('ERR_FEED_STATE')
        continue
      }
      const saved = readState(cut, OWNER)
      const isAtLineEnd = ends.includes(length)
      const lines = ends.filter((end) => end <= length).length
      expect(saved?.lastHash !== undefined).toBe(isAtLineEnd)
      expect(saved?.position.seq).toBe(4 + lines - 2)
      expect(saved?.revocations).toHaveLength(lines - 1)
    }
  })

  test('with any byte changed it is damaged, or its changes end before that line', () => {
    const { bytes, ends } = fileOf(7)
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ flip
        try {
          const saved = readState(changed, OWNER)
          const before = ends.filter((end) => end <= at).length
          expect(before).toBeGreaterThanOrEqual(2)
          expect(saved?.lastHash).toBeUndefined()
          expect(saved?.position.seq).toBe(4 + before - 2)
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_FEED_STATE/) })
        }
      }),
    )
  })

  test.each([
    ['another authority', { authority: 'https://authority.example/other' }],
    ['another audience', { audience: 'https://invoices.example' }],
    ['another guard', { client: 'b' }],
  ])('of %s is refused', async (_, change) => {
    expect(await codeOf(() => readState(fileOf(5, { ...OWNER, ...change }).bytes, OWNER))).toBe(
      'ERR_FEED_STATE_FOREIGN',
    )
  })

  test('lines of another file, left out or in another order end it', () => {
    const { bytes, ends } = fileOf(7)
    const lines = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
    const [first, all, five, six, seven] = lines
    const others = fileOf(5, { ...OWNER, client: 'b' })
    const foreign = others.bytes.subarray(others.ends[1])
    const seqOf = (...parts: (Buffer | undefined)[]) => {
      const saved = readState(Buffer.concat(parts.filter((part) => part !== undefined)), OWNER)
      return [saved?.position.seq, saved?.lastHash !== undefined]
    }
    expect(seqOf(first, all, five, six, seven)).toEqual([7, true])
    expect(seqOf(first, all, six, seven)).toEqual([4, false])
    expect(seqOf(first, all, five, seven, six)).toEqual([5, false])
    expect(seqOf(first, all, foreign)).toEqual([4, false])
  })

  test('in which an epoch was left keeps it', () => {
    const { first, lines } = beginState(OWNER)
    const moved = { ...standing(1), position: { epoch: 'e2', seq: 1 } }
    const text = first + lines.print(whole) + lines.print(moved)
    expect(readState(Buffer.from(text), OWNER)?.left).toEqual(['e0', 'e1'])
  })
})
