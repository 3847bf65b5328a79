// What concerns one action, one type of principal and one of resource, whoever the caller is and whatever the resource: policies that
// name no entity, and templates.

import type { Evaluation } from '../operator/evaluation.ts'
import type { Entry, TemplateEntry } from './entry.ts'
import type { Evaluator, RunAll } from './evaluator.ts'
import { count } from './tally.ts'
import type { Tally } from './tally.ts'

export class Bucket {
  /** Policies that name no entity, in order. */
  readonly entries: readonly Entry[]
  /** By the template's id, as a link names it. */
  readonly templates: ReadonlyMap<string, TemplateEntry>
  readonly #evaluator: Evaluator
  #run: RunAll | undefined

  constructor(entries: readonly Entry[], templates: ReadonlyMap<string, TemplateEntry>, evaluator: Evaluator) {
    this.entries = entries
    this.templates = templates
    this.#evaluator = evaluator
  }

  /** Counts all entries that hold or err. */
  run(evaluation: Evaluation, tally: Tally): void {
    this.#run ??= this.#evaluator.compileAll?.(this.entries) ?? inTurn(this.entries)
    this.#run(evaluation, tally)
  }
}

/** One after the other, each prepared: what is run for most requests is worth it. */
function inTurn(entries: readonly Entry[]): RunAll {
  const prepared = entries.map(({ test, hit }) => ({ test, hit }))
  return (evaluation, tally) => {
    for (const { test, hit } of prepared) {
      const result = test === undefined || test(evaluation)
      if (result !== false) count(tally, hit, result)
    }
  }
}

/** Counts those of the entries that hold or err, one by one. */
export function runAll(entries: readonly Entry[], evaluation: Evaluation, tally: Tally): void {
  for (const entry of entries) {
    const result = entry.run(evaluation)
    if (result !== false) count(tally, entry.hit, result)
  }
}
