// Who signs in and at which client, in its columns and out of them. What is parsed here was written here, so its shape is not
// checked again.

import type { GrantLimit } from '@cardea/claims'
import { type EntityUid, entityUid } from '@cardea/policy'
import type { ClientRecord, PrincipalRecord, ProvidedFacts, RefreshTokenRecord, SessionRecord } from '../records.ts'
import type { Row } from '../tables.ts'

export function clientOf(row: Row<'clients'>): ClientRecord {
  return {
    id: row.id,
    secretHash: row.secret_hash ?? undefined,
    hasKeys: false,
    certificate: undefined,
    certificateBound: false,
    roles: JSON.parse(row.roles_json),
    audiences: JSON.parse(row.audiences_json),
    tenants: JSON.parse(row.tenants_json),
    templates: JSON.parse(row.templates_json),
    exchanges: [],
    refresh: undefined,
  }
}

export function clientRow(client: ClientRecord): Row<'clients'> {
  return {
    id: client.id,
    secret_hash: client.secretHash ?? null,
    roles_json: JSON.stringify(client.roles),
    audiences_json: JSON.stringify(client.audiences),
    tenants_json: JSON.stringify(client.tenants),
    templates_json: JSON.stringify(client.templates),
  }
}

export function principalOf(row: Row<'principals'>): PrincipalRecord {
  return { id: row.id, issuer: row.issuer, tenant: row.tenant, subject: row.subject }
}

export function sessionOf(row: Row<'sessions'>): SessionRecord {
  return {
    sid: row.sid,
    origin: row.origin,
    clientId: row.client_id,
    tenant: row.tenant,
    principal: row.principal,
    acr: row.acr ?? undefined,
    amr: row.amr_json === null ? undefined : JSON.parse(row.amr_json),
    authTime: row.auth_time ?? undefined,
    keyThumbprint: row.key_thumbprint ?? undefined,
    certificateThumbprint: row.certificate_thumbprint ?? undefined,
    endsAtSeconds: row.ends_at,
    endedAtSeconds: row.ended_at ?? undefined,
    provided: row.provided_json === null ? undefined : providedOf(row.provided_json),
  }
}

export function sessionRow(session: SessionRecord): Row<'sessions'> {
  return {
    sid: session.sid,
    origin: session.origin,
    client_id: session.clientId,
    tenant: session.tenant,
    principal: session.principal,
    acr: session.acr ?? null,
    amr_json: session.amr === undefined ? null : JSON.stringify(session.amr),
    auth_time: session.authTime ?? null,
    key_thumbprint: session.keyThumbprint ?? null,
    certificate_thumbprint: session.certificateThumbprint ?? null,
    ends_at: session.endsAtSeconds,
    ended_at: session.endedAtSeconds ?? null,
    provided_json: session.provided === undefined ? null : providedText(session.provided),
  }
}

function providedOf(text: string): ProvidedFacts {
  const { issuer, attributes, parents } = JSON.parse(text)
  return {
    issuer,
    attributes: new Map(attributes),
    parents: parents.map(({ type, id }: EntityUid) => entityUid(type, id)),
  }
}

/** Attributes are pairs, so that no name of one can mean anything else. */
function providedText({ issuer, attributes, parents }: ProvidedFacts): string {
  return JSON.stringify({ issuer, attributes: [...attributes], parents: parents.map(({ type, id }) => ({ type, id })) })
}

export function refreshTokenOf(row: Row<'refresh_tokens'>): RefreshTokenRecord {
  return {
    hash: row.hash,
    sid: row.sid,
    audience: row.audience,
    networks: row.networks_json === null ? undefined : JSON.parse(row.networks_json),
    details: row.details_json === null ? undefined : detailsOf(row.details_json),
    predecessor: row.predecessor ?? undefined,
    usedAtSeconds: row.used_at,
    spentAtSeconds: row.spent_at ?? undefined,
    salt: row.salt ?? undefined,
  }
}

export function refreshTokenRow(token: RefreshTokenRecord): Row<'refresh_tokens'> {
  return {
    hash: token.hash,
    sid: token.sid,
    audience: token.audience,
    networks_json: token.networks === undefined ? null : JSON.stringify(token.networks),
    details_json: token.details === undefined ? null : detailsText(token.details),
    predecessor: token.predecessor ?? null,
    used_at: token.usedAtSeconds,
    spent_at: token.spentAtSeconds ?? null,
    salt: token.salt ?? null,
  }
}

function detailsOf(text: string): readonly GrantLimit[] {
  const rows: readonly DetailRow[] = JSON.parse(text)
  return rows.map(([template, type, id, grantee, untilSeconds]) => ({
    template,
    resource: entityUid(type, id),
    ...(grantee === null ? {} : { grantee: entityUid(...grantee) }),
    ...(untilSeconds === null ? {} : { untilSeconds }),
  }))
}

function detailsText(details: readonly GrantLimit[]): string {
  const rows = details.map(
    ({ template, resource, grantee, untilSeconds }): DetailRow => [
      template,
      resource.type,
      resource.id,
      grantee === undefined ? null : [grantee.type, grantee.id],
      untilSeconds ?? null,
    ],
  )
  return JSON.stringify(rows)
}

type DetailRow = readonly [
  template: string,
  type: string,
  id: string,
  grantee: readonly [type: string, id: string] | null,
  untilSeconds: number | null,
]
