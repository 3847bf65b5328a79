// Begins where an earlier start of the guard had come to. INVARIANT: what was saved opens nothing that it could not have opened then: its
// proof ages by the clock, also over the time in which nothing ran. A clock that is behind the file makes that age unknown; then, as
// with a damaged file, only what takes away is believed until the authority has answered.

import type { Replica } from '../client/replica.ts'
import type { OpenBundle } from '../bundle/bundle.ts'
import { FeedError } from '../errors.ts'
import type { Moment, SteadyClock } from '../steady-clock.ts'
import type { Begun } from './kept-replica.ts'
import { isReplaceable, readState, type SavedState, type StateOwner } from './saved-state.ts'
import { loadStateFile } from './state-file.ts'

export interface BeginOptions {
  readonly path: string
  readonly owner: StateOwner
  readonly replica: Replica
  readonly clock: SteadyClock
  /** Opens a bundle as if it had just been fetched. */
  readonly open: (signed: string) => Promise<OpenBundle>
  /** Says why a file is not begun with. */
  readonly refuse: (error: FeedError) => void
}

export interface Beginning {
  /** How old the proof is; `undefined`: there is none to begin with. */
  readonly ageSeconds: number | undefined
  /** The highest revision that was applied. */
  readonly revision: number
  /** What the file holds. `sizeBytes`: 0 when it cannot be gone on with. */
  readonly begun: (Begun & { readonly sizeBytes: number }) | undefined
  /** The file is something else: nothing may be written there. */
  readonly isForbidden: boolean
}

const NOTHING: Beginning = { ageSeconds: undefined, revision: 0, begun: undefined, isForbidden: false }

/** Never throws for what is in the file: it says so, and begins as without one. */
export async function beginSaved({ path, owner, replica, clock, open, refuse }: BeginOptions): Promise<Beginning> {
  let bytes: Uint8Array
  try {
    bytes = loadStateFile(path)
    if (!isReplaceable(bytes)) {
      refuse(
        new FeedError('ERR_FEED_STATE_FILE', 'the file is no state of a guard; it is left as it is, and none is kept'),
      )
      return { ...NOTHING, isForbidden: true }
    }
    const saved = readState(bytes, owner)
    if (saved === undefined) return NOTHING
    return await resume(saved, bytes.length)
  } catch (cause) {
    refuse(cause instanceof FeedError ? cause : new FeedError('ERR_FEED_STATE', undefined, { cause }))
    return NOTHING
  }

  async function resume(saved: SavedState, sizeBytes: number): Promise<Beginning> {
    const { lastHash, revision } = saved
    const now = clock.mark()
    // the time of the authority goes on from the file, and never from before it
    clock.hear(saved.heardSeconds, { ...now, wall: Math.min(now.wall, saved.wallSeconds) })
    const bundle = await openSaved(saved)
    const proven = provenMoment(saved, now)
    const isUsable = bundle !== undefined && proven !== undefined
    replica.resume({ ...saved, bundle, proven: isUsable ? proven : undefined })
    return {
      ageSeconds: isUsable ? clock.elapsedSince(proven) : undefined,
      revision,
      begun: { lastHash, revision, bundle: saved.bundle, sizeBytes: lastHash === undefined ? 0 : sizeBytes },
      isForbidden: false,
    }
  }

  function provenMoment({ ageSeconds, wallSeconds, lastHash }: SavedState, now: Moment): Moment | undefined {
    if (lastHash === undefined) refuse(new FeedError('ERR_FEED_STATE'))
    else if (!(now.wall >= wallSeconds)) refuse(new FeedError('ERR_FEED_STATE_AHEAD'))
    else if (ageSeconds !== undefined) {
      const age = ageSeconds + (now.wall - wallSeconds)
      return { wall: now.wall - age, monotonic: now.monotonic - age }
    }
    return undefined
  }

  async function openSaved({ bundle }: SavedState): Promise<OpenBundle | undefined> {
    try {
      return bundle === undefined ? undefined : await open(bundle)
    } catch (cause) {
      refuse(cause instanceof FeedError ? cause : new FeedError('ERR_FEED_STATE', undefined, { cause }))
      return undefined
    }
  }
}
