// The height of an expression, measured without recursion, so that everything after may recurse. The parser has the same limit; trees
// that were not parsed meet it here.

import { SYNTAX_LIMITS } from '../syntax/limits.ts'
import type { Expression } from '../syntax/tree.ts'
import { childrenOf } from './children.ts'

/** Levels that an expression may have. */
export const MAXIMUM_DEPTH: number = SYNTAX_LIMITS.height

export function isTooDeep(root: Expression): boolean {
  const open: { node: Expression; depth: number }[] = [{ node: root, depth: 1 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next
    if (depth > MAXIMUM_DEPTH) return true
    for (const child of childrenOf(node)) open.push({ node: child, depth: depth + 1 })
  }
  return false
}
