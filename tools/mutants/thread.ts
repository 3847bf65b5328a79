// One run of the quick suite in a thread of its own, with at most one fault planted: the module loader hands out the mutated source in
// place of the file's. Everything that could import the engine is therefore imported after the hook is in place.

import { enableCompileCache, registerHooks } from 'node:module'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { Check, Recorded } from './suite/check.ts'

export interface ThreadTask {
  readonly recorded: Recorded
  /** The file's URL and its source with the fault; absent for the baseline. */
  readonly planted: { readonly url: string; readonly source: string } | undefined
  /** The names of the checks to begin with. */
  readonly first: readonly string[]
}

export type ThreadReport =
  | { readonly kind: 'failed'; readonly check: string; readonly failure: string }
  | { readonly kind: 'passed'; readonly checks: readonly string[] }
  /** The mutated source could not be loaded, or nothing loaded it: no fault was tried. */
  | { readonly kind: 'not-tried'; readonly problem: string }

// the same files hundreds of times; what is kept is found by its content, so a fault is never run from there without being planted
enableCompileCache()
if (parentPort !== null) send(parentPort, await run(workerData as ThreadTask))

async function run({ recorded, planted, first }: ThreadTask): Promise<ThreadReport> {
  let loaded = planted === undefined
  registerHooks({
    load(url, context, nextLoad) {
      const result = nextLoad(url, context)
      if (url !== planted?.url) return result
      loaded = true
      return { ...result, source: planted.source }
    },
  })
  const suite = await import('./suite/suite.ts').catch((error: unknown) => String(error))
  if (typeof suite === 'string') {
    // checks make policies and entities when they are loaded: what the engine refuses of them it has run for
    return loaded && suite.startsWith('PolicyError')
      ? { kind: 'failed', check: 'load', failure: suite }
      : { kind: 'not-tried', problem: `it does not load: ${suite}` }
  }
  if (!loaded) return { kind: 'not-tried', problem: 'nothing loads its file' }
  const place = ({ name }: { readonly name: string }): number =>
    first.includes(name) ? first.indexOf(name) : first.length
  const checks = suite.CHECKS.toSorted((one, other) => place(one) - place(other))
  for (const check of checks) {
    const failure = failureOf(check, recorded)
    if (failure !== undefined) return { kind: 'failed', check: check.name, failure }
  }
  return { kind: 'passed', checks: suite.CHECKS.map(({ name }) => name) }
}

function failureOf(check: Check, recorded: Recorded): string | undefined {
  try {
    return check.run(recorded)
  } catch (error) {
    return `it throws: ${String(error)}`
  }
}

function send(port: MessagePort, report: ThreadReport): void {
  port.postMessage(report)
}
