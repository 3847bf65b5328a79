// A policy at one place of the index: what that place has answered of its scope is not tested again.

import type { Evaluation } from '../operator/evaluation.ts'
import type { Fault } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'
import { Hit } from './hit.ts'
import { allOf } from './rule.ts'
import type { Rule } from './rule.ts'
import { entityTest, hasSlot, namedEntity, relationOf, typeTest } from './scope.ts'
import type { Side } from './scope.ts'
import type { Test } from './test.ts'

/** What a place answers: the types of both sides, and perhaps which entity a side is. */
export interface Answered {
  readonly types?: true
  readonly principal?: true
  readonly resource?: true
}

export class Entry {
  readonly rule: Rule
  readonly isPermit: boolean
  readonly #answered: Answered
  readonly #before: Test | undefined
  /** `null` until it is first needed; `undefined` when there is nothing left to test. */
  #test: Test | undefined | null = null
  #hit: Hit | undefined

  /** `before` is tested first: what the index by action could not answer. */
  constructor(rule: Rule, answered: Answered, before: Test | undefined) {
    this.rule = rule
    this.isPermit = rule.effect === 'permit'
    this.#answered = answered
    this.#before = before
  }

  /** True when nothing but the condition of the policy is tested here. */
  get isConditionOnly(): boolean {
    return this.#before === undefined && this.#answered.types === true
  }

  /** What it is when it determines a decision by its own id. */
  get hit(): Hit {
    this.#hit ??= new Hit(this.rule, this.rule.ids)
    return this.#hit
  }

  /** What is left to test; `undefined` when it always holds. */
  get test(): Test | undefined {
    return this.#test === null ? this.#prepare() : this.#test
  }

  run(evaluation: Evaluation): boolean | Fault {
    // not by `test`: a step more is felt here
    const test = this.#test === null ? this.#prepare() : this.#test
    return test === undefined || test(evaluation)
  }

  #prepare(): Test | undefined {
    const { policy, test } = this.rule
    const sides = (['principal', 'resource'] as const).flatMap((side) => [
      this.#answered.types === true ? undefined : typeTest(policy[side], side),
      this.#answered[side] === true ? undefined : entityTest(policy[side], side),
    ])
    this.#test = allOf([this.#before, ...sides, test])
    return this.#test
  }
}

/** A template, found by one of its links; its test is of everything but the slots. */
export class TemplateEntry extends Entry {
  readonly principalSlot: 'equal' | 'in' | undefined
  readonly resourceSlot: 'equal' | 'in' | undefined

  constructor(rule: Rule, answered: Answered, before: Test | undefined) {
    super(rule, answered, before)
    const { principal, resource } = rule.policy
    this.principalSlot = hasSlot(principal) ? relationOf(principal) : undefined
    this.resourceSlot = hasSlot(resource) ? relationOf(resource) : undefined
  }
}

/** Where the scope lets a policy be found: by the entity that one side names, and how that side must stand to it. */
export interface Place {
  readonly side: Side
  readonly entity: EntityUid
  readonly relation: 'equal' | 'in'
}

/** Equality finds fewest candidates, and a principal has fewer policies than a resource has. */
export function placeOf({ policy }: Rule): Place | undefined {
  const principal = placeOn('principal', policy.principal)
  const resource = placeOn('resource', policy.resource)
  return principal?.relation !== 'equal' && resource?.relation === 'equal' ? resource : (principal ?? resource)
}

/** The place that one side names; `undefined` when it names no entity. */
export function placeOn(side: Side, scope: Parameters<typeof namedEntity>[0]): Place | undefined {
  const entity = namedEntity(scope)
  return entity === undefined ? undefined : { side, entity, relation: relationOf(scope) }
}
