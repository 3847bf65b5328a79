// A worker that is asked again and again about almost the same: while somebody edits one policy of a thousand, only the one is validated.
// INVARIANT: an answer is what Cedar answered for this very schema and this very text. Cedar validates each policy on its own, so what it says
// of one does not depend on the others; checks over the whole set are not Cedar's and are made every time.

import type { DetailedError, ValidationError } from '@cedar-policy/cedar-wasm/nodejs'
import { type CedarResult, CedarWorker } from './cedar-worker.ts'
import type { CedarAnswers, CedarCall } from './messages.ts'

type Validation = Extract<CedarCall, { readonly kind: 'validate' }>

/** What was found in one text. Most have nothing. */
interface Findings {
  readonly errors: readonly DetailedError[]
  readonly warnings: readonly DetailedError[]
}

/**
 * Remembers the last schema and, of the last validation, every policy's findings: as much as one call holds, and no more. What crashed,
 * took too long or was not understood is asked again.
 */
export class RememberingWorker extends CedarWorker {
  #schema: { readonly text: string; readonly answer: CedarAnswers['schema'] } | undefined
  #findings: ReadonlyMap<string, Findings> = new Map()
  #findingsOf: string | undefined

  override async call<Kind extends CedarCall['kind']>(
    call: CedarCall & { readonly kind: Kind },
  ): Promise<CedarResult<Kind>> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each kind of call is answered with its own kind
    return (await this.#answer(call)) as CedarResult<Kind>
  }

  #answer(call: CedarCall): Promise<CedarResult<CedarCall['kind']>> {
    return call.kind === 'schema' ? this.#askSchema(call) : this.#askValidation(call)
  }

  async #askSchema(call: Extract<CedarCall, { readonly kind: 'schema' }>): Promise<CedarResult<'schema'>> {
    const known = this.#schema
    if (known?.text === call.text && !this.isClosed) return { kind: 'answer', answer: known.answer }
    const result = await super.call(call)
    if (result.kind === 'answer') this.#schema = { text: call.text, answer: result.answer }
    return result
  }

  async #askValidation(call: Validation): Promise<CedarResult<'validate'>> {
    const { schema, policies, templates } = call
    const known = this.#findingsOf === schema ? this.#findings : new Map<string, Findings>()
    const isNew = (isTemplate: boolean) => (entry: readonly [string, string]) => !known.has(keyOf(isTemplate, entry[1]))
    const asked = {
      policies: Object.fromEntries(Object.entries(policies).filter(isNew(false))),
      templates: Object.fromEntries(Object.entries(templates).filter(isNew(true))),
    }
    const isAllKnown = Object.keys(asked.policies).length + Object.keys(asked.templates).length === 0
    const result = isAllKnown && !this.isClosed ? NOTHING_NEW : await super.call({ kind: 'validate', schema, ...asked })
    if (result.kind !== 'answer' || result.answer.type === 'failure') return result
    const { validationErrors, validationWarnings, otherWarnings } = result.answer
    const [errors, warnings] = [byPolicy(validationErrors), byPolicy(validationWarnings)]
    const found = new Map<string, Findings>()
    const answer = {
      type: 'success' as const,
      validationErrors: [] as ValidationError[],
      validationWarnings: [] as ValidationError[],
      otherWarnings,
    }
    for (const [isTemplate, texts] of [
      [false, policies],
      [true, templates],
    ] as const) {
      for (const [policyId, text] of Object.entries(texts)) {
        const key = keyOf(isTemplate, text)
        const own = known.get(key) ?? { errors: errors.get(policyId) ?? NONE, warnings: warnings.get(policyId) ?? NONE }
        found.set(key, own)
        for (const error of own.errors) answer.validationErrors.push({ policyId, error })
        for (const error of own.warnings) answer.validationWarnings.push({ policyId, error })
      }
    }
    this.#findings = found
    this.#findingsOf = schema
    return { kind: 'answer', answer }
  }
}

const NONE: readonly DetailedError[] = []

const NOTHING_NEW: CedarResult<'validate'> = {
  kind: 'answer',
  answer: { type: 'success', validationErrors: [], validationWarnings: [], otherWarnings: [] },
}

function keyOf(isTemplate: boolean, text: string): string {
  return `${isTemplate ? 'template' : 'policy'} ${text}`
}

function byPolicy(found: readonly ValidationError[]): ReadonlyMap<string, readonly DetailedError[]> {
  const table = new Map<string, DetailedError[]>()
  for (const { policyId, error } of found) {
    const list = table.get(policyId)
    if (list === undefined) table.set(policyId, [error])
    else list.push(error)
  }
  return table
}
