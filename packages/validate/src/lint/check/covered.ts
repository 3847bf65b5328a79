// A permit that never decides, because one forbid holds wherever it does.
// Cost: forbids are found by a literal that a covered permit must have, so that ten thousand policies are not compared in pairs.

import type { Expression } from '@cardea/policy'
import type { Cube, Literal } from '../form/cubes.ts'
import { keyOf } from '../form/key.ts'
import type { PolicyForm } from '../form/policy-form.ts'
import type { Check, Finding, Subject, Way } from './check.ts'

export const covered: Check = {
  name: 'covered',
  code: 'ERR_VALIDATE_COVERED',
  find(subject) {
    const find = createFinder(subject)
    return subject.forms.flatMap((form): Finding[] => {
      const ways = form.policy.effect === 'permit' ? subject.waysOf(form) : undefined
      if (ways === undefined || ways.length === 0) return []
      const forbid = find(ways)
      if (forbid === undefined) return []
      const { policy } = form
      return [
        {
          policy,
          message: `\`${policy.id}\` permits nothing: all that it permits is forbidden by \`${forbid.policy.id}\``,
          hint: 'remove it, or except what it permits from the `forbid`',
          span: policy.span,
          labels: [{ span: forbid.policy.span, message: 'this forbids it' }],
        },
      ]
    })
  },
}

/** So many forbids found by one literal are not compared with anything: the price of silence where they are alike by the hundred. */
const CANDIDATES = 100

/** One way in which a forbid holds. */
interface Candidate {
  readonly form: PolicyForm
  readonly literals: readonly Literal[]
}

function createFinder(subject: Subject): (ways: readonly Way[]) => PolicyForm | undefined {
  const byAnchor = new Map<string, Candidate[]>()
  const ways = new Map<PolicyForm, Candidate[]>()
  for (const form of subject.forms) {
    // a template forbids nothing until somebody links it
    if (form.policy.effect !== 'forbid' || form.policy.slots.length > 0) continue
    const candidates = (subject.waysOf(form) ?? []).map(({ cube }) => ({ form, literals: [...cube.values()] }))
    ways.set(form, candidates)
    for (const candidate of candidates) {
      const anchor = anchorOf(candidate.literals)
      const known = byAnchor.get(anchor)
      if (known === undefined) byAnchor.set(anchor, [candidate])
      else known.push(candidate)
    }
  }
  return ([first, ...rest]) => {
    if (first === undefined) return undefined
    const candidates = anchorsIn(first.cube).flatMap((anchor) => {
      const known = byAnchor.get(anchor) ?? []
      return known.length > CANDIDATES ? [] : known
    })
    const isForbidden = ({ facts }: Way, { literals }: Candidate): boolean => literals.every(facts.implies)
    const found = candidates.find(
      (candidate) =>
        isForbidden(first, candidate) &&
        rest.every((way) => ways.get(candidate.form)?.some((each) => isForbidden(way, each)) === true),
    )
    return found?.form
  }
}

/** For forbids that have no literal to be found by. */
const ANYWHERE = ''

/** What every covered permit has, too. */
function anchorOf(literals: readonly Literal[]): string {
  for (const literal of literals) {
    const [anchor] = anchorsOf(literal)
    if (anchor !== undefined) return anchor
  }
  return ANYWHERE
}

function anchorsIn(cube: Cube): string[] {
  return [ANYWHERE, ...new Set([...cube.values()].flatMap(anchorsOf))]
}

/**
 * The constant of an equality or a membership, which follow from nothing but an equality or a membership with that constant; else the
 * literal itself, unless it may follow from others: from a type, an action, a bound, another value.
 */
function anchorsOf({ key, node, holds }: Literal): string[] {
  if (holds && (node.kind === 'equal' || node.kind === 'in')) {
    const constants = [node.left, node.right].flatMap((side) => (side.kind === 'literal' ? [keyOf(side)] : []))
    return constants.length > 0 ? constants : [key]
  }
  return canFollow(node) ? [] : [`${holds ? '+' : '-'}${key}`]
}

function canFollow(node: Expression): boolean {
  if (node.kind === 'call') return node.function === 'lessThan' || node.function === 'isInRange'
  if (node.kind === 'contains') return node.right.kind === 'variable'
  return (
    node.kind === 'is' || node.kind === 'less' || node.kind === 'has' || node.kind === 'equal' || node.kind === 'in'
  )
}
