// The matrix in TypeScript: `p.as(ann, { ip: '10.1.2.3', mfa: true }).allows('edit', plan).because('owner-manages')`.
// Works under any test runner: what does not hold throws.

import {
  type ActionName,
  type Decision,
  type EntityTypeName,
  type EntityUid,
  entityUid,
  type SchemaDefinition,
} from '@cardea/policy'
import { type MappedEntity } from '@cardea/policy/mapping'
import { TestkitError } from '../errors.ts'
import type { Attributes } from '../typed-value.ts'
import {
  ask,
  createPerson,
  createWorld,
  DEFAULT_NOW_SECONDS,
  type GrantSpec,
  type Person,
  type PolicySource,
} from '../world.ts'
import { loadFolder } from './load-folder.ts'

export interface PolicyTestOptions<S extends SchemaDefinition> {
  /** The generated schema. */
  readonly schema: S
  /** A folder of `*.cedar` files, or the sources themselves. */
  readonly policies: string | readonly PolicySource[]
  readonly forbidErrors?: 'deny' | 'skip'
}

/** Facts of a request that a guard would have verified. `mfa: true` is a second factor given this minute. */
export interface Facts {
  readonly ip?: string
  readonly mfa?: boolean
  readonly acr?: string
  readonly authTime?: Date | string
  readonly now?: Date | string
  readonly device?: string
  readonly tenant?: string
  readonly client?: string
}

export interface PolicyTest<S extends SchemaDefinition> {
  /** A principal with its attributes, parents and grants, checked against the schema. */
  principal(type: EntityTypeName<S>, id: string, facts?: PersonFacts): Person
  as(person: Person, facts?: Facts): Asking<S>
  /** Ids of the policies that no assertion so far was determined by. */
  undetermined(): readonly string[]
}

export interface PersonFacts {
  readonly attributes?: Attributes
  readonly parents?: readonly EntityUid[]
  readonly grants?: readonly GrantSpec[]
}

export interface Asking<S extends SchemaDefinition> {
  allows(action: ActionName<S>, resource: MappedEntity<string, unknown> | undefined, context?: Attributes): Answered
  denies(action: ActionName<S>, resource: MappedEntity<string, unknown> | undefined, context?: Attributes): Answered
}

export interface Answered {
  readonly decision: Decision
  /** The policy is among those that determined the decision. @throws TestkitError ERR_TESTKIT_EXPECTATION */
  because(policy: string): Answered
}

/** Compiles the policies once. @throws PolicyError with every problem of the sources */
export function createPolicyTest<S extends SchemaDefinition>(options: PolicyTestOptions<S>): PolicyTest<S> {
  const policies = typeof options.policies === 'string' ? loadFolder(options.policies) : options.policies
  const world = createWorld({ ...options, policies })
  const determined = new Set<string>()

  function expectDecision(
    expected: 'allow' | 'deny',
    person: Person,
    facts: Attributes,
    action: string,
    resource: MappedEntity<string, unknown> | undefined,
  ): Answered {
    if (resource === undefined) throw new TypeError('a test needs a resource; its mapping was given no row')
    const decision = ask(world, { person, action, thing: resource.entity, facts })
    for (const id of decision.determining) determined.add(id)
    const line = `${person.uid.type}::"${person.uid.id}" ${action} ${resource.type}::"${resource.entity.uid.id}"`
    if (decision.decision !== expected) throw unmet(`expected ${expected}, got ${decision.decision}: ${line}`, decision)
    const answered: Answered = {
      decision,
      because(policy) {
        if (!decision.determining.includes(policy))
          throw unmet(`expected ${expected} because of ${policy}: ${line}`, decision)
        return answered
      },
    }
    return answered
  }

  return {
    principal: (type, id, facts = {}) => createPerson(world, entityUid(type, id), facts),
    as(person, facts = {}) {
      const base = requestFacts(facts)
      return {
        allows: (action, resource, context) =>
          expectDecision('allow', person, { ...context, ...base }, action, resource),
        denies: (action, resource, context) =>
          expectDecision('deny', person, { ...context, ...base }, action, resource),
      }
    },
    undetermined: () => world.policies.map((policy) => policy.id).filter((id) => !determined.has(id)),
  }
}

function requestFacts({ mfa, ...facts }: Facts): Attributes {
  const now = facts.now ?? new Date(DEFAULT_NOW_SECONDS * 1000)
  const factor = mfa === undefined ? {} : { acr: mfa ? 'mfa' : 'pwd', authTime: now }
  return { now, ...factor, ...facts }
}

function unmet(message: string, decision: Decision): TestkitError {
  const determining =
    decision.determining.length === 0 ? 'no policy applied' : `determined by ${decision.determining.join(', ')}`
  const errors = decision.errors.map((error) => `; ${error.policy} could not be decided: ${error.message}`).join('')
  return new TestkitError('ERR_TESTKIT_EXPECTATION', `${message} (${determining}${errors})`)
}
