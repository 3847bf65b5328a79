// What all checks of one request share, and what a handler asks.

import type { Value } from '@cardea/policy'
import type { MappedEntity } from '@cardea/policy/mapping'
import type { ActionRule } from '../edition/action-rule.ts'
import type { Ledger } from '../gate/ledger.ts'
import type { Kernel } from '../kernel.ts'
import type { Caller } from './caller.ts'
import type { RequestFacts } from './request-context.ts'

export interface RequestParts {
  readonly kernel: Kernel
  readonly caller: Caller
  readonly facts: RequestFacts
  readonly correlation: string
  readonly ledger: Ledger
  readonly toleranceSeconds: number
}

/** A row or nothing, together with the entity that it is. */
export type Resource = MappedEntity<string, unknown> | undefined

/** What a handler asks: an action that exists, and the context that it gave. */
export interface Question {
  readonly rule: ActionRule
  readonly said: ReadonlyMap<string, Value>
}
