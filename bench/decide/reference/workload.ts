// The reference workload, for every subject.

import type { MakeSubject, Workload } from '../workload.ts'
import { casbin } from './casbin.ts'
import { caslBuilt, caslCached } from './casl.ts'
import { cedarOf } from './cedar.ts'
import { cedarling } from './cedarling.ts'
import { handWritten } from './hand-written.ts'
import { FIXED_POLICIES, referenceOf } from './reference.ts'

export function referenceWorkload(size: number): Workload {
  const data = referenceOf(size)
  return {
    name: 'reference',
    size,
    cedar: cedarOf(data),
    peers: new Map<string, MakeSubject>([
      ['hand-written', () => handWritten(data)],
      ['casl-cached', () => caslCached(data)],
      ['casl-built', () => caslBuilt(data)],
      ['casbin', () => casbin(data)],
      ['cedarling', () => cedarling(data)],
    ]),
  }
}

/** The smallest reference workload with policies that no index can narrow, for those that have an index or are Cedar's own. */
export function unindexableWorkload(count: number): Workload {
  return { name: 'unindexable', size: count, cedar: cedarOf(referenceOf(FIXED_POLICIES + 2), count), peers: new Map() }
}
