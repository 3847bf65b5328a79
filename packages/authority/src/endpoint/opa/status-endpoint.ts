// POST /opa/v1/status: what an OPA says of itself, for operators. Nothing is decided by it.

import { OpaError, type OpaErrorCode, type OpaStatus, readStatus } from '@cardea/opa'
import { AuthorityError, type AuthorityErrorCode } from '../../errors.ts'
import { type OwnAuth, requireAllowed, THIS } from '../../http/access.ts'
import { readJsonBytes } from '../../http/body.ts'
import type { AppContext } from '../../http/context.ts'
import type { Parts } from '../../parts.ts'

/** A stock OPA says some 60 KB, mostly of metrics that are not read. */
const MAX_BYTES = 1_048_576

export async function postOpaStatus(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('recordDecisions', THIS))
  const bytes = await readJsonBytes(context, MAX_BYTES)
  const name = { client: auth.principal.id, address: parts.connections.addressOf(context) }
  const status = read(bytes)
  for (const rollback of parts.opaFleet.report(name, status)) {
    const { client } = name
    parts.log.warn({ client, instance: status.instance, ...rollback }, 'an OPA went back to an older revision')
  }
  return context.body(null, 204)
}

function read(bytes: Uint8Array): OpaStatus {
  try {
    return readStatus(bytes)
  } catch (error) {
    throw asReportError(error)
  }
}

/** What is wrong with a report, as the API says it. */
export function asReportError(error: unknown): unknown {
  if (!(error instanceof OpaError)) return error
  return new AuthorityError(CODES[error.code] ?? 'ERR_AUTHORITY_OPA_REPORT', error.message, { cause: error })
}

const CODES: { readonly [Code in OpaErrorCode]?: AuthorityErrorCode } = {
  ERR_OPA_REPORT_ENCODING: 'ERR_AUTHORITY_CONTENT_TYPE',
  ERR_OPA_REPORT_TOO_LARGE: 'ERR_AUTHORITY_REQUEST_TOO_LARGE',
}
