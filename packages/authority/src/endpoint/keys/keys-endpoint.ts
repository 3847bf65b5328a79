// GET /v1/keys, POST /v1/keys/rotate, POST /v1/keys/reseal, POST /v1/keys/{kid}/kill

import type { AppContext } from '../../http/context.ts'
import { z } from 'zod'
import { type OwnAuth, requireAllowed, THIS } from '../../http/access.ts'
import { isoTime, writeHeaders } from '../../http/answer.ts'
import { readJson } from '../../http/body.ts'
import type { Parts } from '../../parts.ts'
import { DISTRIBUTION_SECONDS } from '../../key/key-times.ts'
import { killKey, rotateKey } from './change-keys.ts'

const rotateBody = z.strictObject({
  purpose: z.enum(['access', 'bundle', 'audit']).default('access'),
  now: z.boolean().default(false),
})
const resealBody = z.strictObject({})
const killBody = z.strictObject({ outage: z.boolean().default(false) })

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
      ...(state === 'pending' ? { signsFrom: isoTime(createdAtSeconds + DISTRIBUTION_SECONDS) } : {}),
    })),
  })
}

export async function postRotation(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('changeKeys', THIS))
  const { purpose, now } = await readJson(context, rotateBody, parts.settings.limits.bodyBytes)
  const change = await rotateKey(purpose, { now }, parts)
  return context.json(change, 200, writeHeaders(change.position))
}

/** Nobody hears of it: the keys are the same. */
export async function postReseal(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('changeKeys', THIS))
  await readJson(context, resealBody, parts.settings.limits.bodyBytes)
  return context.json({ resealed: await parts.keys.reseal() }, 200, { 'cache-control': 'no-store' })
}

export async function postKill(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('changeKeys', THIS))
  const { outage } = await readJson(context, killBody, parts.settings.limits.bodyBytes)
  const change = await killKey(context.req.param('kid') ?? '', { outage }, parts)
  return context.json(change, 200, writeHeaders(change.position))
}
