// The ways to a program, measured in a process of its own.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileBundle, parseBundle } from '@cardea/feed'
import { compileProgram, parsePolicies, type Program, type ProgramOptions, type Schema } from '@cardea/policy'
import { codegen } from '@cardea/policy/codegen'
import { createEdition } from '../../packages/guard/src/edition/edition.ts'

export interface Loaded {
  /** By the clock on the wall. */
  readonly milliseconds: number
  /** That the thread had a core. */
  readonly coreMilliseconds: number
  /** What stays on the heap because of the program, after it has decided. */
  readonly heapBytes: number
}

/** What was loaded, held as a whole while the heap is measured. */
export interface Decides {
  readonly program: Program
}

interface Loader {
  readonly measures: 'parse and index' | 'bundle' | 'bundle to edition'
  load(folder: string, schema: Schema): Decides
}

/** The file that a bundle is loaded from, and the texts that it is built from. */
export const BUNDLE_FILE = 'policies.bundle.json'
export const POLICY_FILE = 'policies.cedar'

export const LOADERS = {
  closures: { measures: 'parse and index', load: (folder, schema) => fromText(folder, { schema }) },
  codegen: { measures: 'parse and index', load: (folder, schema) => fromText(folder, { schema, evaluator: codegen }) },
  bundle: { measures: 'bundle', load: fromBundle },
  edition: { measures: 'bundle to edition', load: toEdition },
} as const satisfies Readonly<Record<string, Loader>>

export type LoaderName = keyof typeof LOADERS

function fromText(folder: string, options: ProgramOptions): Decides {
  const { policies, problems } = parsePolicies(readFileSync(join(folder, POLICY_FILE), 'utf8'))
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '))
  return { program: compileProgram(policies, options) }
}

/** As a guard does that was given a built bundle. */
function fromBundle(folder: string): ReturnType<typeof compileBundle> {
  return compileBundle(parseBundle(readFileSync(join(folder, BUNDLE_FILE))))
}

/** The same, and what a guard must know of each action before it decides by it. */
function toEdition(folder: string): Decides {
  const { content, program, schema } = fromBundle(folder)
  const sources = new Map(content.policies.map(({ file, text }) => [file, text]))
  return createEdition({ program, schema, sources, plans: content.plans })
}
