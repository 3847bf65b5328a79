// What runs Rego: modules and data in, the answers of every case out.

import type { OpaObject } from '@cardea/opa'

/** The answers to the requests of each case by its number, as the modules give them. */
export interface RegoAnswers {
  /** A list a request: the decision under `deny`, then under `skip`. */
  readonly results: { readonly [number: string]: readonly (readonly unknown[])[] }
  /** The decision on each document. */
  readonly documents: { readonly [number: string]: readonly unknown[] }
}

export interface RegoEngine {
  readonly name: string
  /** Rejects when the modules are refused, or nothing is answered in time. */
  ask(batch: Batch): Promise<RegoAnswers>
  close(): Promise<void>
}

/** Some hundred cases at once: a module each takes an OPA's compiler less than a question each takes HTTP. */
export interface Batch {
  readonly number: number
  /** By path in a bundle. The answers are `data.parity.all.answers`. */
  readonly modules: ReadonlyMap<string, string>
  /** `data.parity_data.number` is the number. */
  readonly data: OpaObject
}
