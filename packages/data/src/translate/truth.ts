// The algebra of Cedar's three outcomes. A condition is a pair of predicates, "certainly true" and "certainly false"; a row on
// which it errs satisfies neither. Pairs need no NOT and no CASE, so a database can use its indexes on what comes out.
// INVARIANT: `whenTrue` and `whenFalse` are never both true, and a NULL in either counts as false.

import type { Pair } from '../sql/dialect.ts'
import { all, any, FALSE, isConstant, mergeNeeds, NO_NEEDS, relying, TRUE } from '../sql/fragment.ts'
import type { Needs, Predicate } from '../sql/fragment.ts'

export interface Truth extends Pair {
  /** True when it may err on a valid row. */
  readonly mayErr: boolean
  /** Why it does not: required attributes that it reads. */
  readonly needs: Needs
  /** Optional columns that are proven to be there when it is true, or false. */
  readonly proves: { readonly whenTrue: ReadonlySet<string>; readonly whenFalse: ReadonlySet<string> }
}

const NONE: ReadonlySet<string> = new Set()

export const ALWAYS: Truth = truth({ whenTrue: TRUE, whenFalse: FALSE })
export const NEVER: Truth = truth({ whenTrue: FALSE, whenFalse: TRUE })
/** Errs on every row. */
export const FAULT: Truth = truth({ whenTrue: FALSE, whenFalse: FALSE }, { mayErr: true })

export function truth({ whenTrue, whenFalse }: Pair, traits: Partial<Omit<Truth, keyof Pair>> = {}): Truth {
  return {
    whenTrue,
    whenFalse,
    mayErr: traits.mayErr ?? false,
    needs: traits.needs ?? NO_NEEDS,
    proves: traits.proves ?? { whenTrue: NONE, whenFalse: NONE },
  }
}

export function isAlways(of: Truth): boolean {
  return isConstant(of.whenTrue, true)
}

export function isNever(of: Truth): boolean {
  return isConstant(of.whenFalse, true)
}

export function isFault(of: Truth): boolean {
  return of.mayErr && isConstant(of.whenTrue, false) && isConstant(of.whenFalse, false)
}

export function not(of: Truth): Truth {
  return {
    ...of,
    whenTrue: of.whenFalse,
    whenFalse: of.whenTrue,
    proves: { whenTrue: of.proves.whenFalse, whenFalse: of.proves.whenTrue },
  }
}

/** `right` is only asked for where `left` does not decide; it may assume what `left` proves. */
export function and(left: Truth, right: () => Truth): Truth {
  if (isNever(left) || isFault(left)) return left
  const next = right()
  if (isAlways(left)) return given(left.whenTrue, next)
  return {
    whenTrue: all(left.whenTrue, next.whenTrue),
    whenFalse: orAfter(left.whenFalse, next.whenFalse, left),
    mayErr: left.mayErr || next.mayErr,
    needs: mergeNeeds([left.needs, next.needs]),
    proves: { whenTrue: left.proves.whenTrue.union(next.proves.whenTrue), whenFalse: NONE },
  }
}

export function or(left: Truth, right: () => Truth): Truth {
  return not(and(not(left), () => not(right())))
}

export function choose(test: Truth, whenTrue: () => Truth, whenFalse: () => Truth): Truth {
  if (isFault(test)) return test
  if (isAlways(test)) return given(test.whenTrue, whenTrue())
  if (isNever(test)) return given(test.whenFalse, whenFalse())
  const yes = whenTrue()
  const no = whenFalse()
  return truth(
    {
      whenTrue: any(all(test.whenTrue, yes.whenTrue), all(test.whenFalse, no.whenTrue)),
      whenFalse: any(all(test.whenTrue, yes.whenFalse), all(test.whenFalse, no.whenFalse)),
    },
    { mayErr: test.mayErr || yes.mayErr || no.mayErr, needs: mergeNeeds([test.needs, yes.needs, no.needs]) },
  )
}

/** Both are evaluated: true when they have the same value. */
export function same(left: Truth, right: Truth): Truth {
  return choose(
    left,
    () => right,
    () => not(right),
  )
}

/** All are evaluated: true when one of them is true, an error when one of them errs. */
export function anyOf(truths: readonly Truth[]): Truth {
  const [first, ...rest] = truths
  if (first !== undefined && rest.length === 0) return first
  const uncertain = truths.filter((each) => each.mayErr)
  const needs = mergeNeeds(truths.map((each) => each.needs))
  return truth(
    {
      whenTrue: relying(all(any(...truths.map((each) => each.whenTrue)), ...uncertain.map(isDecided)), needs),
      whenFalse: all(...truths.map((each) => each.whenFalse)),
    },
    { mayErr: uncertain.length > 0, needs },
  )
}

/** `NULL or true` is true in SQL, and an error in Cedar: the second side counts only where the first one did not err. */
function orAfter(first: Predicate, second: Predicate, left: Truth): Predicate {
  if (isConstant(second, false)) return any(first, second)
  return left.mayErr ? any(first, all(left.whenTrue, second)) : relying(any(first, second), left.needs)
}

/** What follows from a constant is exact where the constant is. */
function given({ needs }: Predicate, of: Truth): Truth {
  return { ...of, whenTrue: relying(of.whenTrue, needs), whenFalse: relying(of.whenFalse, needs) }
}

function isDecided(of: Truth): Predicate {
  return any(of.whenTrue, of.whenFalse)
}
