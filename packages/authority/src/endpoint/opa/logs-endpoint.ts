// POST /opa/v1/logs: decisions of an OPA, into the records of everybody's. The sender is who posted them, whatever they say; one that comes twice
// counts once, by (sender, labels.id, decision_id), at whichever authority. A batch that does not read is refused whole; an event in it
// that does not is a record with the reason `malformed`, for an OPA would send what was refused again for ever.

import { readDecisionLog } from '@cardea/opa'
import { type OwnAuth, requireAllowed, THIS } from '../../http/access.ts'
import { readJsonBytes } from '../../http/body.ts'
import type { AppContext } from '../../http/context.ts'
import type { Parts } from '../../parts.ts'
import { decisionRowOf } from '../../store/decision-row.ts'
import { asReportError } from './status-endpoint.ts'

export async function postOpaLogs(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('recordDecisions', THIS))
  const { decisionBytes, opaLogBytes, opaEventsABatch } = parts.settings.limits
  const packed = await readJsonBytes(context, decisionBytes)
  const sender = auth.principal.id
  const decisions = await parts
    .logTurns(() =>
      readDecisionLog(packed, {
        contentEncoding: context.req.header('content-encoding'),
        limits: { packedBytes: decisionBytes, bytes: opaLogBytes, events: opaEventsABatch },
        nowSeconds: parts.now(),
      }),
    )
    .catch((error: unknown) => {
      throw asReportError(error)
    })
  // no start of a guard has this form, and what is kept once is found by it
  const rows = decisions.map(({ key, record }) => ({ ...decisionRowOf(record, sender), start: `opa:${key}` }))
  await parts.decisionKeeper.keep(rows)
  const malformed = decisions.filter(({ record }) => record.reason === 'malformed').length
  if (malformed > 0) parts.log.warn({ client: sender, malformed }, 'events of a decision log of an OPA did not read')
  return context.json({ accepted: decisions.length, malformed }, 202)
}
