// What is published: keys, policies, bundles, in its columns and out of them. What is parsed here was written here, so its shape is not
// checked again.

import type { BundleRecord, KeyRecord, PublicationRecord } from '../records.ts'
import type { Row } from '../tables.ts'

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
