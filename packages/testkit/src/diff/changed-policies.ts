// Which policies two sets do not share, whatever stands around them: a policy that only moved did not change.

import type { Policy } from '@cardea/policy'
import { printPolicy } from '@cardea/policy/print'

/** Both: it changed. Only `after`: it is new. Only `before`: it is gone. */
export interface PolicyChange {
  readonly id: string
  readonly before?: Policy
  readonly after?: Policy
}

/** By id, sorted as they stand after and then before. Policies without `@id` are known by what they say. */
export function changedPolicies(before: readonly Policy[], after: readonly Policy[]): readonly PolicyChange[] {
  const [old, now] = [unshared(before, after), unshared(after, before)]
  const olds = new Map(old.filter(hasId).map((policy) => [policy.id, policy]))
  const news = new Set(now.filter(hasId).map(({ id }) => id))
  return [
    ...now.map((policy): PolicyChange => {
      const was = hasId(policy) ? olds.get(policy.id) : undefined
      return { id: policy.id, ...(was === undefined ? {} : { before: was }), after: policy }
    }),
    ...old
      .filter((policy) => !hasId(policy) || !news.has(policy.id))
      .map((policy): PolicyChange => ({ id: policy.id, before: policy })),
  ]
}

function unshared(policies: readonly Policy[], others: readonly Policy[]): readonly Policy[] {
  const left = new Map<string, number>()
  for (const other of others) {
    const text = printPolicy(other)
    left.set(text, (left.get(text) ?? 0) + 1)
  }
  return policies.filter((policy) => {
    const text = printPolicy(policy)
    const count = left.get(text) ?? 0
    left.set(text, count - 1)
    return count <= 0
  })
}

function hasId({ annotations }: Policy): boolean {
  return (annotations.get('id') ?? '') !== ''
}
