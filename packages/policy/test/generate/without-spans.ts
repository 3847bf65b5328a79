// A tree with every place replaced, so that trees from different texts can be compared.

import { NOWHERE } from './expressions.ts'

/** A deep copy in which every property `span` is `NOWHERE`. */
export function withoutSpans(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutSpans)
  if (node instanceof Map) return new Map([...node].map(([key, value]) => [key, withoutSpans(value)]))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, key === 'span' ? NOWHERE : withoutSpans(value)]),
  )
}
