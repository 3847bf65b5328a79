// The policies of one action. Those that name no entity are gathered once for each pair of principal and resource type;
// those that do are found by it. What the index answers is not tested again.

import type { Entity } from '../entity/entities.ts'
import type { EntityUid } from '../value/value.ts'
import { Bucket } from './bucket.ts'
import { Entry, placeOf, TemplateEntry } from './entry.ts'
import type { Evaluator } from './evaluator.ts'
import { callersEntries, createKeyedIndex } from './keyed-index.ts'
import type { CallersEntries, KeyedIndex } from './keyed-index.ts'
import type { Rule } from './rule.ts'
import { admitsType } from './scope.ts'
import type { Test } from './test.ts'

export interface ActionIndex {
  /** Policies that name an entity: of the action itself, and of all actions. */
  readonly keyed: readonly KeyedIndex[]
  bucket(principalType: string, resourceType: string): Bucket
  /** Those that name the principal or one of its groups. */
  ofCaller(principal: EntityUid, entity: Entity | undefined): CallersEntries
  /** All of them, in order. */
  readonly rules: readonly Rule[]
}

/** Types that policies or the schema name. All others are alike: no outside name can make a bucket of its own. */
export interface KnownTypes {
  readonly principal: ReadonlySet<string>
  readonly resource: ReadonlySet<string>
}

/** The policies for all actions, which every action's index shares. */
export interface OpenRules {
  readonly unkeyed: readonly Rule[]
  readonly keyed: KeyedIndex | undefined
  readonly rules: readonly Rule[]
}

/** What the indexes of all actions have in common. */
export interface SharedParts {
  readonly open: OpenRules
  readonly types: KnownTypes
  readonly evaluator: Evaluator
}

/** Stands for every type that nothing names. It is no type name. */
const OTHER = ''

export function createOpenRules(rules: readonly Rule[]): OpenRules {
  return { rules, unkeyed: rules.filter(isUnkeyed), keyed: createKeyedIndex(rules.filter(isStatic), () => undefined) }
}

/** `before` tests what the index by action could not answer. */
export function createActionIndex(
  own: readonly Rule[],
  { open, types, evaluator }: SharedParts,
  before: (rule: Rule) => Test | undefined = () => undefined,
): ActionIndex {
  const ownUnkeyed = own.filter(isUnkeyed)
  const keyed = [createKeyedIndex(own.filter(isStatic), before), open.keyed].filter((index) => index !== undefined)
  const buckets = new Map<string, Map<string, Bucket>>()
  let rules: readonly Rule[] | undefined

  return {
    keyed,
    get rules(): readonly Rule[] {
      rules ??= inOrder(own, open.rules)
      return rules
    },
    bucket: findBucket,
    ofCaller: (principal, entity) => callersEntries(keyed, principal, entity),
  }

  function findBucket(principalType: string, resourceType: string): Bucket {
    const principal = types.principal.has(principalType) ? principalType : OTHER
    const resource = types.resource.has(resourceType) ? resourceType : OTHER
    let byResource = buckets.get(principal)
    if (byResource === undefined) buckets.set(principal, (byResource = new Map()))
    let bucket = byResource.get(resource)
    if (bucket === undefined) {
      bucket = fillBucket(inOrder(ownUnkeyed, open.unkeyed), principal, resource, evaluator, before)
      byResource.set(resource, bucket)
    }
    return bucket
  }
}

function isStatic({ policy }: Rule): boolean {
  return policy.slots.length === 0
}

function isUnkeyed(rule: Rule): boolean {
  return !isStatic(rule) || placeOf(rule) === undefined
}

function inOrder(left: readonly Rule[], right: readonly Rule[]): readonly Rule[] {
  if (left.length === 0 || right.length === 0) return left.length === 0 ? right : left
  return [...left, ...right].sort((one, other) => one.order - other.order)
}

function fillBucket(
  rules: readonly Rule[],
  principalType: string,
  resourceType: string,
  evaluator: Evaluator,
  before: (rule: Rule) => Test | undefined,
): Bucket {
  const entries: Entry[] = []
  const templates = new Map<string, TemplateEntry>()
  for (const rule of rules) {
    const { principal, resource } = rule.policy
    if (!admitsType(principal, principalType) || !admitsType(resource, resourceType)) continue
    if (isStatic(rule)) entries.push(new Entry(rule, { types: true }, before(rule)))
    else templates.set(rule.id, new TemplateEntry(rule, { types: true }, before(rule)))
  }
  return new Bucket(entries, templates, evaluator)
}
