// `child.ts LOADER FOLDER`: loads once, decides once each request, prints what it took as JSON.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSchema, decide } from '@cardea/policy'
import { requestsOf } from '../decide/ours.ts'
import type { CedarWorkload } from '../decide/workload.ts'
import { type Loaded, LOADERS, type LoaderName } from './loaders.ts'

const [name, folder = ''] = process.argv.slice(2)
const { load } = LOADERS[name as LoaderName]
const workload = JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8')) as Omit<CedarWorkload, 'policies'>
const schema = createSchema(workload.schema)
const requests = requestsOf(workload, schema)

const before = heapBytes()
const started = performance.now()
const startedCore = process.threadCpuUsage()
const loaded = load(folder, schema)
const core = process.threadCpuUsage(startedCore)
const milliseconds = performance.now() - started
const coreMilliseconds = (core.user + core.system) / 1000
// a program that puts work off until it is asked must not look smaller for it
const allowed = requests.filter((request) => decide(loaded.program, request).decision === 'allow').length
if (allowed === 0 || allowed === requests.length)
  throw new Error(`${allowed} of ${requests.length} requests are allowed`)
const figures: Loaded = { milliseconds, coreMilliseconds, heapBytes: heapBytes() - before }
// what was loaded must be alive until here
console.log(JSON.stringify(figures, null, Object.keys(loaded).length === 0 ? 2 : 0))

function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('needs --expose-gc')
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}
