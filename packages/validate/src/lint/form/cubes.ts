// The ways in which a condition comes to be true (or false), each as a set of literals: it is so in a request exactly if all literals of
// one of the sets are. A literal is an expression and the Bool that it must evaluate to; one that errs is neither.
// INVARIANT: exact also where parts err. `a || b` is true where `a` is, or where `a` is false and `b` true; "`a` is false" may be
// left away only if `a` cannot err.

import type { Binary, Expression } from '@cardea/policy'
import { keyOf } from './key.ts'
import type { Typing } from './typing.ts'

export interface Literal {
  readonly key: string
  /** In canonical form, and neither a constant nor one of `!`, `&&`, `||`, `if`. */
  readonly node: Expression
  readonly holds: boolean
}

/** Literals by key. */
export type Cube = ReadonlyMap<string, Literal>

/** Beyond this many ways a condition is not looked at. */
const CUBES = 64

/** All ways in which the canonical expression is `wanted`, none within another; `undefined` when they are too many. */
export function cubesOf(node: Expression, wanted: boolean, typing: Typing): readonly Cube[] | undefined {
  const cubes = expand(node, wanted, typing)
  return cubes === undefined ? undefined : simplest(cubes)
}

/** All ways in which both are so. */
export function bothOf(
  left: readonly Cube[] | undefined,
  right: readonly Cube[] | undefined,
): readonly Cube[] | undefined {
  if (left === undefined || right === undefined || left.length * right.length > CUBES * CUBES) return undefined
  const both: Cube[] = []
  for (const one of left) {
    for (const other of right) {
      const cube = union(one, other)
      if (cube !== undefined) both.push(cube)
    }
  }
  return both.length > CUBES ? undefined : both
}

/** The same text for the same ways. */
export function cubesKey(cubes: readonly Cube[]): string {
  const texts = cubes.map((cube) =>
    [...cube.values()]
      .map(({ key, holds }) => `${holds ? '+' : '-'}${key}`)
      .sort()
      .join(' & '),
  )
  return texts.sort().join(' | ')
}

function expand(node: Expression, wanted: boolean, typing: Typing): readonly Cube[] | undefined {
  switch (node.kind) {
    case 'literal':
      return node.value === wanted ? [new Map()] : []
    case 'fault':
      return []
    case 'not':
      return expand(node.operand, !wanted, typing)
    case 'and':
    case 'or':
      return expandLogic({ ...node, kind: node.kind }, wanted, typing)
    case 'if':
      return eitherOf(
        bothOf(expand(node.test, true, typing), expand(node.then, wanted, typing)),
        bothOf(expand(node.test, false, typing), expand(node.else, wanted, typing)),
      )
    default: {
      const key = keyOf(node)
      return [new Map([[key, { key, node, holds: wanted }]])]
    }
  }
}

function expandLogic(node: Binary, wanted: boolean, typing: Typing): readonly Cube[] | undefined {
  const decisive = node.kind === 'or'
  const right = expand(node.right, wanted, typing)
  if (wanted !== decisive) return bothOf(expand(node.left, wanted, typing), right)
  const reached = typing.isSafe(node.left) ? right : bothOf(expand(node.left, !decisive, typing), right)
  return eitherOf(expand(node.left, decisive, typing), reached)
}

function eitherOf(left: readonly Cube[] | undefined, right: readonly Cube[] | undefined): readonly Cube[] | undefined {
  if (left === undefined || right === undefined || left.length + right.length > CUBES) return undefined
  return [...left, ...right]
}

/** `undefined` when a literal of one is the opposite of one of the other. */
function union(one: Cube, other: Cube): Cube | undefined {
  if (one.size === 0) return other
  if (other.size === 0) return one
  for (const { key, holds } of other.values()) {
    const known = one.get(key)
    if (known !== undefined && known.holds !== holds) return undefined
  }
  return new Map([...one, ...other])
}

/** The same ways without those that are a special case of another: `a || (a && b)` is `a`. */
export function simplest(cubes: readonly Cube[]): readonly Cube[] {
  if (cubes.length < 2) return cubes
  const kept: Cube[] = []
  for (const cube of cubes.toSorted((left, right) => left.size - right.size)) {
    if (!kept.some((general) => isWithin(cube, general))) kept.push(cube)
  }
  return kept
}

function isWithin(cube: Cube, general: Cube): boolean {
  for (const { key, holds } of general.values()) {
    if (cube.get(key)?.holds !== holds) return false
  }
  return true
}
