// The thread that loads the module of the mappings, looks for policies that a list cannot express as a query, and says what the mappings
// supply. It has a module cache of its own, so that `cardea dev` sees the module and the generated schema as they are on disk.

import { parentPort, workerData } from 'node:worker_threads'
import { checkTranslatable } from '@cardea/data'
import { createSchema } from '@cardea/policy'
import { type EntityMapping } from '@cardea/policy/mapping'
import type { MappingReply, MappingTask } from './check-lists.ts'
import { supplyOf } from './supply-of.ts'

const port = parentPort
if (port === null) throw new TypeError('this module is the entry of a worker thread')

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `check-lists.ts` starts this thread, with nothing else
port.postMessage(await look(workerData as MappingTask))

async function look({ url, policies, definition, actions }: MappingTask): Promise<MappingReply> {
  try {
    const exported: object = await import(url)
    const mappings = Object.values(exported).filter(isMapping)
    if (mappings.length === 0) return { kind: 'failed', reason: 'it exports no entity mapping' }
    const options = actions === undefined ? {} : { actions }
    const problems = checkTranslatable(policies, createSchema(definition), mappings, options)
    return { kind: 'checked', problems, supply: supplyOf(mappings, Object.values(exported)) }
  } catch (error) {
    // a code frame of a stack could show anything; the message says what is wrong
    return { kind: 'failed', reason: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) }
  }
}

/** What `mapEntity` makes: a function that knows its table and columns. */
function isMapping(value: unknown): value is EntityMapping {
  return (
    typeof value === 'function' && ['type', 'table', 'columns', 'definition', 'schema'].every((name) => name in value)
  )
}
