// The text and the place of policies, by id, on one side.

import { positionOf } from '@cardea/policy'
import type { Side } from './load-side.ts'

export interface PolicyText {
  readonly id: string
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

export function policyTexts({ world, sources }: Side): ReadonlyMap<string, PolicyText> {
  const texts = new Map(sources.policies.map(({ file, text }) => [file, text]))
  return new Map(
    world.policies.map(({ id, span }) => {
      const text = texts.get(span.file) ?? ''
      const { line } = positionOf(text, span.start)
      return [id, { id, file: span.file, line, text: text.slice(span.start, span.end) }]
    }),
  )
}
