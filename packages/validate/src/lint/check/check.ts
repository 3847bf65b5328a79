// What a check is, and what it is given. A check is silent where it is not sure: what it says of a policy is so for every request that
// the schema takes.

import type { Label, Policy, Schema, Span } from '@cardea/policy'
import type { ValidateErrorCode } from '../../errors.ts'
import { type Cube, cubesOf, bothOf } from '../form/cubes.ts'
import { type Facts, factsOf } from '../form/facts.ts'
import type { Part, PolicyForm } from '../form/policy-form.ts'
import type { Supply } from '../supply.ts'

export interface Check {
  /** As an annotation names it: `@lint("allow covered: ...")`. */
  readonly name: string
  readonly code: ValidateErrorCode
  /** True for a check of what the project's mappings say. */
  readonly needsSupply?: true
  readonly find: (subject: Subject) => readonly Finding[]
}

export interface Finding {
  readonly policy: Policy
  readonly message: string
  readonly hint: string
  readonly span: Span
  readonly labels?: readonly Label[]
}

/** A policy set, passed by strict validation, as checks look at it. */
export interface Subject {
  readonly schema: Schema
  readonly forms: readonly PolicyForm[]
  /** The ways in which the policy can be true; `undefined` when they are too many to look at. */
  readonly waysOf: (form: PolicyForm) => readonly Way[] | undefined
  /** What is known of where entities come from. */
  readonly supply: Supply
}

export interface Way {
  readonly cube: Cube
  readonly facts: Facts
}

export function createSubject(schema: Schema, forms: readonly PolicyForm[], supply: Supply): Subject {
  const known = new Map<PolicyForm, readonly Way[] | undefined>()
  return {
    schema,
    forms,
    supply,
    waysOf(form) {
      if (known.has(form)) return known.get(form)
      const ways = form.holds
        ?.map((cube): Way => ({ cube, facts: factsOf(cube, form.typing) }))
        .filter(({ facts }) => !facts.areImpossible)
      known.set(form, ways)
      return ways
    },
  }
}

/** True when no request has all parts true. */
export function areImpossible(parts: readonly Part[], { typing }: PolicyForm): boolean {
  const cubes = parts.reduce<readonly Cube[] | undefined>(
    (sofar, { node, typing: own }) => bothOf(sofar, cubesOf(node, true, own)),
    [new Map()],
  )
  return cubes !== undefined && cubes.every((cube) => factsOf(cube, typing).areImpossible)
}
