// Cases against engines of Rego: batches of them, every answer compared, and what was seen counted.

import { libraryModules } from '@cardea/opa'
import { type Answer, answer, sameAnswer, showAnswer } from '../answer.ts'
import type { Case } from '../case.ts'
import type { SchemaReader } from '../schema.ts'
import type { Batch, RegoAnswers, RegoEngine } from './engine.ts'
import { type RegoCase, regoCase, rootOf } from './rego-case.ts'

export interface Tally {
  cases: number
  /** Cases with a policy that has no exact Rego. */
  refused: number
  /** Answers compared, by all engines together: each request under both rules, and as a document. */
  answers: number
  /** Of these, documents. */
  documents: number
  /** Documents that must be refused, and were. */
  unfit: number
  allowed: number
  /** With a policy that errs. */
  erring: number
}

export interface Comparison {
  readonly tally: Tally
  readonly disagreements: readonly string[]
  /** Compares these cases, which come under the next number. */
  run(cases: readonly Case[]): Promise<void>
}

export function createComparison(engines: readonly RegoEngine[], readSchema: SchemaReader): Comparison {
  const tally: Tally = { cases: 0, refused: 0, answers: 0, documents: 0, unfit: 0, allowed: 0, erring: 0 }
  const disagreements: string[] = []
  let batches = 0

  function compare(engine: RegoEngine, item: RegoCase, what: string, expected: Answer, given: unknown): void {
    const got = answerOf(given)
    tally.answers += 1
    if (expected.decision === 'allow') tally.allowed += 1
    if (expected.errors.length > 0) tally.erring += 1
    if (got !== undefined && sameAnswer(got, expected)) return
    const said = got === undefined ? 'nothing' : showAnswer(got)
    disagreements.push(`${engine.name}: case ${item.id}, ${what}: ${said}; expected ${showAnswer(expected)}`)
  }

  function compareCase(engine: RegoEngine, number: number, item: RegoCase, { results, documents }: RegoAnswers): void {
    item.expected.forEach(({ deny, skip }, index) => {
      const [underDeny, underSkip] = results[number]?.[index] ?? []
      compare(engine, item, `request ${index + 1} under \`deny\``, deny, underDeny)
      compare(engine, item, `request ${index + 1} under \`skip\``, skip, underSkip)
    })
    item.documents.forEach((expected, index) => {
      tally.documents += 1
      if (expected.errors[0] === '') tally.unfit += 1
      compare(engine, item, `document ${index + 1}`, expected, documents[number]?.[index])
    })
  }

  return {
    tally,
    disagreements,
    async run(cases) {
      const items = new Map<number, RegoCase>()
      for (const [number, item] of cases.entries()) {
        const made = regoCase(item, number, readSchema)
        if ('refused' in made) tally.refused += 1
        else items.set(number, made)
      }
      tally.cases += items.size
      batches += 1
      const batch = batchOf(batches, items)
      for (const engine of engines) {
        const answers = await engine.ask(batch)
        for (const [number, item] of items) compareCase(engine, number, item, answers)
      }
    },
  }
}

function batchOf(number: number, items: ReadonlyMap<number, RegoCase>): Batch {
  const modules = new Map([...libraryModules('cedar'), ...[...items.values()].flatMap((item) => [...item.modules])])
  const rules = [...items].flatMap(([each, { documents }]) => [
    `results["${each}"] := data.${rootOf(each)}.requests.results`,
    ...(documents.length === 0 ? [] : [`documents["${each}"] := data.${rootOf(each)}.documents.results`]),
  ])
  // one of each that is never there, as there might be none
  const none = ['results["-"] := [] if false', 'documents["-"] := [] if false']
  const answers = 'answers := {"results": results, "documents": documents}'
  modules.set('parity/all.rego', `package parity.all\n\n${[answers, ...none, ...rules].join('\n\n')}\n`)
  const scopes = new Map([...items].map(([each, item]) => [String(each), item.scopes]))
  return { number, modules, data: { parity_data: { number, scopes } } }
}

/** `undefined` for what is no decision at all. */
function answerOf(given: unknown): Answer | undefined {
  if (typeof given !== 'object' || given === null) return undefined
  const { decision, determining, errors } = given as { readonly [name: string]: unknown }
  if (decision !== 'allow' && decision !== 'deny') return undefined
  if (!Array.isArray(determining) || !Array.isArray(errors)) return undefined
  const policies = errors.map((error: unknown) => (error as { readonly policy?: unknown }).policy)
  return answer(decision, determining.map(String), policies.map(String))
}
