// `load`: from files to a program that can decide, and what it holds in memory. Each run is a process of its own, because a service
// loads once and cold: median of five.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildBundle, printBundle } from '@cardea/feed'
import { parsePolicies, type SchemaDefinition } from '@cardea/policy'
import { cedarOf } from '../decide/reference/cedar.ts'
import { referenceOf } from '../decide/reference/reference.ts'
import { BUSY, median, type MeasureOptions } from '../harness.ts'
import { type Figure, type Results, round } from '../report.ts'
import { BUNDLE_FILE, LOADERS, type Loaded, type LoaderName, POLICY_FILE } from './loaders.ts'

const POLICIES = 10_000
const RUNS = 5

/** On a busy machine the time is that of the thread alone; collectors and compilers that run beside it are then not counted. */
export async function benchLoad({ measuring }: { readonly measuring: MeasureOptions }): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), 'cardea-load-'))
  try {
    const { policies, ...workload } = cedarOf(referenceOf(POLICIES))
    const text = policies.map((policy) => policy.text).join('\n')
    await writeFile(join(folder, POLICY_FILE), text)
    await writeFile(join(folder, BUNDLE_FILE), bundleText(text, workload.schema))
    await writeFile(join(folder, 'workload.json'), JSON.stringify(workload))
    const figures: Figure[] = []
    for (const loader of Object.keys(LOADERS) as LoaderName[])
      figures.push(...(await measureLoader(loader, folder, measuring === BUSY)))
    return { figures }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The claims plan names nothing: it is carried along and never read here. */
function bundleText(text: string, schema: SchemaDefinition): string {
  const source = { file: POLICY_FILE, text }
  return printBundle(
    buildBundle({
      producer: 'bench',
      digest: 'sha256:0',
      forbidErrors: 'deny',
      schema,
      schemaSource: { file: 'schema.cedarschema', text: '' },
      policies: [source],
      program: parsePolicies(text, { file: POLICY_FILE }).policies,
      plans: [{ digest: 'sha256:0', principals: {}, templates: [] }],
    }),
  )
}

async function measureLoader(subject: LoaderName, folder: string, isBusy: boolean): Promise<Figure[]> {
  const runs: Loaded[] = []
  for (let run = 0; run < RUNS; run += 1) runs.push(await runChild(subject, folder))
  const of = (part: keyof Loaded): number => round(median(runs.map((run) => run[part])))
  return [
    {
      bench: 'load',
      case: LOADERS[subject].measures,
      subject,
      value: of(isBusy ? 'coreMilliseconds' : 'milliseconds'),
      unit: 'ms',
    },
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
