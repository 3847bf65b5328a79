// A comparison as data.

import type { Answers, Difference, Direction } from '@cardea/testkit'
import { sampleAsJson } from './describe-sample.ts'
import { type PolicyText, policyTexts } from './policy-texts.ts'
import type { Compared } from './print-diff.ts'

export function diffAsJson({ before, after, seed, diff }: Compared, limit: number): object {
  const texts = { before: policyTexts(before), after: policyTexts(after) }
  const actions = after.world.schema.definition.actions
  const of = (direction: Direction): object[] =>
    diff.differences
      .filter((difference) => difference.direction === direction)
      .slice(0, limit)
      .map((difference) => {
        const { action, principalType, resourceType, cells, samples, example } = difference
        const uid = actions[action]?.uid ?? { type: 'Action', id: action }
        const [old, now] = [
          decisionOf(difference, 'before', texts.before),
          decisionOf(difference, 'after', texts.after),
        ]
        const sample = sampleAsJson(example, uid)
        return { action, principalType, resourceType, cells, samples, before: old, after: now, example: sample }
      })
  return {
    before: before.name,
    after: after.name,
    seed,
    compared: diff.compared,
    skipped: diff.skipped,
    schema: diff.schema,
    policies: diff.policies.map(({ id, before: old, after: now }) => ({
      id,
      change: old === undefined ? 'new' : now === undefined ? 'gone' : 'changed',
    })),
    newlyAllows: of('newly-allows'),
    newlyDenies: of('newly-denies'),
    newlyErrs: of('newly-errs'),
    otherReasons: of('other-reasons'),
  }
}

function decisionOf(difference: Difference, side: 'before' | 'after', texts: ReadonlyMap<string, PolicyText>): object {
  const { decision, reason, determining, errors }: Answers['before'] = difference[side]
  return {
    decision,
    reason,
    determining: determining.map((id) => {
      const { template = id } = difference.example.links.find((link) => link.id === id) ?? {}
      return { ...texts.get(template), id }
    }),
    errors: errors.map(({ policy, code, message }) => ({ policy, code, message })),
  }
}
