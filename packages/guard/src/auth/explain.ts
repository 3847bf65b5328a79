// Why a decision came out as it did, for developers: policy ids, places and attribute names; never a value.

import { explain as explainDecision, summarize } from '@cardea/policy/explain'
import type { Edition } from '../edition/edition.ts'
import type { Explanation } from '../problem.ts'
import type { Denial } from './judge.ts'

export function explain(edition: Edition, { reason, request, verdict, problems }: Denial): Explanation {
  if (problems !== undefined) return { reason, line: problems.map(({ message }) => message).join('; ') }
  if (request === undefined || verdict === undefined) return { reason }
  if (verdict.decision === 'allow')
    return { reason, line: 'a fact that the schema requires of the request is not known' }
  const options = { sources: edition.sources, decision: verdict, limit: 1 }
  const { line, change } = summarize(explainDecision(edition.program, request, options))
  return { reason, line, ...(change === undefined ? {} : { change }) }
}
