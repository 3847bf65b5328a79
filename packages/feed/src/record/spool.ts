// Decision records in a file, one JSON object a line, until the authority has them: what a restart must not lose. Everything is
// synchronous, so that a record is with the operating system before its decision is given. It is not forced to the disk: a restart or a
// crash of the service loses nothing, a power failure may lose the last seconds.
// INVARIANT: bounded in bytes, its owner's alone, written by one process, and a line in it is whole or not there.

import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { FeedError } from '../errors.ts'
import type { DecisionRecord } from './decision-record.ts'
import { readRecord } from './read-record.ts'

export interface SpoolOptions {
  /** Made if it is not there; its folder must be. One file a process. */
  readonly file: string
  /** The most that it grows to. Default 64 MiB. */
  readonly maxBytes?: number
  /** Called when a record cannot be written, once when the file cannot be used any more, and for lines that are no records. */
  readonly onError?: (error: FeedError) => void
  /** For tests. */
  readonly write?: (descriptor: number, bytes: Uint8Array) => number
}

export interface Spool {
  /**
   * Writes a record, whole or not at all; false when there is no room or the file cannot be used. A quarter of the bytes is for records
   * that must be kept (`reserved`), so that nobody fills it with others.
   */
  append(record: DecisionRecord, reserved?: boolean): boolean
  /** The oldest records, all of one start, as many as `limit`. Empty when there are none, or none can be read. */
  head(limit: number): readonly DecisionRecord[]
  /** Forgets what `head` gave last. */
  drop(): void
  readonly isEmpty: boolean
  /** Lines that were no records, since this was asked last. */
  takeDamaged(): number
  close(): void
}

export const SPOOL_BYTES = { default: 67_108_864, least: 65_536 } as const

const SHARED = 0.75
const CHUNK_BYTES = 262_144
const NEW_LINE = 0x0a
/** A link in the place of the file is not followed. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)

/** Throws `ERR_FEED_SPOOL` for a file that cannot be had, that is no plain file, or that is somebody else's. */
export function createSpool(options: SpoolOptions): Spool {
  const { file, maxBytes = SPOOL_BYTES.default, onError = () => {}, write = writeSync } = options
  const temporary = `${file}.new`
  let descriptor = openOwn(file)
  let size = fstatSync(descriptor).size
  /** Bytes at the beginning that the authority has. */
  let taken = 0
  /** Where the records that `head` gave end. */
  let given = 0
  let damaged = 0
  let isUsable = true
  let isClosed = false
  // what a former compaction left behind when it was ended
  rmSync(temporary, { force: true })
  cutHalfLine()

  /** A line without its end was under way when the process ended. */
  function cutHalfLine(): void {
    const end = lastLineEnd()
    if (end === size) return
    ftruncateSync(descriptor, end)
    size = end
    tellDamaged(1)
  }

  function lastLineEnd(): number {
    for (let end = size; end > 0; end -= Math.min(end, CHUNK_BYTES)) {
      const begin = Math.max(0, end - CHUNK_BYTES)
      const at = read(begin, end).lastIndexOf(NEW_LINE)
      if (at !== -1) return begin + at + 1
    }
    return 0
  }

  function read(begin: number, end: number): Buffer {
    const bytes = Buffer.allocUnsafe(end - begin)
    let filled = 0
    while (filled < bytes.length) {
      const count = readSync(descriptor, bytes, filled, bytes.length - filled, begin + filled)
      if (count === 0) throw new Error('the file is shorter than it was')
      filled += count
    }
    return bytes
  }

  function tellDamaged(lines: number): void {
    damaged += lines
    onError(new FeedError('ERR_FEED_SPOOL_DAMAGED', undefined, { hint: `${lines} in \`${file}\`` }))
  }

  /** Nothing is written over what somebody else wrote: two processes would take each other's records out. */
  function checkOwn(): void {
    if (fstatSync(descriptor).size !== size) throw new Error('another process writes to it, or it was changed by hand')
  }

  /** Does it, or says once that the file is lost; what is in it stays there for the next start. */
  function attempt<T>(work: () => T, otherwise: T): T {
    if (!isUsable) return otherwise
    try {
      return work()
    } catch (cause) {
      isUsable = false
      onError(new FeedError('ERR_FEED_SPOOL', undefined, { cause, hint: HINT }))
      return otherwise
    }
  }

  function appendBytes(bytes: Uint8Array): boolean {
    checkOwn()
    let cause: unknown
    try {
      if (write(descriptor, bytes) === bytes.length) {
        size += bytes.length
        return true
      }
    } catch (error) {
      cause = error
    }
    // a full disk, which may have room again for the next one
    ftruncateSync(descriptor, size)
    onError(
      new FeedError('ERR_FEED_SPOOL', 'a decision record could not be written to its file', { cause, hint: HINT }),
    )
    return false
  }

  /** Lines from `begin` on, as many as a chunk holds and at least one. */
  function linesFrom(begin: number): readonly Buffer[] {
    for (let length = CHUNK_BYTES; ; length *= 2) {
      const bytes = read(begin, Math.min(size, begin + length))
      const lines = splitLines(bytes)
      if (lines.length > 0) return lines
      if (begin + bytes.length === size) return [bytes]
    }
  }

  function readHead(limit: number): readonly DecisionRecord[] {
    const records: DecisionRecord[] = []
    given = taken
    while (given < size && records.length < limit) {
      for (const line of linesFrom(given)) {
        const record = readRecord(line.toString('utf8'))
        if (record === undefined) {
          if (records.length > 0) return records
          tellDamaged(1)
          taken += line.length
        } else {
          if (records.length === limit || record.start !== (records[0] ?? record).start) return records
          records.push(record)
        }
        given += line.length
      }
    }
    if (taken === size) empty()
    return records
  }

  function drop(): void {
    taken = given
    if (taken === size) empty()
    else if (taken >= maxBytes / 2) compact()
  }

  function empty(): void {
    checkOwn()
    ftruncateSync(descriptor, 0)
    size = 0
    taken = 0
    given = 0
  }

  /** Room again, although the file is never quite empty. */
  function compact(): void {
    checkOwn()
    const rest = read(taken, size)
    rmSync(temporary, { force: true })
    const next = openOwn(temporary)
    if (!writeAll(next, rest)) {
      // no room for both: it goes on as it is, until all of it was taken
      closeSync(next)
      rmSync(temporary, { force: true })
      return
    }
    renameSync(temporary, file)
    closeSync(descriptor)
    descriptor = next
    size = rest.length
    taken = 0
    given = 0
  }

  function writeAll(to: number, bytes: Uint8Array): boolean {
    try {
      for (let at = 0; at < bytes.length; ) at += write(to, bytes.subarray(at))
      return true
    } catch {
      return false
    }
  }

  return {
    append(record, reserved = false) {
      return attempt(() => {
        const bytes = Buffer.from(`${JSON.stringify(record)}\n`)
        const room = reserved ? maxBytes : Math.floor(maxBytes * SHARED)
        return size + bytes.length <= room && appendBytes(bytes)
      }, false)
    },
    head: (limit) => attempt(() => readHead(limit), []),
    drop: () => attempt(drop, undefined),
    get isEmpty() {
      return !isUsable || taken === size
    },
    takeDamaged() {
      const lines = damaged
      damaged = 0
      return lines
    },
    close() {
      if (isClosed) return
      isClosed = true
      isUsable = false
      closeSync(descriptor)
    },
  }
}

const HINT =
  'give every process a file of its own, on a disk with room; until then records are counted, and actions whose records must be kept are denied'

/** Its owner's alone. Throws `ERR_FEED_SPOOL`. */
function openOwn(file: string): number {
  let descriptor: number | undefined
  try {
    descriptor = openSync(file, FLAGS, OWNER_ONLY)
    const { uid } = fstatSync(descriptor)
    if (!fstatSync(descriptor).isFile()) throw new Error('it is no plain file')
    // what somebody else put there would be read as ours, and he could read what we write
    if (process.getuid !== undefined && uid !== process.getuid()) throw new Error('it belongs to another user')
    fchmodSync(descriptor, OWNER_ONLY)
    return descriptor
  } catch (cause) {
    if (descriptor !== undefined) closeSync(descriptor)
    throw new FeedError('ERR_FEED_SPOOL', `the file for decision records cannot be used: \`${file}\``, {
      cause,
      hint: 'a plain file in a folder of this service, which no other process writes to',
    })
  }
}

const OWNER_ONLY = 0o600

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let begin = 0
  for (let end = bytes.indexOf(NEW_LINE); end !== -1; end = bytes.indexOf(NEW_LINE, begin)) {
    lines.push(bytes.subarray(begin, end + 1))
    begin = end + 1
  }
  return lines
}
