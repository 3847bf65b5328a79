// What generated code calls, as `h`. Meanings are not written twice: these are the functions that the operators are made of.

import { count } from '../compile/tally.ts'
import { findEntity, hasAncestor } from '../operator/evaluation.ts'
import { hasPath } from '../operator/has.ts'
import { isMember } from '../operator/in.ts'
import { setValue, valueEquals } from '../value/equality.ts'
import { Layout } from '../value/fields.ts'
import { isInRange } from '../value/ip.ts'
import { recordValue } from '../value/record.ts'

export interface Helpers {
  readonly count: typeof count
  readonly findEntity: typeof findEntity
  readonly hasAncestor: typeof hasAncestor
  readonly hasPath: typeof hasPath
  readonly isInRange: typeof isInRange
  readonly isMember: typeof isMember
  readonly recordValue: typeof recordValue
  readonly setValue: typeof setValue
  readonly valueEquals: typeof valueEquals
  /** Equal to no layout of any fields. */
  readonly unknownLayout: Layout
}

export const helpers: Helpers = Object.freeze({
  count,
  findEntity,
  hasAncestor,
  hasPath,
  isInRange,
  isMember,
  recordValue,
  setValue,
  valueEquals,
  unknownLayout: new Layout([]),
})
