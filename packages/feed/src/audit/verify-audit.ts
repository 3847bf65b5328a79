// Whether an export of the audit is whole: every record hashes to what is written beside it and follows the one before, the signed checkpoints
// agree, and nobody remembers records that are not there. Reads line by line, in constant memory but for the checkpoints.

import type { KeySource } from '@cardea/token'
import { FeedError } from '../errors.ts'
import { isObject, isSeconds, type Json } from '../wire/json.ts'
import { type AuditHead, type ChainedEntry, hashEntry, readChainedEntry } from './audit-entry.ts'
import { type Checkpoint, openCheckpoint, readHeadOf } from './checkpoint.ts'

/**
 * The lines of an export, in this order: `start` with the last record that was pruned, the checkpoints, what guards remember, the records, and
 * `end` with the end of the chain as the database has it.
 */
export type AuditLine =
  | { readonly kind: 'start'; readonly issuer: string; readonly pruned: AuditHead; readonly keptDays: number }
  | { readonly kind: 'checkpoint'; readonly signed: string }
  | { readonly kind: 'remembered'; readonly by: string; readonly count: number; readonly hash: string }
  | ({ readonly kind: 'record' } & ChainedEntry)
  | ({ readonly kind: 'end' } & AuditHead)

export type AuditFault =
  | 'changed'
  | 'missing'
  | 'out-of-place'
  | 'malformed'
  | 'head'
  | 'checkpoint-signature'
  | 'checkpoint-differs'
  | 'cut'
  | 'beginning-cut'
  | 'incomplete'

export interface AuditFinding {
  readonly fault: AuditFault
  /** The record that it is about. */
  readonly count: number | undefined
  readonly message: string
}

export interface AuditReport {
  readonly records: number
  /** Records whose personal content was erased. */
  readonly erased: number
  readonly checkpoints: number
  /** The newest record that a checkpoint vouches for. */
  readonly vouchedFor: number
  readonly head: AuditHead | undefined
  readonly findings: readonly AuditFinding[]
}

export interface VerifyAuditOptions {
  /** The keys of checkpoints: those of `/v1/audit-keys`, had over a way that is trusted. */
  readonly keys: KeySource
  readonly issuer: string
  readonly now: () => number
}

const MAX_FINDINGS = 100
const DAY_SECONDS = 86_400

export async function verifyAudit(lines: AsyncIterable<unknown>, options: VerifyAuditOptions): Promise<AuditReport> {
  const reading = new Reading(options)
  for await (const line of lines) await reading.take(line)
  return reading.conclude()
}

class Reading {
  readonly #options: VerifyAuditOptions
  readonly #findings: AuditFinding[] = []
  /** By count: what the records up to there must hash to, and who says so. */
  readonly #expected = new Map<number, { readonly hash: string; readonly by: string; readonly fault: AuditFault }[]>()
  #keptDays = 0
  #checkpoints = 0
  #vouchedFor = 0
  #records = 0
  #erased = 0
  #last: AuditHead | undefined
  #end: AuditHead | undefined

  constructor(options: VerifyAuditOptions) {
    this.#options = options
  }

  async take(line: unknown): Promise<void> {
    if (!isObject(line)) return this.#find('malformed', undefined, 'a line is no object')
    try {
      if (line['kind'] === 'record') this.#takeRecord(readChainedEntry(line))
      else if (line['kind'] === 'checkpoint') await this.#takeCheckpoint(line)
      else if (line['kind'] === 'remembered') this.#expect(readHeadOf(line), `${String(line['by'])} remembers`, 'cut')
      else if (line['kind'] === 'start') this.#start(line)
      else if (line['kind'] === 'end') this.#end = readEnd(line)
      else this.#find('malformed', undefined, 'a line is of no known kind')
    } catch (error) {
      if (!(error instanceof FeedError)) throw error
      const isSignature = error.code === 'ERR_FEED_AUDIT_CHECKPOINT'
      const count = isSeconds(line['count']) ? line['count'] : undefined
      this.#find(isSignature ? 'checkpoint-signature' : 'malformed', count, error.message)
    }
  }

  conclude(): AuditReport {
    const last = this.#last
    if (last !== undefined && this.#records === 0) this.#meetBeginning(last)
    if (last === undefined || this.#end === undefined) {
      this.#find('incomplete', undefined, 'the export has no beginning or no end')
    } else if (this.#end.count !== last.count || this.#end.hash !== last.hash) {
      this.#find('head', last.count, 'the records do not end where the database says that they do')
    }
    for (const [count, expectations] of this.#expected) {
      if (count <= (last?.count ?? 0)) continue
      for (const { by } of expectations) this.#find('cut', count, `${by} record ${count}, which is not there any more`)
    }
    return {
      records: this.#records,
      erased: this.#erased,
      checkpoints: this.#checkpoints,
      vouchedFor: this.#vouchedFor,
      head: last,
      findings: this.#findings.toSorted((left, right) => (left.count ?? 0) - (right.count ?? 0)),
    }
  }

  #start({ issuer, pruned, keptDays }: Json): void {
    if (issuer !== this.#options.issuer) this.#find('malformed', undefined, 'it is the export of another authority')
    const isHead = isObject(pruned) && isSeconds(pruned['count']) && typeof pruned['hash'] === 'string'
    if (!isHead || !isSeconds(keptDays)) throw new FeedError('ERR_FEED_AUDIT', 'an export has no beginning')
    this.#last = { count: Number(pruned['count']), hash: String(pruned['hash']) }
    this.#keptDays = keptDays
  }

  async #takeCheckpoint({ signed }: Json): Promise<void> {
    const checkpoint = await openCheckpoint(String(signed), this.#options.keys)
    if (checkpoint.issuer !== this.#options.issuer) throw new FeedError('ERR_FEED_AUDIT_CHECKPOINT')
    this.#checkpoints += 1
    this.#vouchedFor = Math.max(this.#vouchedFor, checkpoint.count)
    this.#beginsRightly(checkpoint)
    this.#expect(checkpoint, 'a signed checkpoint has', 'checkpoint-differs')
  }

  /** Pruning leaves what is not old enough. */
  #beginsRightly({ count, atSeconds }: Checkpoint): void {
    if (count === 0 || count !== this.#last?.count) return
    const isDue = atSeconds <= this.#options.now() - this.#keptDays * DAY_SECONDS
    if (!isDue) this.#find('beginning-cut', count, 'records were removed that were not old enough to be')
  }

  #expect({ count, hash }: AuditHead, by: string, fault: AuditFault): void {
    const expectations = this.#expected.get(count) ?? []
    this.#expected.set(count, [...expectations, { hash, by, fault }])
  }

  #takeRecord(entry: ChainedEntry): void {
    const last = this.#last
    if (last === undefined) throw new FeedError('ERR_FEED_AUDIT', 'a record stands before the beginning')
    if (this.#records === 0) this.#meetBeginning(last)
    this.#records += 1
    if (entry.salt === undefined) this.#erased += 1
    const { count, hash } = entry
    if (count <= last.count)
      return this.#find('out-of-place', count, `record ${count} stands after record ${last.count}`)
    if (count > last.count + 1) this.#findMissing(last.count + 1, count - 1)
    else if (hashEntry(last.hash, entry) !== hash) {
      this.#find('changed', count, `record ${count} is not what was kept, or does not follow the one before it`)
    }
    this.#last = { count, hash }
    this.#meetExpectations(this.#last)
  }

  /** What was pruned ends at a checkpoint, or nobody could say that it was not cut off. */
  #meetBeginning(pruned: AuditHead): void {
    const isVouchedFor = (this.#expected.get(pruned.count) ?? []).some(({ fault }) => fault === 'checkpoint-differs')
    if (pruned.count > 0 && !isVouchedFor) {
      this.#find('beginning-cut', pruned.count, 'records were removed up to one that no checkpoint vouches for')
    }
    this.#meetExpectations(pruned)
  }

  #findMissing(first: number, last: number): void {
    const which = first === last ? `record ${first} is` : `records ${first} to ${last} are`
    this.#find('missing', first, `${which} missing`)
  }

  #meetExpectations({ count, hash }: AuditHead): void {
    for (const { hash: expected, by, fault } of this.#expected.get(count) ?? []) {
      if (expected === hash) continue
      this.#find(fault === 'cut' ? 'checkpoint-differs' : fault, count, `${by} another hash for record ${count}`)
    }
  }

  #find(fault: AuditFault, count: number | undefined, message: string): void {
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push({ fault, count, message })
  }
}

function readEnd({ count, hash }: Json): AuditHead {
  if (!isSeconds(count) || typeof hash !== 'string') throw new FeedError('ERR_FEED_AUDIT', 'an export has no end')
  return { count, hash }
}
