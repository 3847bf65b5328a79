// A decision record as the store keeps it: what is asked for stands beside the whole, whoever it came from.

import type { DecisionRow } from './records.ts'

/** What is read of a record; the rest of it is kept with the whole. */
type Said = Pick<DecisionRow, 'start' | 'n' | 'at' | 'decision' | 'reason' | 'policies'> &
  Partial<Pick<DecisionRow, 'action' | 'principal' | 'tenant' | 'repeats'>>

/** The sender is who the authority knows it from, whatever the record says. */
export function decisionRowOf(said: Said, sender: string): DecisionRow {
  const { start, n, at, decision, reason, action, principal, tenant, policies, repeats } = said
  return {
    sender,
    start,
    n,
    at,
    decision,
    reason,
    action,
    principal,
    tenant,
    policies,
    repeats,
    record: JSON.stringify(said),
  }
}
