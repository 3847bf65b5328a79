// Plants faults and sees which check catches each. A mutant is never taken for caught when it was not tried: its text must stand
// exactly once in its file, the mutated file must load, and the suite must pass without it.

import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type Fault, plant } from './fault.ts'
import type { Recorded } from './suite/check.ts'
import type { ThreadReport, ThreadTask } from './thread.ts'

const ROOT = new URL('../../', import.meta.url)

export type Outcome =
  | { readonly kind: 'caught'; readonly by: string; readonly failure: string }
  | { readonly kind: 'survived' }
  | { readonly kind: 'not-tried'; readonly problem: string }

/** `limitSeconds`, of the processor: a suite that needs more under a fault is one that never ends, however busy the machine is. */
export async function tryFault(fault: Fault, recorded: Recorded, limitSeconds: number): Promise<Outcome> {
  const path = fileURLToPath(new URL(fault.file, ROOT))
  const source = await readFile(path, 'utf8').catch(() => undefined)
  if (source === undefined) return { kind: 'not-tried', problem: 'its file is not there' }
  const planted = plant(source, fault)
  if ('problem' in planted) return { kind: 'not-tried', problem: planted.problem }
  const report = await runThread(
    { recorded, planted: { url: pathToFileURL(path).href, source: planted.source }, first: fault.first ?? [] },
    limitSeconds,
  )
  switch (report.kind) {
    case 'failed':
      return { kind: 'caught', by: report.check, failure: report.failure }
    case 'passed':
      return { kind: 'survived' }
    case 'not-tried':
      return report
    default:
      return report satisfies never
  }
}

/** The suite without a fault: what is wrong with it, or nothing. */
export async function baseline(recorded: Recorded): Promise<string | undefined> {
  const report = await runThread({ recorded, planted: undefined, first: [] }, 600)
  if (report.kind === 'passed') return report.checks.length === 0 ? 'it has no checks' : undefined
  return report.kind === 'failed' ? `${report.check}: ${report.failure}` : report.problem
}

function runThread(workerData: ThreadTask, limitSeconds: number): Promise<ThreadReport> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('thread.ts', import.meta.url), { workerData })
    const finish = (report: ThreadReport): void => {
      clearInterval(watch)
      resolve(report)
      void worker.terminate()
    }
    const look = async (): Promise<void> => {
      const { user, system } = await worker.cpuUsage()
      const isEndless = user + system > limitSeconds * 1_000_000
      if (isEndless) finish({ kind: 'failed', check: 'time', failure: 'it does not end' })
    }
    // a thread that has ended meanwhile has no usage to tell
    const watch = setInterval(() => void look().catch(() => undefined), 1000)
    worker.once('message', finish)
    worker.once('error', (error) => finish({ kind: 'failed', check: 'crash', failure: String(error) }))
  })
}
