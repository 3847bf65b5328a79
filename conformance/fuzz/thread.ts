// One thread of the fuzzer: every n-th scenario of a seed, so that the threads together make the scenarios that one would make.

import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { storeFound } from './found.ts'
import { createFuzzer, type Fuzzer, type Tally } from './fuzzer.ts'
import { makeScenario } from './scenario.ts'

export interface ThreadOptions {
  readonly seed: number
  readonly seconds: number
  readonly first: number
  readonly step: number
  /** Where a shrunk disagreement is saved. */
  readonly file: string
  /** Not 0 when a thread has found something. */
  readonly stop: Int32Array
}

export interface ThreadResult {
  readonly tally: Tally
  readonly crashes: number
  readonly found: Found | undefined
}

export interface Found {
  readonly text: string
  /** Whether it could be saved: what Cedar refuses has no answers to save. */
  readonly isSaved: boolean
  readonly policies: readonly string[]
}

export function runThread(options: ThreadOptions, fuzzer: Fuzzer = createFuzzer()): ThreadResult {
  const { seed, seconds, first, step, stop, file } = options
  const end = performance.now() + seconds * 1000
  for (let number = first; performance.now() < end && Atomics.load(stop, 0) === 0; number += step) {
    const disagreement = fuzzer.compare(makeScenario(seed, number))
    if (disagreement === undefined) continue
    Atomics.store(stop, 0, 1)
    const tally = { ...fuzzer.tally }
    const { scenario, text } = fuzzer.shrink(disagreement)
    const found = fuzzer.answered(scenario)
    if (found !== undefined) storeFound(found, file)
    const policies = scenario.policies.map((policy) => policy.text)
    return { tally, crashes: fuzzer.crashes, found: { text, isSaved: found !== undefined, policies } }
  }
  return { tally: fuzzer.tally, crashes: fuzzer.crashes, found: undefined }
}

if (parentPort !== null && isThreadOptions(workerData)) send(parentPort, runThread(workerData))

function send(port: MessagePort, result: ThreadResult): void {
  port.postMessage(result)
}

/** Under a test runner this module is loaded in a thread that is none of ours. */
function isThreadOptions(data: unknown): data is ThreadOptions {
  return typeof data === 'object' && data !== null && 'seed' in data && 'stop' in data
}
