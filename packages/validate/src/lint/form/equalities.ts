// Which terms are equal by what literals say, and which constant they are.

import { type Expression, valueKey } from '@cardea/policy'
import type { Literal } from './cubes.ts'
import { keyOf } from './key.ts'

export interface Equalities {
  readonly isEmpty: boolean
  /** Takes note of an equality that holds. False when a term would be two constants. */
  add(literal: Literal): boolean
  /** The term, or the constant, that stands for all that equal the node; `undefined` when nothing is known of it. */
  representative(node: Expression): Expression | undefined
  /** True when the term stands in an equality that holds, and so has a value. */
  knows(node: Expression): boolean
}

/** Cost of an equality: the terms known before. */
export function createEqualities(): Equalities {
  /** What stands for a term, by the term's key. */
  const standing = new Map<string, Expression>()
  const classOf = (node: Expression): Expression => standing.get(keyOf(node)) ?? node
  return {
    get isEmpty() {
      return standing.size === 0
    },
    add({ node, holds }) {
      if (!holds || node.kind !== 'equal') return true
      const [left, right] = [classOf(node.left), classOf(node.right)]
      if (left.kind === 'literal' && right.kind === 'literal') return valueKey(left.value) === valueKey(right.value)
      const [kept, replaced] = right.kind === 'literal' ? [right, left] : [left, right]
      for (const [key, each] of standing) if (each === replaced) standing.set(key, kept)
      standing.set(keyOf(node.left), kept)
      standing.set(keyOf(node.right), kept)
      return true
    },
    representative: (node) => standing.get(keyOf(node)),
    knows: (node) => node.kind === 'literal' || standing.has(keyOf(node)),
  }
}
