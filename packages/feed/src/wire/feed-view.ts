// What a guard sees of the log: the whole, or what can touch tokens of its tenants. INVARIANT: a guard takes tokens of the tenants of
// its view alone, as it hears nothing of the others.

import { FeedError } from '../errors.ts'
import { isSubjectKey } from '../revocation/subject-names.ts'
import { isObject, isText, isTexts } from './json.ts'

export interface FeedView {
  /** Equal for equal views of one authority; `undefined` for the whole log. A position means something in its own view only. */
  readonly id: string | undefined
  /** `undefined`: all of them. A token without a tenant is in every view. */
  readonly tenants: readonly string[] | undefined
  /** With it people are named in entries (revocation/subject-names.ts); the same for an epoch. */
  readonly subjectKey: string
}

/** As it stands in a snapshot and in a kept state. Throws `ERR_FEED_EVENT`. */
export function readFeedView(json: unknown): FeedView {
  if (!isObject(json) || !isSubjectKey(json['subjectKey'])) throw malformed()
  const { id, tenants, subjectKey } = json
  if (isAbsent(id) && isAbsent(tenants)) return Object.freeze({ id: undefined, tenants: undefined, subjectKey })
  if (!isText(id) || !isTexts(tenants)) throw malformed()
  return Object.freeze({ id, tenants: Object.freeze([...tenants]), subjectKey })
}

function isAbsent(json: unknown): json is null | undefined {
  return json === null || json === undefined
}

function malformed(): FeedError {
  return new FeedError('ERR_FEED_EVENT', 'a snapshot does not say what is seen of the log')
}
