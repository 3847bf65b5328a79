// The file that an operator puts a break-glass statement into. It is signed, so who may read it does not matter; who may write it does,
// as they could put an earlier one back.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { FeedError } from '../errors.ts'
import { BREAK_GLASS_LIMITS } from './break-glass.ts'

/**
 * The text of the file, `undefined` when there is none. A link is followed: a mounted file is often one. Never waits, also not for a pipe.
 * Throws `ERR_FEED_BREAK_GLASS_FILE` for one that cannot be read, is no plain file, is too large, or may be written by others than the
 * user of this process and root.
 */
export function loadBreakGlass(path: string): string | undefined {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new FeedError('ERR_FEED_BREAK_GLASS_FILE', undefined, { cause })
  }
  try {
    checkFile(descriptor)
    return readText(descriptor).trim()
  } catch (cause) {
    if (cause instanceof FeedError) throw cause
    throw new FeedError('ERR_FEED_BREAK_GLASS_FILE', undefined, { cause })
  } finally {
    closeSync(descriptor)
  }
}

function checkFile(descriptor: number): void {
  const { uid, mode, size } = fstatSync(descriptor)
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw refused('is no plain file')
  if (size > MAX_BYTES) throw refused('is too large')
  // where there are no owners there are no modes either
  if (process.getuid === undefined) return
  const isOwn = uid === process.getuid() || uid === 0
  if (!isOwn || (mode & 0o022) !== 0) throw refused('may be written by others than this service and root')
}

/** With room for the end of a line. It may grow while it is read. */
const MAX_BYTES = BREAK_GLASS_LIMITS.textBytes + 2

function readText(descriptor: number): string {
  const bytes = Buffer.alloc(MAX_BYTES + 1)
  let length = 0
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = readSync(descriptor, bytes, length, bytes.length - length, null)
  }
  if (length > MAX_BYTES) throw refused('is too large')
  // what is not ASCII is no statement, and is refused as such
  return bytes.toString('latin1', 0, length)
}

function refused(what: string): FeedError {
  return new FeedError('ERR_FEED_BREAK_GLASS_FILE', `the break-glass file ${what}`)
}
