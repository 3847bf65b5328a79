// The policies of one action. Those that name no entity are gathered once for each pair of principal and resource type;
// those that do are found by it. What the index answers is not tested again.

import type { KeyedIndex } from './keyed-index.ts'
import { createKeyedIndex } from './keyed-index.ts'
import type { Entry } from './keyed-index.ts'
import { allOf } from './rule.ts'
import type { Rule, Test } from './rule.ts'
import { admitsType, entityTest, hasSlot, namedEntity, relationOf } from './scope.ts'

/** What concerns one action, principal type and resource type. */
export interface Bucket {
  /** Policies that name no entity, in order. */
  readonly entries: readonly Entry[]
  /** By the template's id, as a link names it. */
  readonly templates: ReadonlyMap<string, TemplateEntry>
}

/** A template; its test is of everything but the slots. */
export interface TemplateEntry extends Entry {
  readonly principalSlot: 'equal' | 'in' | undefined
  readonly resourceSlot: 'equal' | 'in' | undefined
}

export interface ActionIndex {
  /** Of the action itself and of all actions. */
  readonly keyed: readonly KeyedIndex[]
  bucket(principalType: string, resourceType: string): Bucket
  /** All of them, in order. */
  readonly rules: readonly Rule[]
}

/** Types that policies or the schema name. All others are alike: no outside name can make a bucket of its own. */
export interface KnownTypes {
  readonly principal: ReadonlySet<string>
  readonly resource: ReadonlySet<string>
}

/** Stands for every type that nothing names. It is no type name. */
const OTHER = ''

/**
 * `shared` is the index by entity of the policies for all actions, so that these are not copied for each action.
 * `before` tests what the index by action could not answer.
 */
export function createActionIndex(
  own: readonly Rule[],
  all: readonly Rule[],
  shared: KeyedIndex | undefined,
  types: KnownTypes,
  before: (rule: Rule) => Test | undefined = () => undefined,
): ActionIndex {
  const rules = [...own, ...all].sort((left, right) => left.hit.order - right.hit.order)
  const unkeyed = rules.filter(({ policy }) => policy.slots.length > 0 || !namesEntity(policy))
  const ownKeyed = createKeyedIndex(
    own.filter(({ policy }) => policy.slots.length === 0),
    before,
  )
  const buckets = new Map<string, Map<string, Bucket>>()
  let last = { principalType: OTHER, resourceType: OTHER, bucket: findBucket(OTHER, OTHER) }

  return {
    rules,
    keyed: [ownKeyed, shared].filter((index) => index !== undefined),
    bucket(principalType, resourceType) {
      // requests come in runs of the same types
      if (principalType !== last.principalType || resourceType !== last.resourceType) {
        last = { principalType, resourceType, bucket: findBucket(principalType, resourceType) }
      }
      return last.bucket
    },
  }

  function findBucket(principalType: string, resourceType: string): Bucket {
    const principal = types.principal.has(principalType) ? principalType : OTHER
    const resource = types.resource.has(resourceType) ? resourceType : OTHER
    let byResource = buckets.get(principal)
    if (byResource === undefined) buckets.set(principal, (byResource = new Map()))
    let bucket = byResource.get(resource)
    if (bucket === undefined) byResource.set(resource, (bucket = fillBucket(unkeyed, principal, resource, before)))
    return bucket
  }
}

/** Those that are no templates. */
export function staticRules(rules: readonly Rule[]): Rule[] {
  return rules.filter(({ policy }) => policy.slots.length === 0)
}

function namesEntity({ principal, resource }: Rule['policy']): boolean {
  return namedEntity(principal) !== undefined || namedEntity(resource) !== undefined
}

function fillBucket(
  rules: readonly Rule[],
  principalType: string,
  resourceType: string,
  before: (rule: Rule) => Test | undefined,
): Bucket {
  const entries: Entry[] = []
  const templates = new Map<string, TemplateEntry>()
  for (const rule of rules) {
    const { principal, resource, slots } = rule.policy
    if (!admitsType(principal, principalType) || !admitsType(resource, resourceType)) continue
    if (slots.length === 0) {
      entries.push({ rule, test: allOf([before(rule), rule.test]) })
      continue
    }
    templates.set(rule.id, templateEntry(rule, before(rule)))
  }
  return { entries, templates }
}

/** What is looked at when one of the template's links is found. */
function templateEntry(rule: Rule, before?: Test): TemplateEntry {
  const { principal, resource } = rule.policy
  return {
    rule,
    test: allOf([before, entityTest(principal, 'principal'), entityTest(resource, 'resource'), rule.test]),
    principalSlot: hasSlot(principal) ? relationOf(principal) : undefined,
    resourceSlot: hasSlot(resource) ? relationOf(resource) : undefined,
  }
}
