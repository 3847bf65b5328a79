// What a guard must know of each action, computed once per set of policies: how fresh the news must be, whether existence
// may be known, which context it takes, and what can be said of it before the resource is known.

import { requirementsByAction, type ClaimsPlan } from '@cardea/claims'
import {
  type ActionDefinition,
  annotationOf,
  annotationRule,
  type AttributeDefinition,
  compileProgram,
  type EntityUid,
  entityUid,
  parseDuration,
  type Policy,
  type Program,
  readsOf,
  RESERVED_CONTEXT,
  type ReservedContext,
  type Schema,
} from '@cardea/policy'
import { GuardError } from '../errors.ts'

export interface ActionRule {
  readonly name: string
  readonly uid: EntityUid
  readonly definition: ActionDefinition
  /** How old the news may be; `undefined`: as old as the token may get. */
  readonly maxStaleSeconds: number | undefined
  /** `@reveal`: who may do this to a resource may know that it exists. */
  readonly reveals: boolean
  /** Facts of the request that the guard fills in. */
  readonly reserved: readonly { readonly name: ReservedContext; readonly required: boolean }[]
  /** What the handler must say. */
  readonly handlerContext: { readonly [name: string]: AttributeDefinition }
  readonly takesHandlerContext: boolean
  /** What the policies of this action read of a principal. */
  readonly requirement: ClaimsPlan
  readonly route: RouteRule
}

/** What checkpoint one asks: the policies that can be evaluated before the handler has said anything. */
export interface RouteRule {
  /** Without the forbids that read what only the handler knows. */
  readonly program: Program
  /** Some permit reads what only the handler knows, so "nothing permits it" cannot be said yet. */
  readonly permitsAreOpen: boolean
  /** The reserved names that the policies read: for the same values of them the answer is the same. */
  readonly reads: readonly ReservedContext[]
}

/** `@sensitive` without a number of its own. */
const SENSITIVE_SECONDS = 5

/** One rule for each action that can be asked for. Throws `ERR_GUARD_ANNOTATION`, and what `compileProgram` throws. */
export function createActionRules(program: Program, schema: Schema): ReadonlyMap<string, ActionRule> {
  const requirements = requirementsByAction(program.policies, schema)
  const rules = new Map<string, ActionRule>()
  for (const [name, definition] of Object.entries(schema.definition.actions)) {
    const requirement = requirements.get(name)
    if (requirement === undefined || definition.resources.length === 0) continue
    rules.set(name, ruleOf(name, definition, requirement, program, schema))
  }
  return rules
}

function ruleOf(
  name: string,
  definition: ActionDefinition,
  requirement: ClaimsPlan,
  program: Program,
  schema: Schema,
): ActionRule {
  checkAnnotations(name, definition)
  const uid = entityUid(definition.uid.type, definition.uid.id)
  const attributes = Object.entries(definition.context)
  const handlerContext = attributes.filter(([attribute]) => !isReservedContext(attribute))
  return Object.freeze({
    name,
    uid,
    definition,
    maxStaleSeconds: maxStaleOf(definition),
    reveals: annotationOf(definition, 'reveal') !== undefined,
    reserved: attributes.flatMap(([attribute, { optional }]) =>
      isReservedContext(attribute) ? [{ name: attribute, required: optional !== true }] : [],
    ),
    handlerContext: Object.fromEntries(handlerContext),
    takesHandlerContext: handlerContext.length > 0,
    requirement,
    route: routeRuleOf(uid, new Set(handlerContext.map(([attribute]) => attribute)), program, schema),
  })
}

function maxStaleOf(definition: ActionDefinition): number | undefined {
  const duration = parseDuration(annotationOf(definition, 'maxStale') ?? '')
  if (duration !== undefined) return Number(duration.milliseconds) / 1000
  return annotationOf(definition, 'sensitive') === undefined ? undefined : SENSITIVE_SECONDS
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

function routeRuleOf(uid: EntityUid, unknown: ReadonlySet<string>, program: Program, schema: Schema): RouteRule {
  const concerning = program.policies.filter((policy) => concerns(policy, uid, schema))
  const names = new Set(concerning.flatMap((policy) => readsOf(policy, schema).context))
  const reads = names.has(WHOLE) ? RESERVED_CONTEXT : RESERVED_CONTEXT.filter((name) => names.has(name))
  const isUnknown = (name: string): boolean => unknown.has(name) || (name === WHOLE && unknown.size > 0)
  const open = concerning.filter((policy) => readsOf(policy, schema).context.some(isUnknown))
  const dropped = new Set(open.filter(({ effect }) => effect === 'forbid'))
  if (dropped.size === 0) return { program, permitsAreOpen: open.length > 0, reads }
  const kept = program.policies.filter((policy) => !dropped.has(policy))
  return {
    program: compileProgram(kept, { schema, links: program.links.all, forbidErrors: program.forbidErrors }),
    permitsAreOpen: open.length > dropped.size,
    reads,
  }
}

/** Whether the scope of the policy lets the action through. */
function concerns(policy: Policy, action: EntityUid, schema: Schema): boolean {
  const scope = policy.action
  if (scope.kind === 'all') return true
  if (scope.kind === 'equal') return isSame(scope.entity, action)
  const groups = schema.actionEntities.get(action)?.ancestors
  return scope.entities.some((entity) => isSame(entity, action) || groups?.get(entity.type)?.has(entity.id) === true)
}

function isSame(left: EntityUid, right: EntityUid): boolean {
  return left.id === right.id && left.type === right.type
}

function isReservedContext(name: string): name is ReservedContext {
  return RESERVED_CONTEXT.some((reserved) => reserved === name)
}
