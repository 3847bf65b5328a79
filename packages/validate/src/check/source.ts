// A text of policies or of a schema, by the name of its file.

import type { Policy } from '@cardea/policy'

export interface Source {
  readonly file: string
  readonly text: string
}

/** A parsed policy with the slice of text that it was parsed from. */
export interface PolicyText {
  readonly policy: Policy
  readonly id: string
  readonly isTemplate: boolean
  readonly file: string
  readonly text: string
  /** Code units before it in its file. */
  readonly offset: number
}
