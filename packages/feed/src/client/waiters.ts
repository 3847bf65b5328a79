// Who waits for a position, and until when.

import type { Position } from '../position.ts'

export interface Waiters {
  /** True when the position was reached in time. */
  wait(position: Position, timeoutMilliseconds: number): Promise<boolean>
  /** Something was applied. */
  check(): void
  readonly size: number
  close(): void
}

interface Waiter {
  readonly position: Position
  end(reached: boolean): void
}

export function createWaiters(hasReached: (position: Position) => boolean): Waiters {
  const waiters = new Set<Waiter>()
  return {
    wait(position, timeoutMilliseconds) {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const waiter: Waiter = {
        position,
        end(reached) {
          clearTimeout(timer)
          waiters.delete(waiter)
          resolve(reached)
        },
      }
      const timer = setTimeout(() => waiter.end(false), timeoutMilliseconds)
      waiters.add(waiter)
      return promise
    },
    check() {
      for (const waiter of waiters) if (hasReached(waiter.position)) waiter.end(true)
    },
    get size() {
      return waiters.size
    },
    close() {
      for (const waiter of waiters) waiter.end(false)
    },
  }
}
