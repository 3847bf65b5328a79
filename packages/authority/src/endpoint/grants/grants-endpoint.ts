// GET, POST /v1/grants and DELETE /v1/grants/{id}. Granting is itself a decision: nobody grants what they may not.

import type { AppContext } from '../../http/context.ts'
import { parseEntityUid } from '@cardea/policy'
import { AuthorityError } from '../../errors.ts'
import { type OwnAuth, requireAllowed } from '../../http/access.ts'
import { writeHeaders } from '../../http/answer.ts'
import { readJson, readQuery } from '../../http/body.ts'
import { GrantEntity } from '../../own-policy/own-entities.ts'
import type { Parts } from '../../parts.ts'
import type { GrantQuery } from '../../store/store.ts'
import { grantBody, makeGrant, readGrant, removeGrant, showGrant } from './grants.ts'

const MAX_LISTED = 1000

export async function listGrants(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  const found = await parts.store.read((view) => view.grants(queryOf(context)))
  const visible = auth.select('viewGrant', GrantEntity, found)
  return context.json({ grants: visible.map(showGrant) })
}

export async function postGrant(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  const body = await readJson(context, grantBody, parts.settings.limits.bodyBytes)
  requireAllowed(auth.decide('makeGrant', GrantEntity({ ...body, id: 'new' })))
  const made = await makeGrant(readGrant(body, parts), auth.principal.id, parts)
  return context.json(made, 201, writeHeaders(made.position))
}

export async function deleteGrant(context: AppContext, auth: OwnAuth, parts: Parts): Promise<Response> {
  const id = context.req.param('id') ?? ''
  const grant = await parts.store.read((view) => view.grant(id))
  // somebody else's grant and no grant are answered alike
  if (grant === undefined || !auth.can('viewGrant', GrantEntity(grant))) {
    throw new AuthorityError('ERR_AUTHORITY_NOT_FOUND')
  }
  requireAllowed(auth.decide('removeGrant', GrantEntity(grant)))
  const position = await removeGrant(id, parts)
  return context.json({ id, position }, 200, writeHeaders(position))
}

function queryOf(context: AppContext): GrantQuery {
  const query = readQuery(context)
  const tenant = query.get('tenant')
  const template = query.get('template')
  const grantee = entityParameter(query, 'grantee')
  const resource = entityParameter(query, 'resource')
  return {
    limit: MAX_LISTED,
    ...(tenant === undefined ? {} : { tenant }),
    ...(template === undefined ? {} : { template }),
    ...(grantee === undefined ? {} : { grantee }),
    ...(resource === undefined ? {} : { resource }),
  }
}

function entityParameter(query: ReadonlyMap<string, string>, name: string): ReturnType<typeof parseEntityUid> {
  const text = query.get(name)
  if (text === undefined) return undefined
  const uid = parseEntityUid(text)
  if (uid === undefined)
    throw new AuthorityError('ERR_AUTHORITY_REQUEST', `\`${name}\` must be an entity: \`Type::"id"\``)
  return uid
}
