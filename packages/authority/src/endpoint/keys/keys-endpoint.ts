// GET /v1/keys, POST /v1/keys/rotate, POST /v1/keys/{kid}/kill

import type { AppContext } from '../../http/context.ts'
import { z } from 'zod'
import { type OwnAuth, requireAllowed, THIS } from '../../http/access.ts'
import { isoTime, writeHeaders } from '../../http/answer.ts'
import { readJson } from '../../http/body.ts'
import type { Parts } from '../../parts.ts'
import { killKey, rotateKey } from './change-keys.ts'

const rotateBody = z.strictObject({ purpose: z.enum(['access', 'bundle', 'audit']).default('access') })
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

export async function postRotation(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('changeKeys', THIS))
  const { purpose } = await readJson(context, rotateBody, parts.settings.limits.bodyBytes)
  const change = await rotateKey(purpose, parts)
  return context.json(change, 200, writeHeaders(change.position))
}

export async function postKill(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('changeKeys', THIS))
  await readJson(context, killBody, parts.settings.limits.bodyBytes)
  const change = await killKey(context.req.param('kid') ?? '', parts)
  return context.json(change, 200, writeHeaders(change.position))
}
