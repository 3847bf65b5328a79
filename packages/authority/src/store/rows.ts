// Rows to records and back. The only file that knows how a record lies in its columns. What is parsed here was written here,
// so its shape is not checked again.

import type { GrantLimit } from '@cardea/claims'
import type { ChainedEntry } from '@cardea/feed'
import { type EntityUid, entityUid } from '@cardea/policy'
import type { Selectable } from 'kysely'
import type {
  BundleRecord,
  CheckpointRecord,
  ClientRecord,
  DecisionRow,
  GrantRecord,
  GrantSetRecord,
  KeyRecord,
  PrincipalRecord,
  ProvidedFacts,
  PublicationRecord,
  RefreshTokenRecord,
  SessionRecord,
} from './records.ts'
import type { Tables } from './tables.ts'

type Row<Name extends keyof Tables> = Selectable<Tables[Name]>

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

export function grantOf(row: Row<'grants'>): GrantRecord {
  return {
    id: row.id,
    tenant: row.tenant,
    granteeType: row.grantee_type,
    granteeId: row.grantee_id,
    template: row.template,
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    untilSeconds: row.until ?? undefined,
    createdBy: row.created_by,
    createdAtSeconds: row.created_at,
  }
}

export function grantRow(grant: GrantRecord): Row<'grants'> {
  return {
    id: grant.id,
    tenant: grant.tenant,
    grantee_type: grant.granteeType,
    grantee_id: grant.granteeId,
    template: grant.template,
    resource_type: grant.resourceType,
    resource_id: grant.resourceId,
    until: grant.untilSeconds ?? null,
    created_by: grant.createdBy,
    created_at: grant.createdAtSeconds,
  }
}

export function grantSetOf(row: Row<'grant_sets'>): GrantSetRecord {
  return {
    digest: row.digest,
    audience: row.audience,
    tenant: row.tenant ?? undefined,
    text: row.set_text,
    endsAtSeconds: row.ends_at,
  }
}

export function grantSetRow(set: GrantSetRecord): Row<'grant_sets'> {
  return {
    digest: set.digest,
    audience: set.audience,
    tenant: set.tenant ?? null,
    set_text: set.text,
    ends_at: set.endsAtSeconds,
  }
}

export function keyOf(row: Row<'keys'>): KeyRecord {
  return {
    kid: row.kid,
    purpose: row.purpose,
    algorithm: row.algorithm,
    state: row.state,
    publicJwk: JSON.parse(row.public_json),
    sealed: row.sealed,
    createdAtSeconds: row.created_at,
    retiresAtSeconds: row.retires_at ?? undefined,
  }
}

export function keyRow(key: KeyRecord): Row<'keys'> {
  return {
    kid: key.kid,
    purpose: key.purpose,
    algorithm: key.algorithm,
    state: key.state,
    public_json: JSON.stringify(key.publicJwk),
    sealed: key.sealed,
    created_at: key.createdAtSeconds,
    retires_at: key.retiresAtSeconds ?? null,
  }
}

export function publicationOf(row: Row<'publications'>): PublicationRecord {
  return {
    revision: row.revision,
    schema: JSON.parse(row.schema_json),
    policies: JSON.parse(row.policies_json),
    definition: row.definition_json,
    digest: row.digest,
    forbidErrors: row.forbid_errors,
    createdBy: row.created_by,
    createdAtSeconds: row.created_at,
  }
}

export function publicationRow(publication: PublicationRecord): Row<'publications'> {
  return {
    revision: publication.revision,
    schema_json: JSON.stringify(publication.schema),
    policies_json: JSON.stringify(publication.policies),
    definition_json: publication.definition,
    digest: publication.digest,
    forbid_errors: publication.forbidErrors,
    created_by: publication.createdBy,
    created_at: publication.createdAtSeconds,
  }
}

export function bundleOf(row: Row<'bundles'>): BundleRecord {
  return {
    digest: row.digest,
    revision: row.revision,
    audience: row.audience,
    jws: row.jws,
    plan: row.plan_json,
    createdAtSeconds: row.created_at,
  }
}

export function bundleRow(bundle: BundleRecord): Row<'bundles'> {
  return {
    digest: bundle.digest,
    revision: bundle.revision,
    audience: bundle.audience,
    jws: bundle.jws,
    plan_json: bundle.plan,
    created_at: bundle.createdAtSeconds,
  }
}

export function decisionOf(row: Row<'decisions'>): DecisionRow {
  return {
    sender: row.sender,
    start: row.start,
    n: row.n,
    at: row.at,
    decision: row.decision,
    reason: row.reason,
    action: row.action ?? undefined,
    principal: row.principal ?? undefined,
    tenant: row.tenant ?? undefined,
    policies: JSON.parse(row.policies),
    repeats: row.repeats ?? undefined,
    record: row.record_json,
  }
}

export function chainedOf(row: Row<'decisions'>): ChainedEntry {
  return {
    count: row.count ?? 0,
    keptAtSeconds: row.kept_at ?? 0,
    sender: row.sender,
    record: JSON.parse(row.record_json),
    salt: row.salt ?? undefined,
    hash: row.hash ?? '',
  }
}

export function checkpointOf({ count, hash, at, signed }: Row<'checkpoints'>): CheckpointRecord {
  return { count, hash, atSeconds: at, signed }
}

export function decisionRow(row: DecisionRow, { count, keptAtSeconds, salt, hash }: ChainedEntry): Row<'decisions'> {
  return {
    count,
    kept_at: keptAtSeconds,
    hash,
    salt: salt ?? null,
    sender: row.sender,
    start: row.start,
    n: row.n,
    at: row.at,
    decision: row.decision,
    reason: row.reason,
    action: row.action ?? null,
    principal: row.principal ?? null,
    tenant: row.tenant ?? null,
    policies: JSON.stringify(row.policies),
    repeats: row.repeats ?? null,
    record_json: row.record,
  }
}
