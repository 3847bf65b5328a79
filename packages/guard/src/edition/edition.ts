// One set of policies, ready to decide with. A request keeps the edition that it began with to its end.

import type { ClaimsPlan } from '@cardea/claims'
import type { Program, Schema } from '@cardea/policy'
import { readAdvice, type Remedy } from '@cardea/policy/annotation'
import { GuardError } from '../errors.ts'
import { type ActionRule, createActionRules } from './action-rule.ts'

export interface EditionParts {
  readonly program: Program
  readonly schema: Schema
  /** Texts of the policies by file, for explanations. */
  readonly sources: ReadonlyMap<string, string>
  /** The plans that tokens may have been packed with. */
  readonly plans: readonly ClaimsPlan[]
  readonly revision?: number
}

export interface Edition {
  readonly program: Program
  readonly schema: Schema
  readonly sources: ReadonlyMap<string, string>
  /** By name. Action groups, which nobody asks for, are not among them. */
  readonly actions: ReadonlyMap<string, ActionRule>
  /** The actions that reveal existence, by resource type. */
  readonly revealing: ReadonlyMap<string, readonly ActionRule[]>
  /** What the policies advise, by policy id. */
  readonly advice: ReadonlyMap<string, readonly Remedy[]>
  readonly revision: number | undefined
  plan(digest: string): ClaimsPlan | undefined
}

/** Throws `ERR_GUARD_ANNOTATION`. */
export function createEdition({ program, schema, sources, plans, revision }: EditionParts): Edition {
  const actions = createActionRules(program, schema)
  const byDigest = new Map(plans.map((plan) => [plan.digest, plan]))
  return Object.freeze({
    program,
    schema,
    sources,
    actions,
    revealing: revealingByType(actions),
    advice: adviceByPolicy(program),
    revision,
    plan: (digest: string) => byDigest.get(digest),
  })
}

function revealingByType(actions: ReadonlyMap<string, ActionRule>): ReadonlyMap<string, readonly ActionRule[]> {
  const byType = new Map<string, ActionRule[]>()
  for (const rule of actions.values()) {
    if (!rule.reveals) continue
    for (const type of rule.definition.resources) byType.set(type, [...(byType.get(type) ?? []), rule])
  }
  return byType
}

function adviceByPolicy({ policies }: Program): ReadonlyMap<string, readonly Remedy[]> {
  const { remedies, problems } = readAdvice(policies)
  const [problem] = problems
  if (problem === undefined) return remedies
  throw new GuardError(
    'ERR_GUARD_ANNOTATION',
    problem.message,
    problem.hint === undefined ? {} : { hint: problem.hint },
  )
}
