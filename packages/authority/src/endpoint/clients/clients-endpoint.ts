// GET, POST /v1/clients and DELETE /v1/clients/{id}: enrolling guards, granters and administrators without a restart.

import type { AppContext } from '../../http/context.ts'
import { z } from 'zod'
import { AuthorityError } from '../../errors.ts'
import { type OwnAuth, requireAllowed, THIS } from '../../http/access.ts'
import { writeHeaders } from '../../http/answer.ts'
import { readJson } from '../../http/body.ts'
import { isPublic } from '../../identity/clients.ts'
import type { Parts } from '../../parts.ts'
import { revoke } from '../revocations/revoke.ts'

const names = z.array(z.string().min(1).max(300)).max(100).default([])

const body = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
  roles: z.array(z.enum(['admin', 'guard', 'granter', 'auditor'])).default([]),
  audiences: names,
  tenants: names,
  templates: names,
})

export async function listClients(context: AppContext, auth: OwnAuth, { clients }: Parts): Promise<Response> {
  requireAllowed(auth.decide('manageClients', THIS))
  const all = await clients.list()
  return context.json({
    clients: all.map((client) => ({
      ...client,
      secretHash: undefined,
      certificate: client.certificate?.method,
      public: isPublic(client),
    })),
  })
}

/** Answers the secret, this once. */
export async function postClient(context: AppContext, auth: OwnAuth, { clients, settings }: Parts): Promise<Response> {
  requireAllowed(auth.decide('manageClients', THIS))
  const client = await readJson(context, body, settings.limits.bodyBytes)
  const unknown = client.audiences.find((id) => !settings.audiences.some((audience) => audience.id === id))
  if (unknown !== undefined) throw new AuthorityError('ERR_AUTHORITY_AUDIENCE_UNKNOWN')
  return context.json(await clients.enrol(client), 201, { 'cache-control': 'no-store' })
}

/** Its tokens go with it. */
export async function deleteClient(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  requireAllowed(auth.decide('manageClients', THIS))
  const id = context.req.param('id') ?? ''
  if (!(await parts.clients.remove(id))) throw new AuthorityError('ERR_AUTHORITY_NOT_FOUND')
  const { position } = await revoke({ kind: 'client', clientId: id }, parts)
  return context.json({ id, position }, 200, writeHeaders(position))
}
