// Revision and age of the newest policy of each audience. The row that says it holds the whole bundle, so it is read once after each
// publication and not for each news.

import type { BundleRecord } from '../../store/records.ts'
import type { PolicyMark } from './make-bundles.ts'

export interface PolicyMarks {
  /** Something was published. */
  forget(): void
  /** Reads what is not remembered; `undefined` before the first publication. */
  of(audience: string): (read: () => Promise<BundleRecord | undefined>) => Promise<PolicyMark | undefined>
}

export function createPolicyMarks(): PolicyMarks {
  const marks = new Map<string, PolicyMark>()
  let publications = 0
  return {
    forget() {
      publications += 1
      marks.clear()
    },
    of: (audience) => async (read) => {
      const known = marks.get(audience)
      if (known !== undefined) return known
      const before = publications
      const record = await read()
      if (record === undefined) return undefined
      const mark = { revision: record.revision, sinceSeconds: record.createdAtSeconds }
      // what was read may be older than a publication that was heard of meanwhile
      if (publications === before) marks.set(audience, mark)
      return mark
    },
  }
}
