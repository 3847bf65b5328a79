// The audit of decisions: whatever is changed, left out, put in or cut off is found; what the law takes out is not.

import { createLocalKeys, publicJwk, signJws } from '@cardea/token'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AuditHead,
  type AuditLine,
  type AuditReport,
  chainEntry,
  type ChainedEntry,
  eraseEntry,
  isErased,
  NO_RECORDS,
  signCheckpoint,
  verifyAudit,
} from '../../src/index.ts'
import { hashEntry } from '../../src/audit/audit-entry.ts'
import { bundleKey as auditKey, codeOf, NOON, strangerKey } from '../fixture.ts'

const ISSUER = 'https://authority.example'
const KEPT_DAYS = 30

function chain(count: number, head: AuditHead = NO_RECORDS): ChainedEntry[] {
  const entries: ChainedEntry[] = []
  for (let n = 1; n <= count; n += 1) {
    const record = {
      n,
      decision: n % 3 === 0 ? 'deny' : 'allow',
      principal: `User::"${n % 4}"`,
      tenant: 'acme',
      resource: 'Document::"plan"',
      policies: ['viewer'],
    }
    entries.push(chainEntry(entries.at(-1) ?? head, { keptAtSeconds: NOON + n, sender: 'docs', record }))
  }
  return entries
}

const checkpoint = async ({ count, hash }: AuditHead, atSeconds = NOON, key = auditKey): Promise<AuditLine> => ({
  kind: 'checkpoint',
  signed: await signCheckpoint({ issuer: ISSUER, count, hash, atSeconds }, key),
})
const entries = chain(12)
const at = (count: number): ChainedEntry => {
  const entry = entries[count - 1]
  if (entry === undefined) throw new Error('no such record')
  return entry
}
const checkpoints = [await checkpoint(at(4)), await checkpoint(at(9))]

/** A whole export, but for what is said. */
function linesOf({
  records = entries,
  pruned = NO_RECORDS,
  before = checkpoints,
  end,
}: {
  readonly records?: readonly ChainedEntry[]
  readonly pruned?: AuditHead
  readonly before?: readonly AuditLine[]
  readonly end?: AuditHead
} = {}): AuditLine[] {
  const last = records.at(-1) ?? pruned
  return [
    { kind: 'start', issuer: ISSUER, pruned, keptDays: KEPT_DAYS },
    ...before,
    ...records.map((entry) => ({ kind: 'record', ...entry }) as const),
    { kind: 'end', count: last.count, hash: last.hash, ...end },
  ]
}

async function verify(lines: readonly unknown[], now = NOON + 100): Promise<AuditReport> {
  async function* given(): AsyncGenerator {
    for (const line of lines) yield JSON.parse(JSON.stringify(line))
  }
  return verifyAudit(given(), {
    keys: createLocalKeys({ keys: [publicJwk(auditKey)] }),
    issuer: ISSUER,
    now: () => now,
  })
}

const faultsOf = async (lines: readonly unknown[], now?: number): Promise<unknown[]> =>
  (await verify(lines, now)).findings.map(({ fault, count }) => [fault, count])

/** The hashes are made again, as somebody does who has the database and no key. */
function rechained(changed: readonly ChainedEntry[]): ChainedEntry[] {
  const again: ChainedEntry[] = []
  for (const entry of changed) {
    const previous = again.at(-1) ?? NO_RECORDS
    const next = { ...entry, count: previous.count + 1 }
    again.push({ ...next, hash: hashEntry(previous.hash, next) })
  }
  return again
}

describe('an audit that nobody touched', () => {
  test('is whole', async () => {
    expect(await verify(linesOf())).toEqual({
      records: 12,
      erased: 0,
      checkpoints: 2,
      vouchedFor: 9,
      head: { count: 12, hash: at(12).hash },
      findings: [],
    })
  })

  test('is whole without a record', async () => {
    expect((await verify(linesOf({ records: [], before: [] }))).findings).toEqual([])
  })

  test('is whole after its old part was pruned up to a checkpoint', async () => {
    const later = NOON + KEPT_DAYS * 86_400
    const pruned = linesOf({ records: entries.slice(4), pruned: at(4) })
    expect(await faultsOf(pruned, later)).toEqual([])
    // also when nothing is left
    expect(await faultsOf(linesOf({ records: [], pruned: at(9), before: checkpoints.slice(1) }), later)).toEqual([])
  })
})

describe('what is personal', () => {
  const erased = entries.map((entry) => (entry.record['principal'] === 'User::"1"' ? eraseEntry(entry) : entry))

  test('can be taken out, and the chain still verifies', async () => {
    const report = await verify(linesOf({ records: erased }))
    expect(report.findings).toEqual([])
    expect(report.erased).toBe(3)
    const texts = JSON.stringify(erased.filter(({ salt }) => salt === undefined))
    expect(texts).not.toContain('User::')
    expect(texts).not.toContain('plan')
    expect(texts).toContain('viewer')
  })

  test('cannot be guessed back: the same member of two records looks different', () => {
    const [one, two] = erased.filter(({ salt }) => salt === undefined).map(({ record }) => record['principal'])
    expect(isErased(one)).toBe(true)
    expect(one).not.toEqual(two)
  })

  test('cannot be put back in as something else', async () => {
    const changed = erased.map((entry) =>
      entry.count === 1 ? { ...entry, salt: at(1).salt, record: { ...at(1).record, principal: 'User::"9"' } } : entry,
    )
    expect(await faultsOf(linesOf({ records: changed }))).toEqual([['changed', 1]])
  })

  test('stands with its salt or not at all', async () => {
    expect(await codeOf(() => hashEntry('', { ...at(1), salt: undefined }))).toBe('ERR_FEED_AUDIT')
    const half = entries.map((entry) => (entry.count === 2 ? { ...entry, salt: undefined } : entry))
    expect(await faultsOf(linesOf({ records: half }))).toContainEqual(['malformed', 2])
  })
})

describe('is found:', () => {
  test('any other character in any record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(entries.length - 1), fc.nat(), fc.nat(255), async (index, place, code) => {
        const text = JSON.stringify(entries[index])
        const position = place % text.length
        const changed = text.slice(0, position) + String.fromCharCode(32 + (code % 95)) + text.slice(position + 1)
        fc.pre(changed !== text)
        let line: unknown
        try {
          line = { kind: 'record', ...JSON.parse(changed) }
        } catch {
          return
        }
        // a name that nobody reads may change, if what is read does not
        fc.pre(JSON.stringify(line) !== JSON.stringify({ kind: 'record', ...entries[index] }))
        const lines: unknown[] = linesOf()
        lines[1 + checkpoints.length + index] = line
        expect((await verify(lines)).findings).not.toEqual([])
      }),
      { numRuns: 400 },
    )
  })

  test.each<[string, readonly ChainedEntry[], unknown[]]>([
    ['a missing record', entries.filter(({ count }) => count !== 6), [['missing', 6]]],
    ['several missing ones', entries.filter(({ count }) => count < 5 || count > 8), [['missing', 5]]],
    ['a missing first one', entries.slice(1), [['missing', 1]]],
    ['a record that stands twice', [...entries.slice(0, 6), at(6), ...entries.slice(6)], [['out-of-place', 6]]],
  ])('%s', async (_, records, faults) => {
    expect(await faultsOf(linesOf({ records }))).toEqual(faults)
  })

  test('two that changed places', async () => {
    const records = [...entries.slice(0, 4), at(6), at(5), ...entries.slice(6)]
    expect(await faultsOf(linesOf({ records }))).not.toEqual([])
  })

  test('a changed record whose chain was made again', async () => {
    const changed = entries.map((entry) =>
      entry.count === 3 ? { ...entry, record: { ...entry.record, decision: 'allow' } } : entry,
    )
    expect(await faultsOf(linesOf({ records: rechained(changed) }))).toEqual([
      ['checkpoint-differs', 4],
      ['checkpoint-differs', 9],
    ])
  })

  test('a record put in, and one left out, with the chain made again', async () => {
    const added = [...entries.slice(0, 5), at(5), ...entries.slice(5)]
    expect(await faultsOf(linesOf({ records: rechained(added) }))).toEqual([['checkpoint-differs', 9]])
    const removed = entries.filter(({ count }) => count !== 2)
    expect(await faultsOf(linesOf({ records: rechained(removed) }))).toContainEqual(['checkpoint-differs', 4])
  })

  test('an end that was cut off, by its checkpoint', async () => {
    expect(await faultsOf(linesOf({ records: entries.slice(0, 7) }))).toEqual([['cut', 9]])
  })

  test('an end that was cut off together with its checkpoint, by a guard that remembers it', async () => {
    const { count, hash } = at(9)
    const before = [...checkpoints.slice(0, 1), { kind: 'remembered', by: 'the guard docs', count, hash } as const]
    const lines = linesOf({ records: entries.slice(0, 7), before })
    const { findings } = await verify(lines)
    expect(findings).toEqual([{ fault: 'cut', count: 9, message: expect.stringContaining('the guard docs remembers') }])
    // nobody remembers it: nobody can know
    expect(await faultsOf(linesOf({ records: entries.slice(0, 7), before: checkpoints.slice(0, 1) }))).toEqual([])
  })

  test('other records than a guard remembers', async () => {
    const before = [{ kind: 'remembered', by: 'the guard docs', count: 5, hash: at(6).hash } as const]
    expect(await faultsOf(linesOf({ before }))).toEqual([['checkpoint-differs', 5]])
  })

  test('records that end elsewhere than the database says', async () => {
    expect(await faultsOf(linesOf({ end: { count: 13, hash: at(12).hash } }))).toEqual([['head', 12]])
    expect(await faultsOf(linesOf({ end: { count: 12, hash: at(11).hash } }))).toEqual([['head', 12]])
  })

  test('a beginning that was cut off too early, or where nothing vouches for it', async () => {
    const early = linesOf({ records: entries.slice(4), pruned: at(4) })
    expect(await faultsOf(early, NOON + KEPT_DAYS * 86_400 - 1)).toEqual([['beginning-cut', 4]])
    const nowhere = linesOf({ records: entries.slice(5), pruned: at(5) })
    expect(await faultsOf(nowhere, NOON + KEPT_DAYS * 86_400)).toEqual([['beginning-cut', 5]])
    const forged = linesOf({ records: entries.slice(4), pruned: { count: 4, hash: at(3).hash } })
    expect(await faultsOf(forged, NOON + KEPT_DAYS * 86_400)).toContainEqual(['checkpoint-differs', 4])
  })

  test('a checkpoint that another key signed, of another authority, of another kind', async () => {
    const { count, hash } = at(4)
    const other = await signCheckpoint({ issuer: 'https://other.example', count, hash, atSeconds: NOON }, auditKey)
    const kind = await signJws({ issuer: ISSUER, count, hash, atSeconds: NOON }, auditKey, { type: 'at+jwt' })
    const stranger = await checkpoint(at(4), NOON, strangerKey)
    for (const before of [
      [stranger],
      [{ kind: 'checkpoint', signed: other } as const],
      [{ kind: 'checkpoint', signed: kind } as const],
      [{ kind: 'checkpoint', signed: 'nonsense' } as const],
    ]) {
      expect(await faultsOf(linesOf({ before }))).toEqual([['checkpoint-signature', undefined]])
    }
  })

  test('an export that was cut off, that has no beginning, or that is another one', async () => {
    expect(await faultsOf(linesOf().slice(0, -1))).toEqual([['incomplete', undefined]])
    expect(await faultsOf(linesOf().slice(1))).toContainEqual(['incomplete', undefined])
    expect(await faultsOf([])).toEqual([['incomplete', undefined]])
    const [start, ...rest] = linesOf()
    expect(await faultsOf([{ ...start, issuer: 'https://other.example' }, ...rest])).toEqual([['malformed', undefined]])
    expect(await faultsOf([...linesOf(), 'text', { kind: 'news' }])).toHaveLength(2)
  })
})
