// Decision logs of an OPA: gzip, a JSON array of events. Of each event only what is known to be no secret is kept; nothing that looks like a token
// is. https://www.openpolicyagent.org/docs/management-decision-logs

import { setImmediate as nextTurn } from 'node:timers/promises'
import { OpaError } from '../errors.ts'
import { elementsOf, wholeOf } from './json-slices.ts'
import { readEvent, type ReportedDecision } from './read-event.ts'
import { unpackReport } from './unpack.ts'

export interface DecisionLogLimits {
  /** As it comes. */
  readonly packedBytes: number
  /** Unpacked. What an OPA sends by default (32 KiB) can be no larger than 1032 times that. */
  readonly bytes: number
  readonly events: number
}

export const DECISION_LOG_LIMITS: DecisionLogLimits = {
  packedBytes: 2 * 1024 * 1024,
  bytes: 40 * 1024 * 1024,
  events: 10_000,
}

export interface DecisionLogOptions {
  /** The header; it must be `gzip`. */
  readonly contentEncoding: string | undefined
  /** Default: `DECISION_LOG_LIMITS`. */
  readonly limits?: Partial<DecisionLogLimits>
  /** When it came in, unix seconds. */
  readonly nowSeconds: number
}

/**
 * One record for each event, in order. An event that does not read is a record with the reason `malformed`; a batch is refused only as a whole.
 * Errors: `ERR_OPA_REPORT`, `ERR_OPA_REPORT_ENCODING`, `ERR_OPA_REPORT_TOO_LARGE`.
 */
export async function readDecisionLog(
  packed: Uint8Array,
  { contentEncoding, limits, nowSeconds }: DecisionLogOptions,
): Promise<readonly ReportedDecision[]> {
  const { events, ...most } = { ...DECISION_LOG_LIMITS, ...limits }
  const bytes = await unpackReport(packed, contentEncoding, most)
  const slices = elementsOf(bytes, wholeOf(bytes), events)
  if (slices === undefined) throw new OpaError('ERR_OPA_REPORT', 'a decision log is not a JSON array')
  const at = new Date(nowSeconds * 1000).toISOString()
  const decisions: ReportedDecision[] = []
  for (const [index, slice] of slices.entries()) {
    decisions.push(readEvent(bytes, slice, at))
    // others have their turn during a long batch
    if (index % EVENTS_A_TURN === EVENTS_A_TURN - 1) await nextTurn()
  }
  return decisions
}

const EVENTS_A_TURN = 200
