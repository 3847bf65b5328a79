// What generated code calls, as `h`. Meanings are not written twice: these are the functions that the operators are made of.

import { count } from '../compile/tally.ts'
import { findEntity, hasAncestor } from '../operator/evaluation.ts'
import { hasPath } from '../operator/has.ts'
import { isMember } from '../operator/in.ts'
import { setValue, valueEquals } from '../value/equality.ts'
import { Layout } from '../value/fields.ts'
import { isInRange } from '../value/ip.ts'
import { recordValue } from '../value/record.ts'

export const helpers = Object.freeze({
  count,
  findEntity,
  hasAncestor,
  hasPath,
  isInRange,
  isMember,
  recordValue,
  setValue,
  valueEquals,
  /** Equal to no layout of any fields. */
  unknownLayout: new Layout([]),
})
