// The cells of a matrix as somebody else decides them, an OPA for instance, against what the policies say: the way from one to the other
// is walked when nothing differs. A cell that could not be answered is no deny here: it would agree with every deny.

import type { Decider, Decision } from '@cardea/policy'
import { flippedCells } from './compare.ts'
import type { Cell } from './run-matrix.ts'

/** A cell with both answers. */
export interface ThroughCell {
  readonly cell: Cell
  readonly through: Decision
}

export interface ThroughDifference {
  /** Allowed through the decider and denied by the policies. */
  readonly onlyThrough: readonly ThroughCell[]
  /** Allowed by the policies and denied through the decider. */
  readonly onlyPolicies: readonly ThroughCell[]
  /** The decider failed: it could not be reached, or its answer is none. */
  readonly unanswered: readonly ThroughCell[]
  /** Answered alike. */
  readonly same: readonly ThroughCell[]
}

/** Asks the decider for every cell, sixteen at once. Never rejects: whoever throws has not answered. */
export async function compareThrough(cells: readonly Cell[], decider: Decider): Promise<ThroughDifference> {
  const asked: ThroughCell[] = []
  for (let at = 0; at < cells.length; at += AT_ONCE) {
    const some = cells.slice(at, at + AT_ONCE).map(async (cell) => ({ cell, through: await answerOf(decider, cell) }))
    asked.push(...(await Promise.all(some)))
  }
  const unanswered = asked.filter(({ through }) => isNoAnswer(through))
  const answered = asked.filter(({ through }) => !isNoAnswer(through))
  const flips = flippedCells(
    answered.map(({ cell }) => cell),
    answered.map(({ cell, through }) => ({ ...cell, decision: through })),
  )
  const keys = (found: readonly Cell[]): ReadonlySet<string> => new Set(found.map(({ key }) => key))
  const [allows, denies] = [keys(flips.newlyAllows), keys(flips.newlyDenies)]
  return {
    onlyThrough: answered.filter(({ cell }) => allows.has(cell.key)),
    onlyPolicies: answered.filter(({ cell }) => denies.has(cell.key)),
    unanswered,
    same: answered.filter(({ cell }) => !allows.has(cell.key) && !denies.has(cell.key)),
  }
}

const AT_ONCE = 16

async function answerOf(decider: Decider, { request }: Cell): Promise<Decision> {
  try {
    return await decider.decide(request)
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
    const span = { file: '', start: 0, end: 0 }
    const fault = { policy: '', code: typeof code === 'string' ? code : 'no code', message: 'the decider threw', span }
    return { decision: 'deny', reason: 'forbid-error', determining: [], errors: [fault] }
  }
}

/** A failure of the decider itself is a fault of no policy. */
function isNoAnswer({ reason, errors }: Decision): boolean {
  return reason === 'forbid-error' && errors.some(({ policy }) => policy === '')
}
