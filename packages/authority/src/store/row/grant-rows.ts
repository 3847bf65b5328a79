// What was granted, in its columns and out of them. What is parsed here was written here, so its shape is not
// checked again.

import type { GrantRecord, GrantSetRecord } from '../records.ts'
import type { Row } from '../tables.ts'

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
