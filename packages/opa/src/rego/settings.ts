// What the modules about tokens must know of the policies beside them, as data: plans, and for each action how old the news may be, which
// facts it takes, what becomes of a binding that does not fit, and the tokens that do not say enough for it.

import { type ClaimsPlan, planCovers, requirementsByAction } from '@cardea/claims'
import { RESERVED_CONTEXT, type ActionDefinition, type Policy, type Schema } from '@cardea/policy'
import { annotationOf, maxStaleSecondsOf, mismatchRuleOf } from '@cardea/policy/annotation'
import type { OpaJson, OpaObject } from '../bundle/opa-json.ts'

export interface SettingsInput {
  readonly policies: readonly Policy[]
  readonly schema: Schema
  /** Of every token that may still live. */
  readonly plans: readonly ClaimsPlan[]
  /** Names of the actions that can be asked for; all by default. */
  readonly actions?: readonly string[] | undefined
}

/** Throws `ERR_CLAIMS_PLAN_UNREACHABLE`. Cost: linear in the policies, and each action with each plan. */
export function settingsOf({ policies, schema, plans, actions }: SettingsInput): OpaObject {
  const requirements = requirementsByAction(policies, schema)
  const asked = Object.entries(schema.definition.actions).filter(
    ([name, { resources }]) => resources.length > 0 && actions?.includes(name) !== false,
  )
  return {
    plans: new Map(plans.map((plan) => [plan.digest, planSettings(plan)])),
    actions: new Map(
      asked.map(([name, definition]) => [name, actionSettings(definition, plans, requirements.get(name))]),
    ),
  }
}

/**
 * - `max_stale_ms`: absent for as old as the token may get.
 * - `facts`, `required_facts`: reserved names of the context that it declares, and those of them that it requires.
 * - `outdated`: principal types of which tokens of a plan do not say all that the action's policies read, by the plan's digest.
 */
function actionSettings(
  definition: ActionDefinition,
  plans: readonly ClaimsPlan[],
  required: ClaimsPlan | undefined,
): OpaObject {
  const facts = RESERVED_CONTEXT.filter((name) => Object.hasOwn(definition.context, name))
  const maxStaleSeconds = maxStaleSecondsOf(definition)
  const outdatedBy = (plan: ClaimsPlan): readonly string[] =>
    definition.principals.filter((type) => required === undefined || planCovers(plan, required, type).length > 0)
  return {
    type: definition.uid.type,
    id: definition.uid.id,
    ...(maxStaleSeconds === undefined ? {} : { max_stale_ms: Math.floor(maxStaleSeconds * 1000) }),
    facts,
    required_facts: facts.filter((name) => definition.context[name]?.optional !== true),
    mismatch: { ...mismatchRuleOf(definition) },
    reveals: annotationOf(definition, 'reveal') !== undefined,
    outdated: new Map(plans.map((plan) => [plan.digest, outdatedBy(plan)])),
  }
}

/** What reading a token needs of its plan; what it says of attributes is in the module of the schema. */
function planSettings({ principals, templates }: ClaimsPlan): OpaObject {
  const ancestors = Object.entries(principals).map(([type, { ancestors: planned }]): [string, OpaJson] => [
    type,
    { ancestors: planned.map(({ type: of, restrictive }) => ({ type: of, restrictive })) },
  ])
  return { principals: new Map(ancestors), templates }
}
