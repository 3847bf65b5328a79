// What is wrong with a policy or a schema, and where. All problems of all sources are collected, never only the first.

import type { Span } from './syntax/tree.ts'

/** A finding about source text: a stable code, one plain sentence, a place, and how to mend it. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  /** `ERR_POLICY_...`; one row each in docs/errors.md. */
  readonly code: string
  /** Lower case, no full stop, input in backticks. */
  readonly message: string
  readonly hint?: string
  readonly span?: Span
}
