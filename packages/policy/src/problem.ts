// What is wrong with a policy or a schema, and where. All problems of all sources are collected, never only the first.

import type { Span } from './syntax/tree.ts'

/**
 * A finding about source text: a stable code, one plain sentence, a place, what else explains it, and how to mend it. All texts are
 * lower case without a full stop, input in backticks.
 */
export interface Problem {
  readonly severity: 'error' | 'warning'
  /** `ERR_POLICY_...`; one row each in docs/errors.md. */
  readonly code: string
  /** What is wrong. Says enough without the source text. */
  readonly message: string
  /** How to mend it, or what to know about it. */
  readonly hint?: string
  /** The place to look at. */
  readonly span?: Span
  /** What stands at `span`, beside its underline: `expected \`;\` here`, `this is a \`String\``. */
  readonly label?: string
  /** Other places that explain it: `the \`(\` is opened here`, `first defined here`. Perhaps in other files. */
  readonly labels?: readonly Label[]
  /** An edit after which this finding is gone and the text says what was most likely meant; for people and editors to take or leave. */
  readonly suggestion?: Suggestion
}

/** A second place of a problem and what stands there. */
export interface Label {
  readonly span: Span
  readonly message: string
}

/** The text of `span` becomes `text`. An empty span inserts, an empty text removes. */
export interface Suggestion {
  readonly span: Span
  readonly text: string
}
