// A tree with every place replaced, so that trees from different texts can be compared.

import { NOWHERE } from './expressions.ts'

/** A deep copy in which every property `span` is `NOWHERE`. */
export function withoutSpans<T>(node: T): T {
  return copy(node) as T
}

function copy(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(copy)
  if (node instanceof Map) return new Map([...node].map(([key, value]) => [key, copy(value)]))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, key === 'span' ? NOWHERE : copy(value)]))
}
