// The nesting of an expression, measured without recursion. Evaluation recurses once a level; a chain of `&&` or `||` is a loop
// there, and counts as one level here.

import type { Expression } from '../syntax/tree.ts'
import { childrenOf } from './children.ts'

/** Levels that an expression may have. Far more than text within the parser's limits makes, far less than a stack holds. */
export const MAXIMUM_DEPTH = 500

export function isTooDeep(root: Expression): boolean {
  const open: { node: Expression; depth: number }[] = [{ node: root, depth: 1 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next
    if (depth > MAXIMUM_DEPTH) return true
    for (const child of childrenOf(node)) {
      const isChain = child.kind === node.kind && (node.kind === 'and' || node.kind === 'or') && child === node.left
      open.push({ node: child, depth: isChain ? depth : depth + 1 })
    }
  }
  return false
}
