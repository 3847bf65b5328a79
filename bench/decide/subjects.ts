// Who is measured, by the names that stand in the JSON.

import type { AnySubject } from '../harness.ts'
import { cedarWasm } from './cedar-wasm.ts'
import { closures, generated } from './ours.ts'
import type { MakeSubject, Workload } from './workload.ts'

export const SUBJECTS = [
  'codegen',
  'closures',
  'hand-written',
  'casl-cached',
  'casl-built',
  'casbin',
  'cedar-wasm',
  'cedarling',
] as const

export type SubjectName = (typeof SUBJECTS)[number]

/** The subjects of the workload, of those asked for, in the order of the list. */
export async function subjectsOf(
  { cedar, peers }: Pick<Workload, 'cedar' | 'peers'>,
  only: readonly SubjectName[] = SUBJECTS,
): Promise<AnySubject[]> {
  const makers = new Map<string, MakeSubject>([
    ['codegen', () => generated(cedar)],
    ['closures', () => closures(cedar)],
    ['cedar-wasm', () => cedarWasm(cedar)],
    ...peers,
  ])
  const subjects: AnySubject[] = []
  for (const name of SUBJECTS) {
    const make = only.includes(name) ? makers.get(name) : undefined
    if (make !== undefined) subjects.push(await make())
  }
  return subjects
}
