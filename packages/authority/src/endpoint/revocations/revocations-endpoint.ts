// POST /v1/revocations

import type { AppContext } from '../../http/context.ts'
import { z } from 'zod'
import { type OwnAuth, requireAllowed, THIS } from '../../http/access.ts'
import { writeHeaders } from '../../http/answer.ts'
import { readJson } from '../../http/body.ts'
import type { Parts } from '../../parts.ts'
import { revocationKey, revoke } from './revoke.ts'

const body = z.strictObject({ key: revocationKey })

export async function postRevocation(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('revoke', THIS))
  const { key } = await readJson(context, body, parts.settings.limits.bodyBytes)
  const { position } = await revoke(key, parts)
  return context.json({ position }, 201, writeHeaders(position))
}
