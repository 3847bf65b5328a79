// POST /v1/break-glass: a statement that lets the guards of an audience go on without news for a while.

import { formatEntityUid } from '@cardea/policy'
import { z } from 'zod'
import { type OwnAuth, requireAllowed, THIS } from '../../http/access.ts'
import { isoTime } from '../../http/answer.ts'
import { readJson } from '../../http/body.ts'
import type { AppContext } from '../../http/context.ts'
import type { Parts } from '../../parts.ts'
import { makeBreakGlass } from './break-glass.ts'

/** Nobody hears of it: it is carried to the guards by hand. */
export async function postBreakGlass(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  const decision = auth.decide('breakGlass', THIS)
  requireAllowed(decision)
  const given = await readJson(context, z.unknown(), parts.settings.limits.bodyBytes)
  const asker = {
    principal: formatEntityUid(auth.principal),
    policies: decision.policies,
    correlation: auth.correlation,
  }
  const { statement, signed } = await makeBreakGlass(given, asker, parts)
  const { jti, aud, iat, exp, maxStaleSeconds, actions, clients } = statement
  return context.json(
    {
      id: jti,
      audience: aud,
      from: isoTime(iat),
      until: isoTime(exp),
      maxStaleSeconds,
      actions: actions ?? null,
      clients: clients ?? null,
      statement: signed,
    },
    201,
    { 'cache-control': 'no-store' },
  )
}
