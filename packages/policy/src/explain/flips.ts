// The smallest set of atoms that must come out the other way for a condition to be what is wanted. An atom is a part without `&&`,
// `||`, `!` and `if`; atoms of the same text are one, and turn together.
//
// Every node gets its few cheapest *ways* to be true and to be false, from those of its parts. A way is the atoms it turns, and what it
// relies on of atoms that stand in several places, so that no way wants the same atom true and false.
// Cost: the size of the condition, times the square of `BREADTH`.
// INVARIANT: with the atoms of the answer turned the condition is what is wanted; with any one of them left, it is not.

import { chainOf } from '../operator/logic.ts'
import { compileExpression } from '../operator/table.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { Result } from '../operator/fault.ts'
import { printExpression } from '../print/print-policy.ts'
import type { Expression } from '../syntax/tree.ts'

/** A part of a condition, and what it would have to be. */
export interface Part {
  readonly node: Expression
  readonly wanted: boolean
  readonly result: Result
}

/** What it takes to turn the atom: positive, and the same for the same atom. */
export type CostOf = (node: Expression, wanted: boolean) => number

/** Ways that are kept of each node. */
const BREADTH = 8
/** Atoms that are followed through all their places; beyond them, only the check of the end counts. */
const MOST_SHARED = 64
/** Times that a whole condition is evaluated to make an answer irreducible. */
const MOST_CHECKS = 256

/**
 * The atoms to turn, in the order of the text. Empty when the condition is what is wanted. A condition that contradicts itself, so that no
 * turning of atoms helps, is given as one part.
 */
export function smallestFlips(
  root: Expression,
  wanted: boolean,
  evaluation: Evaluation,
  costOf: CostOf,
): readonly Part[] {
  const atoms = createAtoms(evaluation)
  const value = evaluateWith(root, atoms, NOTHING)
  if (value === wanted) return []
  const search = createSearch(root, atoms, costOf)
  for (const way of search(root, wanted)) {
    const turned = turnsOf(way)
    const isEnough = (turns: ReadonlyMap<string, Turn>): boolean => evaluateWith(root, atoms, turns) === wanted
    if (isEnough(turned)) return [...reduce(turned, isEnough).values()].map(({ node, to }) => partOf(node, to))
  }
  return [partOf(root, wanted)]

  function partOf(node: Expression, wanted: boolean): Part {
    return { node, wanted, result: compileExpression(node)(evaluation) }
  }
}

/** An atom turned: the first place where it stands, and what it becomes there and, as it stands under `name`, everywhere. */
interface Turn {
  readonly name: string
  readonly node: Expression
  readonly to: boolean
  /** The same of the atom that the name prints: `a != b` is `a == b` turned around. */
  readonly holds: boolean
  readonly cost: number
}

const NOTHING: ReadonlyMap<string, Turn> = new Map<string, Turn>()

interface Atom {
  readonly name: string
  /** `a != b` goes by the name of `a == b`. */
  readonly isTurnedAround: boolean
  /** `undefined`: it errs, or is no Bool. */
  readonly value: boolean | undefined
}

type Atoms = (node: Expression) => Atom

function createAtoms(evaluation: Evaluation): Atoms {
  const known = new Map<Expression, Atom>()
  return (node) => {
    const before = known.get(node)
    if (before !== undefined) return before
    const isTurnedAround = node.kind === 'notEqual'
    const result = compileExpression(node)(evaluation)
    const atom: Atom = {
      name: printExpression(isTurnedAround ? { ...node, kind: 'equal' } : node),
      isTurnedAround,
      value: typeof result === 'boolean' ? result : undefined,
    }
    known.set(node, atom)
    return atom
  }
}

/** One way for a node to be what is wanted. */
interface Way {
  readonly cost: number
  readonly turns: Turns | undefined
  /** What it wants of atoms that stand in several places. */
  readonly shared: ReadonlyMap<string, Turn>
}

/** Turns as a tree, so that joining two ways costs nothing. */
type Turns = Turn | { readonly left: Turns; readonly right: Turns }

const FREE: Way = { cost: 0, turns: undefined, shared: NOTHING }

type Ways = (node: Expression, wanted: boolean) => readonly Way[]

function createSearch(root: Expression, atoms: Atoms, costOf: CostOf): Ways {
  const shared = sharedNames(root, atoms)
  const known = { true: new Map<Expression, readonly Way[]>(), false: new Map<Expression, readonly Way[]>() }
  const search: Ways = (node, wanted) => {
    const memory = known[`${wanted}`]
    let ways = memory.get(node)
    if (ways === undefined) memory.set(node, (ways = waysOf(node, wanted)))
    return ways
  }
  return search

  function waysOf(node: Expression, wanted: boolean): readonly Way[] {
    switch (node.kind) {
      case 'not':
        return search(node.operand, !wanted)
      case 'and':
      case 'or':
        return chainWays(chainOf(node), node.kind === 'or', wanted)
      case 'if':
        return cheapest([
          ...both(search(node.test, true), search(node.then, wanted)),
          ...both(search(node.test, false), search(node.else, wanted)),
        ])
      default:
        return [atomWay(node, wanted)]
    }
  }

  /** `decisive` is the value of one part that decides the whole; those before it must be the other, and not err. */
  function chainWays(parts: readonly Expression[], decisive: boolean, wanted: boolean): readonly Way[] {
    let undecided: readonly Way[] = [FREE]
    let decided: readonly Way[] = []
    for (const part of parts) {
      if (wanted === decisive) {
        const here = both(undecided, search(part, decisive))
        // of parts that are as easy, an alternative is the first, and what keeps a forbid away is the last
        decided = cheapest(decisive ? [...decided, ...here] : [...here, ...decided])
      }
      undecided = both(undecided, search(part, !decisive))
    }
    return wanted === decisive ? decided : undecided
  }

  function atomWay(node: Expression, wanted: boolean): Way {
    const { name, isTurnedAround, value } = atoms(node)
    const cost = value === wanted ? 0 : costOf(node, wanted)
    const turn: Turn = { name, node, to: wanted, holds: wanted !== isTurnedAround, cost }
    return { cost, turns: cost === 0 ? undefined : turn, shared: shared.has(name) ? new Map([[name, turn]]) : NOTHING }
  }
}

/** Every way of the one with every way of the other, the cheapest of them. */
function both(left: readonly Way[], right: readonly Way[]): readonly Way[] {
  return cheapest(left.flatMap((one) => right.flatMap((other) => join(one, other) ?? [])))
}

function join(left: Way, right: Way): Way | undefined {
  let cost = left.cost + right.cost
  let { shared } = left
  if (shared.size === 0) shared = right.shared
  else if (right.shared.size > 0) {
    const joined = new Map(shared)
    for (const [name, turn] of right.shared) {
      const before = joined.get(name)
      if (before === undefined) joined.set(name, turn)
      else if (before.holds !== turn.holds) return undefined
      // turned once for both
      else cost -= turn.cost
    }
    shared = joined
  }
  return { cost, turns: joinTurns(left.turns, right.turns), shared }
}

function joinTurns(left: Turns | undefined, right: Turns | undefined): Turns | undefined {
  if (left === undefined) return right
  return right === undefined ? left : { left, right }
}

function cheapest(ways: readonly Way[]): readonly Way[] {
  return ways.length < 2 ? ways : ways.toSorted((left, right) => left.cost - right.cost).slice(0, BREADTH)
}

/** The turns of a way by name, in the order of the text. */
function turnsOf({ turns }: Way): Map<string, Turn> {
  const found = new Map<string, Turn>()
  const open: Turns[] = turns === undefined ? [] : [turns]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if ('left' in next) open.push(next.right, next.left)
    else if (!found.has(next.name)) found.set(next.name, next)
  }
  return found
}

/** Takes out what is not needed, as long as there is any. */
function reduce(
  turns: Map<string, Turn>,
  isEnough: (turns: ReadonlyMap<string, Turn>) => boolean,
): ReadonlyMap<string, Turn> {
  let checks = 0
  let isSmaller = turns.size > 1
  while (isSmaller && checks < MOST_CHECKS) {
    isSmaller = false
    for (const [name, turn] of turns.entries().toArray()) {
      if (turns.size === 1 || ++checks > MOST_CHECKS) break
      turns.delete(name)
      if (isEnough(turns)) isSmaller = true
      else turns.set(name, turn)
    }
  }
  return turns
}

/** Cedar's value of the condition with some atoms turned; `undefined` when it errs. */
function evaluateWith(node: Expression, atoms: Atoms, turns: ReadonlyMap<string, Turn>): boolean | undefined {
  switch (node.kind) {
    case 'not': {
      const value = evaluateWith(node.operand, atoms, turns)
      return value === undefined ? undefined : !value
    }
    case 'and':
    case 'or': {
      for (const part of chainOf(node)) {
        const value = evaluateWith(part, atoms, turns)
        if (value !== (node.kind === 'and')) return value
      }
      return node.kind === 'and'
    }
    case 'if': {
      const test = evaluateWith(node.test, atoms, turns)
      return test === undefined ? undefined : evaluateWith(test ? node.then : node.else, atoms, turns)
    }
    default: {
      const { name, isTurnedAround, value } = atoms(node)
      const turn = turns.get(name)
      return turn === undefined ? value : turn.holds !== isTurnedAround
    }
  }
}

/** Atoms that stand in several places. */
function sharedNames(root: Expression, atoms: Atoms): ReadonlySet<string> {
  const seen = new Set<string>()
  const shared = new Set<string>()
  const open = [root]
  for (let node = open.pop(); node !== undefined && shared.size < MOST_SHARED; node = open.pop()) {
    if (node.kind === 'not') open.push(node.operand)
    else if (node.kind === 'and' || node.kind === 'or') open.push(node.left, node.right)
    else if (node.kind === 'if') open.push(node.test, node.then, node.else)
    else {
      const { name } = atoms(node)
      if (seen.has(name)) shared.add(name)
      seen.add(name)
    }
  }
  return shared
}
