// Until when a partial evaluation stays true while time goes on. `context.now` is known, but it moves: what is made of it is
// followed through offsets, differences, days and comparisons, each of which says when it will first come out otherwise.
// INVARIANT: what cannot be followed holds for this very instant only. It is never taken for something that lasts.

import { childrenOf } from '../check/children.ts'
import type { Call, Expression } from '../syntax/tree.ts'
import { timeOfDay } from '../value/datetime.ts'
import { isContext } from './attribute.ts'

export interface Clock {
  /** Told of every node that was evaluated, and of its result. */
  readonly observe: (node: Expression, result: Expression) => void
  /** Told of a part that stays in a residual: the time in it is the time of now. */
  readonly keep: (node: Expression) => void
  /** The first millisecond at which something may come out otherwise, of all since the last call. */
  readonly takeBound: () => bigint | undefined
}

/** A value that moves: how many milliseconds for one of the clock, and the first instant at which that ends. */
interface Movement {
  readonly slope: bigint
  readonly until: bigint
}

const FOREVER = 2n ** 64n
const LIMIT = 2n ** 63n
const DAY = 86_400_000n

/** `now` in milliseconds. */
export function createClock(now: bigint): Clock {
  const movements = new WeakMap<Expression, Movement>()
  let bound = FOREVER
  const limit = (until: bigint): void => {
    if (until < bound) bound = until
  }

  return {
    observe(node, result) {
      if (node.kind === 'attribute' && isContext(node.of)) {
        if (node.name === 'now') movements.set(result, { slope: 1n, until: FOREVER })
        return
      }
      const parts = childrenOf(node)
      const moves = parts.map((part) => movementOf(part, movements, now))
      if (moves.every((move) => move === undefined)) return
      const moving = moves.map((move) => move ?? RESTING)
      const values = parts.map(millisecondsOf)
      const movement = node.kind === 'call' ? resultOf(node, moving, values, now) : undefined
      const made = millisecondsOf(result)
      if (movement !== undefined && made !== undefined) {
        movements.set(result, { ...movement, until: least(movement.until, now + roomOf(movement.slope, made)) })
        return
      }
      limit(flipOf(node, result, moving, values, now))
    },
    keep(node) {
      if (movementOf(node, movements, now) !== undefined) limit(now)
    },
    takeBound() {
      const taken = bound
      bound = FOREVER
      return taken === FOREVER ? undefined : taken
    },
  }
}

const RESTING: Movement = { slope: 0n, until: FOREVER }

/** A whole context holds the time, and nothing follows it through that. */
function movementOf(node: Expression, movements: WeakMap<Expression, Movement>, now: bigint): Movement | undefined {
  if (node.kind !== 'literal' || typeof node.value !== 'object') return undefined
  const { value } = node
  if (value.kind === 'record' && value.fields.has('now')) return { slope: 0n, until: now }
  return movements.get(node)
}

/** How the result of a call moves; `undefined` where nothing follows it. */
function resultOf(
  { function: name }: Call,
  [first = RESTING, second = RESTING]: readonly Movement[],
  [value]: readonly (bigint | undefined)[],
  now: bigint,
): Movement | undefined {
  const until = least(first.until, second.until)
  if (name === 'offset') return { slope: first.slope + second.slope, until }
  if (name === 'durationSince') return { slope: first.slope - second.slope, until }
  if (value === undefined || first.slope !== 1n) return undefined
  const midnight = least(until, now + DAY - timeOfDay(value))
  if (name === 'toTime') return { slope: 1n, until: midnight }
  return name === 'toDate' ? { slope: 0n, until: midnight } : undefined
}

/** The first instant at which a comparison of two instants, or of two lengths of time, comes out otherwise. */
function flipOf(
  { kind }: Expression,
  result: Expression,
  [first = RESTING, second = RESTING]: readonly Movement[],
  [left, right]: readonly (bigint | undefined)[],
  now: bigint,
): bigint {
  const until = least(first.until, second.until)
  const slope = first.slope - second.slope
  const borders = BORDERS.get(kind)
  if (borders === undefined || result.kind !== 'literal' || left === undefined || right === undefined) return now
  if (slope === 0n) return until
  if (slope !== 1n && slope !== -1n) return now
  const distance = left - right
  const waits = borders.map((border) => (slope > 0n ? border - distance : distance - border + 1n))
  return waits.filter((wait) => wait > 0n).reduce((soonest, wait) => least(soonest, now + wait), until)
}

/** `left - right` where the outcome becomes another one than just below. */
const BORDERS: ReadonlyMap<string, readonly bigint[]> = new Map([
  ['less', [0n]],
  ['greaterEqual', [0n]],
  ['lessEqual', [1n]],
  ['greater', [1n]],
  ['equal', [0n, 1n]],
  ['notEqual', [0n, 1n]],
])

function millisecondsOf(node: Expression): bigint | undefined {
  if (node.kind !== 'literal' || typeof node.value !== 'object') return undefined
  const { value } = node
  return value.kind === 'datetime' || value.kind === 'duration' ? value.milliseconds : undefined
}

/** How long a value can move before it leaves the 64 bits, which is an error. */
function roomOf(slope: bigint, value: bigint): bigint {
  if (slope === 0n) return FOREVER
  return slope > 0n ? (LIMIT - value) / slope : (LIMIT + value + 1n) / -slope
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right
}
