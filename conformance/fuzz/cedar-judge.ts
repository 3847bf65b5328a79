// cedar-wasm as a judge. Every Long reaches it exactly: its glue hands the call over as JSON text, so a number beyond 2^53 is put into
// that text as its digits (`JSON.rawJSON`), in entities and contexts as in policies. A throw (deep input ruins the instance for good)
// gives a new instance, and so does a number of scenarios, as prepared policies cannot be given back.

import type * as cedarWasm from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarValueJson, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs'
import { createRequire } from 'node:module'
import { type Answer, answer } from '../answer.ts'
import type { Scenario, ScenarioLink } from './scenario.ts'
import type { Json } from './value-json.ts'

type CedarWasm = typeof cedarWasm

/** The answers to all requests, or why there are none. */
export type Verdict = { readonly answers: readonly Answer[] } | { readonly refused: string }

export interface CedarJudge {
  judge(scenario: Scenario): Verdict
  /** How many instances it has used up by throwing. */
  readonly crashes: number
}

const SCENARIOS_PER_INSTANCE = 20_000

export function createCedarJudge(): CedarJudge {
  let cedar = loadCedar()
  let left = SCENARIOS_PER_INSTANCE
  let crashes = 0
  return {
    get crashes() {
      return crashes
    },
    judge(scenario) {
      if (left === 0) renew()
      left -= 1
      try {
        return judgeWith(cedar, scenario)
      } catch (error) {
        crashes += 1
        renew()
        return { refused: `cedar-wasm threw: ${String(error)}` }
      }
    },
  }

  function renew(): void {
    cedar = loadCedar()
    left = SCENARIOS_PER_INSTANCE
  }
}

const require = createRequire(import.meta.url)

/** A new instance: the module makes its own when it is loaded, so it is loaded anew. */
function loadCedar(): CedarWasm {
  const path = require.resolve('@cedar-policy/cedar-wasm/nodejs')
  delete require.cache[path]
  return require(path) as CedarWasm
}

function judgeWith(cedar: CedarWasm, scenario: Scenario): Verdict {
  const { policies, schema, links } = scenario
  const texts = (isTemplate: boolean): Record<string, string> =>
    Object.fromEntries(policies.filter((each) => each.isTemplate === isTemplate).map(({ id, text }) => [id, text]))
  const prepared = cedar.preparsePolicySet('policies', {
    staticPolicies: texts(false),
    templates: texts(true),
    templateLinks: links.map((link) => ({ templateId: link.template, newId: link.id, values: slotsOf(link) })),
  })
  if (prepared.type === 'failure') return refusedBy(prepared.errors)
  if (schema !== undefined) {
    const read = cedar.preparseSchema('schema', schema)
    if (read.type === 'failure') return refusedBy(read.errors)
  }
  const withActions = exactJson([...scenario.entities, ...scenario.actions]) as StatefulAuthorizationCall['entities']
  const explicit = { preparsedPolicySetId: 'policies', validateRequest: false, entities: withActions }
  // Reading with a schema takes Cedar twice as long, and means the same where all values are written in their explicit forms: the
  // first request proves it, the others are asked without.
  const directed = {
    ...explicit,
    preparsedSchemaName: 'schema',
    entities: exactJson(scenario.entities) as StatefulAuthorizationCall['entities'],
  }
  const answers: Answer[] = []
  for (const [index, { principal, action, resource, context }] of scenario.requests.entries()) {
    const said = cedar.statefulIsAuthorized({
      ...(schema !== undefined && index === 0 ? directed : explicit),
      principal,
      action,
      resource,
      context: exactJson(context) as Record<string, CedarValueJson>,
    })
    if (said.type === 'failure') return refusedBy(said.errors)
    const { decision, diagnostics } = said.response
    const errors = diagnostics.errors.map(({ policyId }) => policyId)
    answers.push(answer(decision, diagnostics.reason, errors))
  }
  return { answers }
}

function slotsOf({ principal, resource }: ScenarioLink): Record<string, { type: string; id: string }> {
  return {
    ...(principal === undefined ? {} : { '?principal': principal }),
    ...(resource === undefined ? {} : { '?resource': resource }),
  }
}

function refusedBy(errors: readonly { readonly message: string }[]): Verdict {
  return { refused: errors.map(({ message }) => message).join('; ') }
}

/** `{ "__long": "..." }` becomes a bare number with exactly these digits when the call is written as JSON. */
function exactJson(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(exactJson)
  if (typeof json !== 'object' || json === null) return json
  const entries = Object.entries(json)
  const [first] = entries
  if (entries.length === 1 && first?.[0] === '__long') return rawJson(String(first[1]))
  return Object.fromEntries(entries.map(([name, value]: [string, unknown]) => [name, exactJson(value)]))
}

/** ECMAScript 2026, not yet in TypeScript's library. */
const { rawJSON: rawJson } = JSON as typeof JSON & { rawJSON: (text: string) => Json }
