// What a guard says of itself when it asks the authority: which start of it this is, and what it has applied. It rides on the
// questions that are asked anyway, as query parameters that an older authority does not read and an older guard does not send. Who the
// guard is stands in its token alone. INVARIANT: it is a word for operators; nothing is decided by it, and one that does not read is none.

import type { AuditHead } from '../audit/audit-entry.ts'
import { HASH } from '../audit/checkpoint.ts'
import type { Position } from '../position.ts'
import { isSeconds } from './json.ts'

export interface Applied {
  /** Names this start of the guard. */
  readonly start: string
  /** Unix seconds. */
  readonly startedAtSeconds: number
  /** `undefined` before the first snapshot. */
  readonly position: Position | undefined
  /** Of the bundle in force. */
  readonly revision: number | undefined
  /** Since the last round trip that proved the state; `undefined` while it is not whole. */
  readonly ageSeconds: number | undefined
  /** The newest of the audit that it heard of: with it the end of the audit cannot be cut off unseen. */
  readonly checkpoint: AuditHead | undefined
}

/** As query parameters. */
export function appliedQuery(applied: Applied): Record<string, string> {
  const { start, startedAtSeconds, position, revision, ageSeconds, checkpoint } = applied
  return {
    start,
    started: String(Math.floor(startedAtSeconds)),
    ...(position === undefined ? {} : { applied: String(position.seq), applied_epoch: position.epoch }),
    ...(revision === undefined ? {} : { revision: String(revision) }),
    ...(ageSeconds === undefined ? {} : { age: ageSeconds.toFixed(1) }),
    ...(checkpoint === undefined ? {} : { audited: `${checkpoint.count}.${checkpoint.hash}` }),
  }
}

/** `undefined` when nothing is said, or anything of it does not read. */
export function readApplied(query: ReadonlyMap<string, string>): Applied | undefined {
  const start = query.get('start')
  const startedAtSeconds = wholeNumber(query.get('started'))
  if (start === undefined || !NAME.test(start) || startedAtSeconds === undefined) return undefined
  const [seq, epoch] = [query.get('applied'), query.get('applied_epoch')]
  const position = positionOf(seq, epoch)
  const revision = wholeNumber(query.get('revision'))
  const age = query.get('age')
  const checkpoint = checkpointOf(query.get('audited'))
  const isRead =
    (!query.has('audited') || checkpoint !== undefined) &&
    (seq === undefined && epoch === undefined ? true : position !== undefined) &&
    (!query.has('revision') || revision !== undefined) &&
    (age === undefined || AGE.test(age))
  if (!isRead) return undefined
  const ageSeconds = age === undefined ? undefined : Number(age)
  return { start, startedAtSeconds, position, revision, ageSeconds, checkpoint }
}

const NAME = /^[A-Za-z0-9._-]{1,64}$/
const AGE = /^\d{1,9}(?:\.\d)?$/

function checkpointOf(text: string | undefined): AuditHead | undefined {
  const [first, hash = '', ...more] = text?.split('.') ?? []
  const count = wholeNumber(first)
  return count === undefined || !HASH.test(hash) || more.length > 0 ? undefined : { count, hash }
}

function positionOf(seq: string | undefined, epoch: string | undefined): Position | undefined {
  const number = wholeNumber(seq)
  return number === undefined || epoch === undefined || !NAME.test(epoch) ? undefined : { epoch, seq: number }
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:0|[1-9]\d{0,15})$/.test(text)) return undefined
  const number = Number(text)
  return isSeconds(number) ? number : undefined
}
