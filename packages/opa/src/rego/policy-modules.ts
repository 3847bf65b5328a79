// All modules that decide by policies alone: what an OPA needs beside a service that verifies tokens itself, `opa eval`, and
// `opa build -t wasm`. They answer `data.cardea.policy.decision`.

import type { ClaimsPlan } from '@cardea/claims'
import type { Schema } from '@cardea/policy'
import type { OpaObject } from '../bundle/opa-json.ts'
import { OpaError } from '../errors.ts'
import { libraryModules, type Modules, POLICY_ROOT, SCOPES_ROOT } from './library.ts'
import { type RulesInput, rulesModule } from './rules-module.ts'
import { schemaModule } from './schema-module.ts'

export interface PolicyModulesInput extends RulesInput {
  readonly schema: Schema
  /** Of every token that may still live; only where tokens are read in Rego too. */
  readonly plans?: readonly ClaimsPlan[]
}

export interface PolicyModules {
  readonly modules: Modules
  /** The data at `SCOPES_ROOT`, without which the modules decide nothing. */
  readonly scopes: OpaObject
}

/** Throws `ERR_OPA_CONSTRUCT` for the first policy that has no exact Rego; the message counts the others. Cost: linear in the policies. */
export function policyModules(input: PolicyModulesInput): PolicyModules {
  const { text, scopes, problems } = rulesModule(input, POLICY_ROOT, SCOPES_ROOT)
  const [problem, ...others] = problems
  if (problem !== undefined) throw others.length === 0 ? problem : together(problem, others.length)
  const modules = new Map([
    ...libraryModules('cedar'),
    ...libraryModules('policy'),
    ['cardea/policy/rules.rego', text] as const,
    ['cardea/policy/schema.rego', schemaModule(input.schema, POLICY_ROOT, input.plans)] as const,
  ])
  return { modules, scopes }
}

function together({ code, message, span, hint, cause }: OpaError, others: number): OpaError {
  return new OpaError(code, `${message}, and ${others} more like it`, {
    cause,
    ...(span === undefined ? {} : { span }),
    ...(hint === undefined ? {} : { hint }),
  })
}
