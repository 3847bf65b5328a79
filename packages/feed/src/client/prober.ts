// Asks for the head again and again, because nothing else proves freshness: an open stream may be silent, buffered or dead.

import type { Setting } from './setting.ts'
import { wait } from './timer.ts'

export interface Prober {
  start(): void
  /** Asks now, or right after the question that is on its way: its answer may be from before. */
  probe(): void
  done(): Promise<void>
}

export interface ProberOptions {
  readonly intervalMilliseconds: number
  /** Whether somebody waits for a position: then the next question comes soon. */
  readonly isAwaited: () => boolean
  readonly onProven: () => void
  /** The head is ahead, and the stream did not bring what lies between. */
  readonly onMissed: () => void
}

/** How long events may be behind the answer to a question: they travel by another connection. */
const GRACE_MILLISECONDS = 300
const AWAITED_MILLISECONDS = 50

export function createProber(setting: Setting, options: ProberOptions): Prober {
  const { authority, audience, replica, applied, signal, report } = setting
  let running: Promise<void> | undefined
  let asked = false
  let pause = new AbortController()
  let isWatched = false

  async function ask(): Promise<void> {
    if (replica.position === undefined) return
    const question = replica.ask()
    const outcome = replica.applyHead(await authority.head(audience, signal, applied()), question)
    if (outcome === 'gap') options.onMissed()
    else if (outcome === 'behind') void watch()
    else options.onProven()
  }

  /** Gives the stream a moment, then has a snapshot taken instead. */
  async function watch(): Promise<void> {
    if (isWatched) return
    isWatched = true
    const passed = await wait(GRACE_MILLISECONDS, signal)
    isWatched = false
    if (passed && replica.isBehind) options.onMissed()
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      asked = false
      try {
        await ask()
      } catch (cause) {
        if (signal.aborted) return
        report('the head could not be had', cause)
      }
      if (asked) continue
      pause = new AbortController()
      const { intervalMilliseconds } = options
      const milliseconds = options.isAwaited()
        ? Math.min(AWAITED_MILLISECONDS, intervalMilliseconds)
        : intervalMilliseconds
      await wait(milliseconds, AbortSignal.any([signal, pause.signal]))
    }
  }

  return {
    start() {
      running ??= run()
    },
    probe() {
      asked = true
      pause.abort()
    },
    done: async () => running,
  }
}
