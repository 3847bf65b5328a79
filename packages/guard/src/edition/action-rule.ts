// What a guard must know of each action, computed once per set of policies: how fresh the news must be, whether existence
// may be known, what a binding that does not fit means, which context it takes, and what can be said before the resource is known.

import { requirementsByAction, type ClaimsPlan } from '@cardea/claims'
import {
  type ActionDefinition,
  type AttributeDefinition,
  type EntityUid,
  entityUid,
  type Policy,
  type Program,
  RESERVED_CONTEXT,
  type ReservedContext,
  type Schema,
} from '@cardea/policy'
import {
  annotationOf,
  annotationRule,
  maxStaleSecondsOf,
  type MismatchRule,
  mismatchRuleOf,
} from '@cardea/policy/annotation'
import { actionsInScope, readsOf } from '@cardea/policy/check'
import { GuardError } from '../errors.ts'

export interface ActionRule {
  readonly name: string
  readonly uid: EntityUid
  readonly definition: ActionDefinition
  /** How old the news may be; `undefined`: as old as the token may get. */
  readonly maxStaleSeconds: number | undefined
  /** `@reveal`: who may do this to a resource may know that it exists. */
  readonly reveals: boolean
  /** What becomes of a request that the token's binding does not fit. */
  readonly mismatch: MismatchRule
  /** Facts of the request that the guard fills in. */
  readonly reserved: readonly { readonly name: ReservedContext; readonly required: boolean }[]
  /** What the handler must say. */
  readonly handlerContext: { readonly [name: string]: AttributeDefinition }
  readonly takesHandlerContext: boolean
  /** What the policies of this action read of a principal. */
  readonly requirement: ClaimsPlan
  /** The names in `handlerContext`: what checkpoint one cannot know. */
  readonly handlerNames: readonly string[]
  /** The reserved names that its policies read: for the same values of them, checkpoint one says the same. */
  readonly reads: readonly ReservedContext[]
}

/**
 * One rule for each action that can be asked for. Throws `ERR_GUARD_ANNOTATION`, `ERR_CLAIMS_PLAN_UNREACHABLE`. Cost: linear in the
 * policies.
 */
export function createActionRules({ policies }: Program, schema: Schema): ReadonlyMap<string, ActionRule> {
  const requirements = requirementsByAction(policies, schema)
  const reads = contextReads(policies, schema)
  const rules = new Map<string, ActionRule>()
  for (const [name, definition] of Object.entries(schema.definition.actions)) {
    const requirement = requirements.get(name)
    if (requirement === undefined || definition.resources.length === 0) continue
    rules.set(name, ruleOf(name, definition, requirement, reads.get(name) ?? new Set()))
  }
  return rules
}

function ruleOf(
  name: string,
  definition: ActionDefinition,
  requirement: ClaimsPlan,
  reads: ReadonlySet<string>,
): ActionRule {
  checkAnnotations(name, definition)
  const attributes = Object.entries(definition.context)
  const handlerContext = attributes.filter(([attribute]) => !isReservedContext(attribute))
  return Object.freeze({
    name,
    uid: entityUid(definition.uid.type, definition.uid.id),
    definition,
    maxStaleSeconds: maxStaleSecondsOf(definition),
    reveals: annotationOf(definition, 'reveal') !== undefined,
    mismatch: mismatchRuleOf(definition),
    reserved: attributes.flatMap(([attribute, { optional }]) =>
      isReservedContext(attribute) ? [{ name: attribute, required: optional !== true }] : [],
    ),
    handlerContext: Object.fromEntries(handlerContext),
    handlerNames: handlerContext.map(([attribute]) => attribute),
    takesHandlerContext: handlerContext.length > 0,
    requirement,
    reads: reads.has(WHOLE) ? RESERVED_CONTEXT : RESERVED_CONTEXT.filter((one) => reads.has(one)),
  })
}

/** An annotation that means nothing would be a rule that is silently not applied. */
function checkAnnotations(action: string, { annotations = {} }: ActionDefinition): void {
  for (const [name, value] of Object.entries(annotations)) {
    const rule = annotationRule(name)
    if (rule === undefined || rule.accepts(value)) continue
    throw new GuardError(
      'ERR_GUARD_ANNOTATION',
      `\`@${name}\` of action \`${action}\` has a value that means nothing`,
      {
        hint: `write \`${rule.example}\`: ${rule.value}`,
      },
    )
  }
}

/** What `readsOf` says of a policy that reads the context as one value. */
const WHOLE = '*'

/** What the policies of each action read of the context, by the action's name. */
function contextReads(policies: readonly Policy[], schema: Schema): ReadonlyMap<string, ReadonlySet<string>> {
  const reads = new Map<string, ReadonlySet<string>>()
  for (const [names, group] of Map.groupBy(policies, ({ action }) => actionsInScope(action, schema))) {
    const read = new Set(group.flatMap((policy) => readsOf(policy, schema).context))
    for (const name of names) reads.set(name, read.union(reads.get(name) ?? new Set()))
  }
  return reads
}

function isReservedContext(name: string): name is ReservedContext {
  return RESERVED_CONTEXT.some((reserved) => reserved === name)
}
