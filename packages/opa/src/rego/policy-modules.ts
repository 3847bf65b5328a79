// All modules that decide by policies alone: what an OPA needs beside a service that verifies tokens itself, `opa eval`, and
// `opa build -t wasm`. They answer `data.cardea.policy.decision`.

import type { ClaimsPlan } from '@cardea/claims'
import type { Schema } from '@cardea/policy'
import { OpaError } from '../errors.ts'
import { libraryModules, type Modules, POLICY_ROOT } from './library.ts'
import { type RulesInput, rulesModule } from './rules-module.ts'
import { schemaModule } from './schema-module.ts'

export interface PolicyModulesInput extends RulesInput {
  readonly schema: Schema
  /** Of every token that may still live; only where tokens are read in Rego too. */
  readonly plans?: readonly ClaimsPlan[]
}

/** Throws `ERR_OPA_CONSTRUCT` for the first policy that has no exact Rego; the message counts the others. Cost: linear in the policies. */
export function policyModules(input: PolicyModulesInput): Modules {
  const rules = rulesModule(input, POLICY_ROOT)
  const [problem, ...others] = rules.problems
  if (problem !== undefined) throw others.length === 0 ? problem : together(problem, others.length)
  return new Map([
    ...libraryModules('cedar'),
    ...libraryModules('policy'),
    ['cardea/policy/rules.rego', rules.text],
    ['cardea/policy/schema.rego', schemaModule(input.schema, POLICY_ROOT, input.plans)],
  ])
}

function together({ code, message, span, hint, cause }: OpaError, others: number): OpaError {
  return new OpaError(code, `${message}, and ${others} more like it`, {
    cause,
    ...(span === undefined ? {} : { span }),
    ...(hint === undefined ? {} : { hint }),
  })
}
