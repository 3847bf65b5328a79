// The ways to a program, measured in a process of its own.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileProgram, parsePolicies, type Program, type Schema } from '@cardea/policy'

export interface Loaded {
  readonly milliseconds: number
  /** What stays on the heap because of the program, after it has decided. */
  readonly heapBytes: number
}

interface Loader {
  readonly measures: 'parse and index' | 'bundle'
  load(folder: string, schema: Schema): Program
}

export const LOADERS = {
  closures: { measures: 'parse and index', load: (folder, schema) => fromText(folder, { schema }) },
} as const satisfies Readonly<Record<string, Loader>>

export type LoaderName = keyof typeof LOADERS

function fromText(folder: string, options: Parameters<typeof compileProgram>[1]): Program {
  const { policies, problems } = parsePolicies(readFileSync(join(folder, 'policies.cedar'), 'utf8'))
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '))
  return compileProgram(policies, options)
}
