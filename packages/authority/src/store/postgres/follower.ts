// Follows the log of changes, whoever wrote them, and tells of each once and in order.

import type { Position } from '@cardea/feed'
import type { NumberedChange } from '../records.ts'
import type { StoreView } from '../store.ts'

const CHANGES_A_READ = 1000

export interface Follower {
  /** Resolves when all that is committed now was told. */
  catchUp(): Promise<void>
  /** The last position that was told. */
  heard(): Position
}

/** `read` is a consistent read of the store; `tell` must not throw. */
export function createFollower(
  start: Position,
  read: <T>(work: (view: StoreView) => Promise<T>) => Promise<T>,
  tell: (change: NumberedChange, position: Position) => void,
): Follower {
  let heard = start
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  async function readOn(): Promise<void> {
    for (;;) {
      const after = heard
      const [position, changes] = await read(async (view) => {
        const position = await view.position()
        const seq = position.epoch === after.epoch ? after.seq : 0
        return [position, position.seq > seq ? await view.changesAfter(seq, CHANGES_A_READ) : []] as const
      })
      if (position.epoch !== heard.epoch) heard = { epoch: position.epoch, seq: 0 }
      for (const change of changes) {
        heard = { epoch: position.epoch, seq: change.seq }
        tell(change, heard)
      }
      if (changes.length < CHANGES_A_READ) {
        // what was pruned before it was heard matches no living token
        heard = position
        return
      }
    }
  }

  return {
    heard: () => heard,
    catchUp() {
      if (running === undefined) {
        running = readOn().finally(() => (running = undefined))
        return running
      }
      // one that runs may have read already: one more after it is enough for all who ask meanwhile
      next ??= running
        .catch(() => {})
        .then(() => {
          next = undefined
          running = readOn().finally(() => (running = undefined))
          return running
        })
      return next
    },
  }
}
