// All workloads and the sizes at which they are measured.

import { gdrive } from './oopsla/gdrive/workload.ts'
import { github } from './oopsla/github/workload.ts'
import { tinytodo } from './oopsla/tinytodo/workload.ts'
import { referenceWorkload, unindexableWorkload } from './reference/workload.ts'
import type { Workload } from './workload.ts'

/** Numbers of policies of the reference workload. */
const POLICY_COUNTS = [10, 100, 1000, 10_000] as const

/** Numbers of users, and of teams, lists, documents, folders, repositories and organisations. */
const ENTITY_COUNTS = [10, 50] as const

/** Numbers of policies that no index can narrow, beside the ten of the smallest reference workload. */
const UNINDEXABLE_COUNTS = [10, 100, 1000] as const

type Make = () => Workload

/** The reference workload at each size, made when it is asked for. */
export function referenceWorkloads(counts: readonly number[] = POLICY_COUNTS): readonly Make[] {
  return counts.map((count) => () => referenceWorkload(count))
}

/** All others. */
export function otherWorkloads(): readonly Make[] {
  return [
    ...UNINDEXABLE_COUNTS.map((count) => () => unindexableWorkload(count)),
    ...[tinytodo, gdrive, github].flatMap((make) => ENTITY_COUNTS.map((count) => () => make(count))),
  ]
}
