// What the thread with Cedar's validator is asked and what it answers. Plain data, so that it crosses threads.

import type { SchemaToJsonWithResolvedTypesAnswer, ValidationAnswer } from '@cedar-policy/cedar-wasm/nodejs'

export type CedarCall =
  | { readonly kind: 'schema'; readonly text: string }
  | {
      readonly kind: 'validate'
      readonly schema: string
      /** Text by an id that the answer names. */
      readonly policies: { readonly [id: string]: string }
      readonly templates: { readonly [id: string]: string }
    }

/** What Cedar answers to a call. */
export interface CedarAnswers {
  readonly schema: SchemaToJsonWithResolvedTypesAnswer
  readonly validate: ValidationAnswer
}

/** From the thread: an answer, or that the instance has thrown and cannot be trusted any more. */
export type CedarReply =
  | { readonly kind: 'answer'; readonly answer: CedarAnswers[CedarCall['kind']] }
  | { readonly kind: 'thrown' }
