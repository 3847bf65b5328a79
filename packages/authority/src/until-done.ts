// Work that must be done once after each call, as often as it fails: a database that is away comes back.

import type { Logger } from 'pino'
import { AuthorityError } from './errors.ts'

const AGAIN_MILLISECONDS = 500

/** Begins the work, or has it done once more when it is under way. It ends with the store. */
export function untilDone(work: () => Promise<void>, log: Logger): () => void {
  let isUnderWay = false
  let isDue = false
  return function begin(): void {
    isDue = true
    if (isUnderWay) return
    isUnderWay = true
    isDue = false
    work()
      .catch((error: unknown) => {
        if (error instanceof AuthorityError && error.code === 'ERR_AUTHORITY_CLOSED') return undefined
        log.warn({ err: error }, 'what was changed could not be read; it is tried again')
        isDue = true
        return new Promise<void>((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS).unref())
      })
      .finally(() => {
        isUnderWay = false
        if (isDue) begin()
      })
  }
}
