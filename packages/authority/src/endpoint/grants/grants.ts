// Grants: a named `permit` template, for somebody, on something, perhaps until a time. Making one is no news for guards, as
// tokens carry grants; taking one back is, and they hear of it at once.

import { randomUUID } from 'node:crypto'
import type { Position } from '@cardea/feed'
import { type EntityUid, formatEntityUid, parseEntityUid } from '@cardea/policy'
import { z } from 'zod'
import { AuthorityError } from '../../errors.ts'
import { isoTime } from '../../http/answer.ts'
import type { Parts } from '../../parts.ts'
import type { GrantRecord } from '../../store/records.ts'

const name = z.string().min(1).max(256)
const entity = z.string().min(1).max(1000)

/** What a token can carry: a longer id would keep its owner from getting any. */
const MAX_ID_LENGTH = 256

export const grantBody = z.strictObject({
  tenant: name,
  grantee: entity,
  template: name,
  resource: entity,
  until: z.iso.datetime({ offset: true }).optional(),
})

export type GrantBody = z.output<typeof grantBody>

/** A grant as the API shows it. */
export interface ShownGrant {
  readonly id: string
  readonly tenant: string
  readonly grantee: string
  readonly template: string
  readonly resource: string
  readonly until?: string
  readonly createdBy: string
  readonly createdAt: string
}

export interface GrantMade {
  readonly id: string
  readonly position: Position
}

/** What the caller asks for, checked against the published policy and the configuration. */
export interface GrantRequest {
  readonly tenant: string
  readonly grantee: EntityUid
  readonly template: string
  readonly resource: EntityUid
  readonly untilSeconds: number | undefined
}

/** Errors: `ERR_AUTHORITY_GRANT`, `ERR_AUTHORITY_GRANT_TEMPLATE`, `ERR_AUTHORITY_NO_POLICY`. */
export function readGrant(
  { tenant, template, ...body }: GrantBody,
  { publisher, knownTenants, now }: Parts,
): GrantRequest {
  const published = publisher.current()
  if (published === undefined) throw new AuthorityError('ERR_AUTHORITY_NO_POLICY', 'publish a policy before granting')
  if (!knownTenants.has(tenant)) throw refused('nobody is configured to speak for that tenant')
  if (!published.grantable.has(template)) {
    throw new AuthorityError(
      'ERR_AUTHORITY_GRANT_TEMPLATE',
      'the published policy has no `permit` template of that name',
      {
        hint: 'a template that can be granted has `?principal` and `?resource` in its scope',
      },
    )
  }
  const read = (text: string, what: string): EntityUid => {
    const uid = parseEntityUid(text)
    const isNamed = uid !== undefined && uid.id.length > 0 && uid.id.length <= MAX_ID_LENGTH
    if (isNamed && published.schema.entityType(uid.type) !== undefined) return uid
    throw refused(`\`${what}\` is not an entity of the published schema; write \`Type::"id"\``)
  }
  const grantee = read(body.grantee, 'grantee')
  const resource = read(body.resource, 'resource')
  const untilSeconds = body.until === undefined ? undefined : Math.floor(Date.parse(body.until) / 1000)
  if (untilSeconds !== undefined && untilSeconds <= now()) throw refused('`until` has passed')
  if (untilSeconds === undefined && published.ending.has(template)) {
    throw refused('a grant of this template must end: give `until`')
  }
  return { tenant, grantee, template, resource, untilSeconds }
}

/**
 * Keeps a grant. The same one again is answered with the one that is there; with another end, it must be taken back first.
 * Errors: `ERR_AUTHORITY_GRANT`, `ERR_AUTHORITY_GRANT_TOO_MANY`.
 */
export async function makeGrant(request: GrantRequest, by: string, parts: Parts): Promise<GrantMade> {
  const { store, settings, now } = parts
  const { tenant, grantee, template, resource, untilSeconds } = request
  return store.write(async (transaction) => {
    const position = await transaction.position()
    const [same] = await transaction.grants({ tenant, grantee, resource, template, limit: 1 })
    if (same !== undefined && !hasEnded(same, now())) {
      if (same.untilSeconds === untilSeconds) return { id: same.id, position }
      throw refused('the grant is there already with another end; take it back first')
    }
    if (same !== undefined) await transaction.deleteGrant(same.id)
    const existing = await transaction.grantsOf(tenant, [grantee], now())
    if (existing.length >= settings.limits.grantsAGrantee) {
      throw new AuthorityError(
        'ERR_AUTHORITY_GRANT_TOO_MANY',
        `one grantee may have ${settings.limits.grantsAGrantee} grants`,
        {
          hint: 'grant on a folder instead of on each of its documents, or to a team',
        },
      )
    }
    const id = randomUUID()
    await transaction.insertGrant({
      id,
      tenant,
      granteeType: grantee.type,
      granteeId: grantee.id,
      template,
      resourceType: resource.type,
      resourceId: resource.id,
      untilSeconds,
      createdBy: by,
      createdAtSeconds: now(),
    })
    return { id, position }
  })
}

/** Takes a grant back: tokens that hold it lose it at once. Errors: `ERR_AUTHORITY_NOT_FOUND`. */
export async function removeGrant(id: string, { store, now, latest, longestSeconds }: Parts): Promise<Position> {
  return store.write(async (transaction) => {
    const grant = await transaction.grant(id)
    if (grant === undefined) throw new AuthorityError('ERR_AUTHORITY_NOT_FOUND')
    await transaction.deleteGrant(id)
    const { tenant, template } = grant
    const { grantee, resource } = showGrant(grant)
    return transaction.append({
      kind: 'revocation',
      key: { kind: 'grant', tenant, grantee, template, resource },
      revokedAtSeconds: now(),
      expiresAtSeconds: latest() + longestSeconds,
    })
  })
}

export function showGrant(grant: GrantRecord): ShownGrant {
  return {
    id: grant.id,
    tenant: grant.tenant,
    grantee: formatEntityUid({ kind: 'entity', type: grant.granteeType, id: grant.granteeId }),
    template: grant.template,
    resource: formatEntityUid({ kind: 'entity', type: grant.resourceType, id: grant.resourceId }),
    ...(grant.untilSeconds === undefined ? {} : { until: isoTime(grant.untilSeconds) }),
    createdBy: grant.createdBy,
    createdAt: isoTime(grant.createdAtSeconds),
  }
}

function hasEnded({ untilSeconds }: GrantRecord, now: number): boolean {
  return untilSeconds !== undefined && now >= untilSeconds
}

function refused(message: string): AuthorityError {
  return new AuthorityError('ERR_AUTHORITY_GRANT', message)
}
