// GET /v1/keys, POST /v1/keys/rotate, POST /v1/keys/{kid}/kill

import type { AppContext } from '../../http/context.ts'
import { z } from 'zod'
import { type OwnAuth, requireAllowed, THIS } from '../../http/access.ts'
import { isoTime, writeHeaders } from '../../http/answer.ts'
import { readJson } from '../../http/body.ts'
import type { Parts } from '../../parts.ts'

const rotateBody = z.strictObject({ purpose: z.enum(['access', 'bundle']).default('access') })
const killBody = z.strictObject({})

export async function listKeys(context: AppContext, auth: OwnAuth, { keys }: Parts): Promise<Response> {
  requireAllowed(auth.decide('readKeys', THIS))
  const records = await keys.list()
  return context.json({
    keys: records.map(({ kid, purpose, algorithm, state, createdAtSeconds }) => ({
      kid,
      use: purpose,
      algorithm,
      state,
      since: isoTime(createdAtSeconds),
    })),
  })
}

export async function rotateKeys(context: AppContext, auth: OwnAuth, { keys, settings }: Parts): Promise<Response> {
  requireAllowed(auth.decide('changeKeys', THIS))
  const { purpose } = await readJson(context, rotateBody, settings.limits.bodyBytes)
  const change = await keys.rotate(purpose)
  return context.json(change, 200, writeHeaders(change.position))
}

export async function killKey(
  context: AppContext,
  auth: OwnAuth,
  { keys, publisher, settings }: Parts,
): Promise<Response> {
  requireAllowed(auth.decide('changeKeys', THIS))
  await readJson(context, killBody, settings.limits.bodyBytes)
  const change = await keys.kill(context.req.param('kid') ?? '')
  // what a killed key signed counts for nothing, and that may be the bundle that everybody needs
  const republished = change.purpose === 'bundle' ? await publisher.republish() : undefined
  const position = republished ?? change.position
  return context.json({ ...change, position }, 200, writeHeaders(position))
}
