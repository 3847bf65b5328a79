// What two programs say of one question, and in which way they differ.

import { type Decision, decide, PolicyError } from '@cardea/policy'
import { requestOf, type Sample } from '../sample/sample.ts'
import type { World } from '../world.ts'

/** `errors`: a policy cannot be evaluated that could be before. `reasons`: the same decision by other policies. */
export type Direction = 'newly-allows' | 'newly-denies' | 'newly-errs' | 'other-reasons'

export interface Answers {
  readonly before: Decision
  readonly after: Decision
}

/** Both answers. @throws PolicyError when the sample's entities cannot be */
export function answersTo(sample: Sample, before: World, after: World): Answers {
  const request = requestOf(sample, after.schema)
  return {
    before: decide(before.program, isOneSchema(before, after) ? request : requestOf(sample, before.schema)),
    after: decide(after.program, request),
  }
}

/** Whether both worlds were made from one and the same definition. */
export function isOneSchema(before: World, after: World): boolean {
  return before.schema.definition === after.schema.definition
}

/** Every way in which the answers differ; a flip may come with an error. */
export function directionsOf(answers: Answers): readonly Direction[] {
  const { before, after } = answers
  const found: Direction[] = []
  if (before.decision !== after.decision) found.push(after.decision === 'allow' ? 'newly-allows' : 'newly-denies')
  if (newlyErring(answers).length > 0) found.push('newly-errs')
  if (found.length === 0 && causeOf(before) !== causeOf(after)) found.push('other-reasons')
  return found
}

/** Policies that could be evaluated before, or were not there, and cannot now. */
export function newlyErring({ before, after }: Answers): readonly string[] {
  const known = new Set(before.errors.map(({ policy }) => policy))
  return after.errors.map(({ policy }) => policy).filter((policy) => !known.has(policy))
}

/**
 * The policies that made the difference, as far as the decisions tell: of a flip the forbids that came or went, or else the permits.
 */
export function culpritsOf(direction: Direction, answers: Answers): readonly string[] {
  const { before, after } = answers
  switch (direction) {
    case 'newly-allows':
      return before.reason === 'no-permit' ? after.determining : blamed(before)
    case 'newly-denies':
      return after.reason === 'no-permit' ? before.determining : blamed(after)
    case 'newly-errs':
      return newlyErring(answers)
    case 'other-reasons':
      return [before.reason, ...before.determining, after.reason, ...after.determining]
    default:
      return direction satisfies never
  }
}

function blamed({ reason, determining, errors }: Decision): readonly string[] {
  return reason === 'forbid-error' ? errors.map(({ policy }) => policy) : determining
}

function causeOf({ reason, determining }: Decision): string {
  return [reason, ...determining].join(' ')
}

/**
 * Whether a smaller question, which may not be askable at all, still shows the same: the same change for no other reason. INVARIANT: making an
 * example smaller never turns it into an example of something else.
 */
export function stillShows(
  direction: Direction,
  wanted: Answers,
  sample: Sample,
  before: World,
  after: World,
): boolean {
  try {
    return showsTheSame(direction, wanted, answersTo(sample, before, after))
  } catch (error) {
    if (error instanceof PolicyError) return false
    throw error
  }
}

function showsTheSame(direction: Direction, wanted: Answers, found: Answers): boolean {
  if (!directionsOf(found).includes(direction)) return false
  const isSame = (side: 'before' | 'after'): boolean =>
    wanted[side].reason === found[side].reason &&
    isSubset(found[side].determining, wanted[side].determining) &&
    isSubset(erring(found[side]), erring(wanted[side]))
  return isSame('before') && isSame('after')
}

function erring({ errors }: Decision): readonly string[] {
  return errors.map(({ policy }) => policy)
}

function isSubset(few: readonly string[], many: readonly string[]): boolean {
  return few.every((one) => many.includes(one))
}
