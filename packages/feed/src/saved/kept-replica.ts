// A replica whose state is kept in a file. INVARIANT: what the guard goes by is in the file before anybody can ask for it, or the
// file says that it is not whole: the highest position is never understated, and a revocation that was heard is not forgotten. Only
// a machine that loses power loses the last second, together with its proof.

import type { Replica } from '../client/replica.ts'
import { wait } from '../client/timer.ts'
import { FeedError } from '../errors.ts'
import { comparePositions, type Position } from '../position.ts'
import type { Moment, SteadyClock } from '../steady-clock.ts'
import {
  beginState,
  type Standing,
  type StateChange,
  type StateLines,
  type StateOwner,
  stateLines,
} from './saved-state.ts'
import type { StateFile } from './state-file.ts'

export interface KeptReplica extends Replica {
  /** From here on what is applied is kept. `begun`: what the file holds, if it is gone on with. */
  keep(file: StateFile, begun: Begun | undefined): void
  /** Resolves when the file that is being written now is there, or has failed. */
  written(): Promise<void>
  /** Writes what is left to write, and ends. */
  close(): Promise<void>
}

export interface KeeperOptions {
  readonly replica: Replica
  readonly owner: StateOwner
  readonly clock: SteadyClock
  readonly report: (message: string, cause: unknown) => void
}

/** The end of a file that is there, and the bundle in it. */
export interface Begun {
  /** `undefined`: it is damaged, and replaced. */
  readonly lastHash: string | undefined
  readonly bundle: string | undefined
  readonly revision: number
}

/** A proof without other news is written this often: what is started from is at most so much older than it need be. */
const PROOF_SECONDS = 5
/** Between two whole files; the old one is not begun with meanwhile. */
const REWRITE_MILLISECONDS = 5000
const SYNC_MILLISECONDS = 1000
/** After a failure of the disk. */
const RETRY_MILLISECONDS = 60_000
/** Lines of changes may take as much room as everything else, and this much at least. */
const LEAST_CHANGES_BYTES = 1_048_576

/** The lines of a file, whether they say everything, and where they go. */
interface Track {
  readonly lines: StateLines
  isWhole: boolean
  put(text: string): void
}

/** Reads and answers like the replica; what is applied is kept. */
export function createKeptReplica({ replica, owner, clock, report }: KeeperOptions): KeptReplica {
  const ending = new AbortController()
  let file: StateFile | undefined
  let current: Track | undefined
  /** Of the file that is being written beside the old one, while it is. */
  let coming: Track | undefined
  let bundle: string | undefined
  let revision = 0
  let wholeBytes = 0
  let written: { readonly moment: Moment; readonly position: Position } | undefined
  let rewriting: Promise<void> | undefined
  let writing: Promise<boolean> | undefined
  let isWanted = false
  let syncing: Promise<void> | undefined

  function standing(): Standing | undefined {
    const { position, checkpoint } = replica
    if (position === undefined) return undefined
    const ageSeconds = replica.ageSeconds()
    return {
      position,
      wallSeconds: clock.mark().wall,
      heardSeconds: clock.heard(),
      ageSeconds: Number.isFinite(ageSeconds) ? ageSeconds : undefined,
      checkpoint,
    }
  }

  function append(change: Pick<StateChange, 'revocation' | 'keys'> = {}): void {
    const now = standing()
    if (now === undefined || file === undefined) return
    written = { moment: clock.mark(), position: now.position }
    try {
      for (const track of [current, coming]) {
        track?.put(track.lines.print({ ...now, ...change, ...(track.isWhole ? {} : { ageSeconds: undefined }) }))
      }
    } catch (cause) {
      fail(cause)
    }
    if (change.revocation !== undefined) syncSoon()
    const isLong = file.sizeBytes > wholeBytes + Math.max(LEAST_CHANGES_BYTES, wholeBytes)
    if (coming === undefined && (current === undefined || isLong)) rewrite()
  }

  /** What changed is more than a line: until everything is written again, no file says it. */
  function appendUnsaid(): void {
    for (const track of [current, coming]) if (track !== undefined) track.isWhole = false
    append()
    rewrite()
  }

  /** A proof is written when it says something new, or the last one gets old. */
  function appendProof(): void {
    const { position } = replica
    const isNew =
      position !== undefined && (written === undefined || comparePositions(written.position, position) !== 0)
    if (isNew || written === undefined || clock.elapsedSince(written.moment) >= PROOF_SECONDS) append()
  }

  function rewrite(): void {
    // without policies there is nothing to begin with
    if (file === undefined || bundle === undefined) return
    isWanted = true
    rewriting ??= keepRewriting().finally(() => {
      rewriting = undefined
    })
  }

  async function keepRewriting(): Promise<void> {
    while (isWanted && !ending.signal.aborted) {
      isWanted = false
      writing = writeWhole()
      const pauseMilliseconds = (await writing) ? REWRITE_MILLISECONDS : RETRY_MILLISECONDS
      await wait(pauseMilliseconds, ending.signal)
    }
  }

  /** Whether it could be. */
  async function writeWhole(): Promise<boolean> {
    const now = standing()
    const target = file
    const { view } = replica
    if (now === undefined || view === undefined || target === undefined) return true
    const { first, lines } = beginState(owner)
    const revocations = replica.revocations.list()
    const { left, keys } = replica
    const whole = lines.print({ ...now, view, left: [...left], keys, bundle, revision, revocations })
    let waiting = ''
    const track: Track = { lines, isWhole: true, put: (text) => void (waiting += text) }
    coming = track
    const rest = (): string => {
      const text = waiting
      waiting = ''
      return text
    }
    try {
      await target.replace(first + whole, rest, () => {
        // after a failure meanwhile it lacks what came since
        if (coming !== track) throw new Error('the file was given up')
        current = { lines, isWhole: track.isWhole, put: (text) => target.append(text) }
        coming = undefined
      })
      wholeBytes = target.sizeBytes
      return true
    } catch (cause) {
      fail(cause)
      return false
    }
  }

  /** A file that cannot be written would say less than is known: it is taken away, and tried again later. */
  function fail(cause: unknown): void {
    current = undefined
    coming = undefined
    report(
      'the state could not be kept',
      new FeedError('ERR_FEED_STATE_FILE', 'the state cannot be written', { cause }),
    )
    try {
      file?.discard()
    } catch {
      // the disk refuses everything: what is there is as old as its last line says
    }
  }

  function syncSoon(): void {
    syncing ??= wait(SYNC_MILLISECONDS, ending.signal)
      .then(() => file?.sync())
      .catch(() => undefined)
      .finally(() => {
        syncing = undefined
      })
  }

  return {
    get position() {
      return replica.position
    },
    get view() {
      return replica.view
    },
    get wanted() {
      return replica.wanted
    },
    get bundle() {
      return replica.bundle
    },
    get checkpoint() {
      return replica.checkpoint
    },
    get proven() {
      return replica.proven
    },
    get isBehind() {
      return replica.isBehind
    },
    get left() {
      return replica.left
    },
    get keys() {
      return replica.keys
    },
    revocations: replica.revocations,
    state: () => replica.state(),
    ageSeconds: () => replica.ageSeconds(),
    ask: () => replica.ask(),
    hasReached: (position) => replica.hasReached(position),
    resume: (saved) => replica.resume(saved),
    applySnapshot(snapshot, question) {
      replica.applySnapshot(snapshot, question)
      appendUnsaid()
    },
    applyEvent(event) {
      const outcome = replica.applyEvent(event)
      if (event.kind === 'revocation') append({ revocation: event.revocation })
      else if (outcome === 'applied') append(event.kind === 'keys' ? { keys: event.jwks } : {})
      return outcome
    },
    applyHead(head, question) {
      const outcome = replica.applyHead(head, question)
      if (outcome === 'proven') appendProof()
      return outcome
    },
    applyBundle(opened, signed) {
      replica.applyBundle(opened, signed)
      bundle = signed
      revision = opened.content.revision
      appendUnsaid()
    },
    keep(into, begun) {
      file = into
      if (begun === undefined) return
      ;({ bundle, revision } = begun)
      wholeBytes = into.sizeBytes
      if (begun.lastHash === undefined) return
      current = { lines: stateLines(begun.lastHash), isWhole: true, put: (text) => into.append(text) }
    },
    written: async () => void (await writing),
    async close() {
      // without a proof of its own this start knows nothing better than what is there
      if (current?.isWhole === true && replica.proven !== undefined) append()
      ending.abort()
      await Promise.all([rewriting, syncing])
      if (current?.isWhole !== true) await writeWhole()
      await file?.close()
    },
  }
}
