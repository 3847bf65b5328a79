// `load`: from files to a program that can decide, and what it holds in memory. Each run is a process of its own, because a service
// loads once and cold: median of five.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cedarOf } from '../decide/reference/cedar.ts'
import { referenceOf } from '../decide/reference/reference.ts'
import { median } from '../harness.ts'
import { type Figure, type Results, round } from '../report.ts'
import { LOADERS, type Loaded, type LoaderName } from './loaders.ts'

const POLICIES = 10_000
const RUNS = 5

export async function benchLoad(): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), 'cardea-load-'))
  try {
    const { policies, ...workload } = cedarOf(referenceOf(POLICIES))
    await writeFile(join(folder, 'policies.cedar'), policies.map(({ text }) => text).join('\n'))
    await writeFile(join(folder, 'workload.json'), JSON.stringify(workload))
    const figures: Figure[] = []
    for (const loader of Object.keys(LOADERS) as LoaderName[]) figures.push(...(await measureLoader(loader, folder)))
    return { figures }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function measureLoader(subject: LoaderName, folder: string): Promise<Figure[]> {
  const runs: Loaded[] = []
  for (let run = 0; run < RUNS; run += 1) runs.push(await runChild(subject, folder))
  const of = (part: keyof Loaded): number => round(median(runs.map((run) => run[part])))
  return [
    { bench: 'load', case: LOADERS[subject].measures, subject, value: of('milliseconds'), unit: 'ms' },
    { bench: 'load', case: 'heap per policy', subject, value: round(of('heapBytes') / POLICIES), unit: 'bytes' },
  ]
}

async function runChild(loader: LoaderName, folder: string): Promise<Loaded> {
  const child = fileURLToPath(new URL('child.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--conditions=@cardea/source',
    child,
    loader,
    folder,
  ])
  return JSON.parse(stdout) as Loaded
}
