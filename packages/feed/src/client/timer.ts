// Waiting that a signal ends early, and that keeps no process alive.

/** True when the time has passed, false when the signal came first. */
export function wait(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const stop = (): void => {
    clearTimeout(timer)
    resolve(false)
  }
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', stop)
    resolve(true)
  }, milliseconds)
  timer.unref()
  signal.addEventListener('abort', stop, { once: true })
  return promise
}
