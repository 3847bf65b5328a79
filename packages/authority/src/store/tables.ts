// The tables as Kysely sees them. Text columns that hold JSON end in `_json`.

import type { SignatureAlgorithm } from '@cardea/token'
import type { Selectable } from 'kysely'
import type { KeyPurpose, KeyState } from './records.ts'

export interface Tables {
  /** `subject_key` is there once the database is open. */
  position: { one: number; epoch: string; seq: number; pruned: number; subject_key: string | null }
  /** `tenant`: the only one that it concerns, or null for all. */
  changes: { seq: number; change_json: string; at: number; tenant: string | null }
  revocations: {
    seq: number
    epoch: string
    key_json: string
    revoked_at: number
    expires_at: number
    tenant: string | null
  }
  clients: {
    id: string
    secret_hash: string | null
    roles_json: string
    audiences_json: string
    tenants_json: string
    templates_json: string
  }
  principals: { id: string; issuer: string; tenant: string; subject: string }
  sessions: {
    sid: string
    origin: string
    client_id: string
    tenant: string
    principal: string
    acr: string | null
    amr_json: string | null
    auth_time: number | null
    key_thumbprint: string | null
    certificate_thumbprint: string | null
    ends_at: number
    ended_at: number | null
    provided_json: string | null
  }
  used_assertions: { name: string; ends_at: number }
  refresh_tokens: {
    hash: string
    sid: string
    audience: string
    networks_json: string | null
    details_json: string | null
    predecessor: string | null
    used_at: number
    spent_at: number | null
    salt: string | null
  }
  grants: {
    id: string
    tenant: string
    grantee_type: string
    grantee_id: string
    template: string
    resource_type: string
    resource_id: string
    until: number | null
    created_by: string
    created_at: number
  }
  grant_sets: { digest: string; audience: string; tenant: string | null; set_text: string; ends_at: number }
  keys: {
    kid: string
    purpose: KeyPurpose
    algorithm: SignatureAlgorithm
    state: KeyState
    public_json: string
    sealed: string
    created_at: number
    retires_at: number | null
  }
  publications: {
    revision: number
    schema_json: string
    policies_json: string
    definition_json: string
    digest: string
    forbid_errors: 'deny' | 'skip'
    created_by: string
    created_at: number
  }
  staged: { one: number; staged_json: string }
  bundles: { digest: string; revision: number; audience: string; jws: string; plan_json: string; created_at: number }
  decisions: {
    sender: string
    start: string
    n: number
    at: string
    decision: string
    reason: string
    action: string | null
    principal: string | null
    tenant: string | null
    policies: string
    repeats: number | null
    record_json: string
    /** Its place in the chain; null for one from before there was a chain. */
    count: number | null
    kept_at: number | null
    hash: string | null
    /** Null once what is personal in it was erased. */
    salt: string | null
  }
  audit: { one: number; count: number; hash: string; pruned_count: number; pruned_hash: string }
  checkpoints: { count: number; hash: string; at: number; signed: string }
}

/** One row as it is read. */
export type Row<Name extends keyof Tables> = Selectable<Tables[Name]>
