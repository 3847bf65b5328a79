// Bounds: `a < 3` and `a > 5` exclude each other, `a < 3` makes `a < 5` true. Longs, times and lengths of time by `<`, decimals by
// `lessThan`; only bounds that are constants, and pairs of terms that are compared both ways.

import type { Expression, Value } from '@cardea/policy'
import type { Literal } from './cubes.ts'
import { keyOf } from './key.ts'

export interface Order {
  /** By the key of the term. */
  readonly bounds: Map<string, Bounds>
  /** `left < right`, by both keys. */
  readonly less: Set<string>
}

/** Both inclusive: every ordered value is an integer. */
interface Bounds {
  readonly least: bigint | undefined
  readonly most: bigint | undefined
}

export function createOrder(): Order {
  return { bounds: new Map(), less: new Set() }
}

/** Takes note of a literal that may be a comparison. False when it excludes those before it. */
export function addOrder({ bounds, less }: Order, { node, holds }: Literal): boolean {
  const compared = comparisonOf(node)
  if (compared === undefined) return true
  const bound = boundOf(compared, holds)
  if (bound === undefined) {
    if (!holds) return true
    const [left, right] = [keyOf(compared.left), keyOf(compared.right)]
    less.add(`${left} < ${right}`)
    return left !== right && !less.has(`${right} < ${left}`)
  }
  const { term, side, value } = bound
  const before = bounds.get(term) ?? { least: undefined, most: undefined }
  const least = side === 'least' && (before.least === undefined || value > before.least) ? value : before.least
  const most = side === 'most' && (before.most === undefined || value < before.most) ? value : before.most
  bounds.set(term, { least, most })
  return least === undefined || most === undefined || least <= most
}

/** True when the bounds decide the comparison. */
export function impliesOrder({ bounds }: Order, node: Expression, holds: boolean): boolean {
  const compared = comparisonOf(node)
  const asked = compared === undefined ? undefined : boundOf(compared, holds)
  if (asked === undefined) return false
  const { least, most } = bounds.get(asked.term) ?? {}
  if (asked.side === 'least') return least !== undefined && least >= asked.value
  return most !== undefined && most <= asked.value
}

interface Comparison {
  readonly left: Expression
  readonly right: Expression
}

function comparisonOf(node: Expression): Comparison | undefined {
  if (node.kind === 'less') return node
  if (node.kind !== 'call' || node.function !== 'lessThan') return undefined
  const [left, right] = node.arguments
  return left === undefined || right === undefined ? undefined : { left, right }
}

/** What the comparison with a constant says of the other side. */
function boundOf(
  { left, right }: Comparison,
  holds: boolean,
): { readonly term: string; readonly side: 'least' | 'most'; readonly value: bigint } | undefined {
  const [above, below] = [orderOf(right), orderOf(left)]
  // left < 5: at most 4; not left < 5: at least 5
  if (above !== undefined && below === undefined) {
    return { term: keyOf(left), side: holds ? 'most' : 'least', value: holds ? above - 1n : above }
  }
  // 5 < right: at least 6; not 5 < right: at most 5
  if (below !== undefined && above === undefined) {
    return { term: keyOf(right), side: holds ? 'least' : 'most', value: holds ? below + 1n : below }
  }
  return undefined
}

/** The place of a constant in its order. */
function orderOf(node: Expression): bigint | undefined {
  if (node.kind !== 'literal') return undefined
  const { value }: { readonly value: Value } = node
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value)
  if (typeof value !== 'object') return undefined
  if (value.kind === 'datetime' || value.kind === 'duration') return value.milliseconds
  return value.kind === 'decimal' ? value.scaled : undefined
}
