// What the modules about tokens must know of the policies beside them, as data: plans, and for each action how old the news may be, which
// facts it takes, what becomes of a binding that does not fit, and the tokens that do not say enough for it.

import { type ClaimsPlan, planCovers, requirementsByAction } from '@cardea/claims'
import { RESERVED_CONTEXT, type ActionDefinition, type Policy, type Schema } from '@cardea/policy'
import { annotationOf, maxStaleSecondsOf, mismatchRuleOf } from '@cardea/policy/annotation'

export interface SettingsInput {
  readonly policies: readonly Policy[]
  readonly schema: Schema
  /** Of every token that may still live. */
  readonly plans: readonly ClaimsPlan[]
  /** Names of the actions that can be asked for; all by default. */
  readonly actions?: readonly string[] | undefined
}

/** Plain data of texts, whole numbers and booleans. */
export interface Settings {
  readonly plans: { readonly [digest: string]: Omit<ClaimsPlan, 'digest'> }
  readonly actions: { readonly [name: string]: ActionSettings }
}

export interface ActionSettings {
  readonly type: string
  readonly id: string
  /** Absent: as old as the token may get. */
  readonly max_stale_ms?: number
  /** Reserved names of the context that it declares, and those of them that it requires. */
  readonly facts: readonly string[]
  readonly required_facts: readonly string[]
  readonly mismatch: { readonly [kind: string]: string }
  readonly reveals: boolean
  /** Principal types of which tokens of a plan do not say all that the action's policies read, by the plan's digest. */
  readonly outdated: { readonly [digest: string]: readonly string[] }
}

/** Throws `ERR_CLAIMS_PLAN_UNREACHABLE`. Cost: linear in the policies, and each action with each plan. */
export function settingsOf({ policies, schema, plans, actions }: SettingsInput): Settings {
  const requirements = requirementsByAction(policies, schema)
  const asked = Object.entries(schema.definition.actions).filter(
    ([name, { resources }]) => resources.length > 0 && actions?.includes(name) !== false,
  )
  return {
    plans: Object.fromEntries(plans.map(({ digest, ...rest }) => [digest, rest])),
    actions: Object.fromEntries(
      asked.map(([name, definition]) => [name, actionSettings(definition, plans, requirements.get(name))]),
    ),
  }
}

function actionSettings(
  definition: ActionDefinition,
  plans: readonly ClaimsPlan[],
  required: ClaimsPlan | undefined,
): ActionSettings {
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
    outdated: Object.fromEntries(plans.map((plan) => [plan.digest, outdatedBy(plan)])),
  }
}
