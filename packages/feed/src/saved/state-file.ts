// The file that a guard's state lies in: its owner's alone, replaced as a whole through a second file, and added to line by line.
// One process a file.

import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FeedError } from '../errors.ts'
import { MAX_STATE_BYTES } from './saved-state.ts'

export interface StateFile {
  /** Goes on behind what was read. The text is with the system when this returns: the end of the process loses nothing of it. */
  append(text: string): void
  /** Bytes of the file that is written to now. */
  readonly sizeBytes: number
  /**
   * Puts the text in the place of all that was, durably; until then the old file stays as it is and is added to. `rest` is asked for
   * what has to follow the text; `onReplaced` is called at the moment from which `append` adds to the new file.
   */
  replace(text: string, rest: () => string, onReplaced: () => void): Promise<void>
  /** Resolves when what was appended is on the disk. */
  sync(): Promise<void>
  /** Takes the file away: what it says is not true any more. */
  discard(): void
  close(): Promise<void>
}

/**
 * The content of the file, empty when there is none. Throws `ERR_FEED_STATE_FILE` for one that cannot be read, that is no plain file,
 * or that others than its owner may read or write.
 */
export function loadStateFile(path: string): Uint8Array {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return new Uint8Array()
    throw new FeedError('ERR_FEED_STATE_FILE', undefined, { cause })
  }
  try {
    const { uid, mode, size } = fstatSync(descriptor)
    const isPlain = (mode & constants.S_IFMT) === constants.S_IFREG && size <= MAX_STATE_BYTES
    // where there are no owners there are no modes either
    const isOwn = process.getuid === undefined || (uid === process.getuid() && (mode & 0o077) === 0)
    if (!isPlain) throw new FeedError('ERR_FEED_STATE_FILE', 'the saved state is no plain file, or too large')
    if (!isOwn) throw new FeedError('ERR_FEED_STATE_FILE', 'others than this service may read or write the saved state')
    return readFileSync(descriptor)
  } catch (cause) {
    if (cause instanceof FeedError) throw cause
    throw new FeedError('ERR_FEED_STATE_FILE', undefined, { cause })
  } finally {
    closeSync(descriptor)
  }
}

/** Writes to the file. `sizeBytes`: of a file that is there and is gone on with, otherwise 0. */
export function createStateFile(path: string, sizeBytes: number): StateFile {
  const nextPath = `${path}.new`
  let handle: FileHandle | undefined
  let descriptor: number | undefined =
    sizeBytes === 0 ? undefined : openSync(path, constants.O_WRONLY | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0))
  let written = sizeBytes

  /** Closes what is written to now; a handle may still be synced by somebody, and that fails for itself. */
  function release(): void {
    const [oldHandle, oldDescriptor] = [handle, descriptor]
    handle = undefined
    descriptor = undefined
    if (oldHandle !== undefined) void oldHandle.close().catch(() => undefined)
    else if (oldDescriptor !== undefined) closeSync(oldDescriptor)
  }

  return {
    get sizeBytes() {
      return written
    },
    append(text) {
      if (descriptor !== undefined) written += writeAll(descriptor, text)
    },
    async replace(text, rest, onReplaced) {
      rmSync(nextPath, { force: true })
      const next = await open(nextPath, 'wx', 0o600)
      try {
        await next.writeFile(text)
        const size = Buffer.byteLength(text) + writeAll(next.fd, rest())
        await next.sync()
        // what came while it was synced
        const all = size + writeAll(next.fd, rest())
        renameSync(nextPath, path)
        release()
        handle = next
        descriptor = next.fd
        written = all
        onReplaced()
      } catch (error) {
        if (handle !== next) await next.close().catch(() => undefined)
        throw error
      }
      await syncFolder(dirname(path))
    },
    async sync() {
      await handle?.datasync()
    },
    discard() {
      release()
      written = 0
      rmSync(path, { force: true })
      rmSync(nextPath, { force: true })
    },
    async close() {
      const last = handle
      handle = undefined
      if (last !== undefined) {
        descriptor = undefined
        try {
          await last.sync()
        } finally {
          await last.close()
        }
      } else release()
    },
  }
}

/** A file's name is durable when its folder is; a system that cannot do this says so, and keeps names by itself. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}

function writeAll(descriptor: number, text: string): number {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; ) from += writeSync(descriptor, bytes, from)
  return bytes.length
}
