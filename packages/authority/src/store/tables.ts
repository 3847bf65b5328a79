// The tables as Kysely sees them, and the steps that make them. A step that was released never changes; a later version
// adds one. Text columns that hold JSON end in `_json`.

import type { DatabaseSync } from 'node:sqlite'
import type { SignatureAlgorithm } from '@cardea/token'
import { AuthorityError } from '../errors.ts'
import type { KeyPurpose, KeyState } from './records.ts'

export interface Tables {
  position: { one: number; epoch: string; seq: number; pruned: number }
  changes: { seq: number; change_json: string; at: number }
  revocations: { seq: number; epoch: string; key_json: string; revoked_at: number; expires_at: number }
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
    ends_at: number
    ended_at: number | null
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
    record_json: string
  }
}

const STEPS: readonly string[] = [
  `
  CREATE TABLE position (
    one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, seq INTEGER NOT NULL, pruned INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE changes (seq INTEGER PRIMARY KEY, change_json TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE TABLE revocations (
    epoch TEXT NOT NULL, seq INTEGER NOT NULL, key_json TEXT NOT NULL,
    revoked_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (epoch, seq)
  ) STRICT;
  CREATE INDEX revocations_by_end ON revocations (expires_at);
  CREATE TABLE clients (
    id TEXT PRIMARY KEY, secret_hash TEXT, roles_json TEXT NOT NULL, audiences_json TEXT NOT NULL,
    tenants_json TEXT NOT NULL, templates_json TEXT NOT NULL
  ) STRICT;
  CREATE TABLE principals (
    id TEXT PRIMARY KEY, issuer TEXT NOT NULL, tenant TEXT NOT NULL, subject TEXT NOT NULL,
    UNIQUE (issuer, tenant, subject)
  ) STRICT;
  CREATE TABLE sessions (
    sid TEXT PRIMARY KEY, origin TEXT NOT NULL UNIQUE, client_id TEXT NOT NULL, tenant TEXT NOT NULL,
    principal TEXT NOT NULL REFERENCES principals, acr TEXT, amr_json TEXT, auth_time INTEGER, key_thumbprint TEXT,
    ends_at INTEGER NOT NULL, ended_at INTEGER
  ) STRICT;
  CREATE INDEX sessions_by_principal ON sessions (tenant, principal);
  CREATE TABLE grants (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, grantee_type TEXT NOT NULL, grantee_id TEXT NOT NULL,
    template TEXT NOT NULL, resource_type TEXT NOT NULL, resource_id TEXT NOT NULL, until INTEGER,
    created_by TEXT NOT NULL, created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX grants_by_grantee ON grants (tenant, grantee_type, grantee_id);
  CREATE INDEX grants_by_resource ON grants (resource_type, resource_id);
  CREATE TABLE keys (
    kid TEXT PRIMARY KEY, purpose TEXT NOT NULL, algorithm TEXT NOT NULL, state TEXT NOT NULL,
    public_json TEXT NOT NULL, sealed TEXT NOT NULL, created_at INTEGER NOT NULL, retires_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX keys_one_active ON keys (purpose) WHERE state = 'active';
  CREATE UNIQUE INDEX keys_one_pending ON keys (purpose) WHERE state = 'pending';
  CREATE TABLE publications (
    revision INTEGER PRIMARY KEY, schema_json TEXT NOT NULL, policies_json TEXT NOT NULL, definition_json TEXT NOT NULL,
    digest TEXT NOT NULL, forbid_errors TEXT NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE staged (one INTEGER PRIMARY KEY CHECK (one = 1), staged_json TEXT NOT NULL) STRICT;
  CREATE TABLE bundles (
    digest TEXT PRIMARY KEY, revision INTEGER NOT NULL REFERENCES publications, audience TEXT NOT NULL,
    jws TEXT NOT NULL, plan_json TEXT NOT NULL, created_at INTEGER NOT NULL, UNIQUE (audience, revision)
  ) STRICT;
  CREATE TABLE decisions (
    sender TEXT NOT NULL, start TEXT NOT NULL, n INTEGER NOT NULL, at TEXT NOT NULL, decision TEXT NOT NULL,
    reason TEXT NOT NULL, action TEXT, principal TEXT, tenant TEXT, policies TEXT NOT NULL, record_json TEXT NOT NULL,
    PRIMARY KEY (sender, start, n)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX decisions_by_time ON decisions (at);
  `,
]

/**
 * Brings a database to this version, a step a transaction. A new one gets its first epoch.
 * Errors: `ERR_AUTHORITY_STORE_NEWER`.
 */
export function migrate(database: DatabaseSync, epoch: () => string): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
  if (version > STEPS.length) {
    throw new AuthorityError('ERR_AUTHORITY_STORE_NEWER', `the database has version \`${version}\``, {
      hint: `this version of Cardea knows versions up to ${STEPS.length}`,
    })
  }
  for (const [index, step] of STEPS.entries()) {
    if (index < version) continue
    database.exec('BEGIN IMMEDIATE')
    try {
      database.exec(step)
      if (index === 0) {
        database.prepare('INSERT INTO position (one, epoch, seq, pruned) VALUES (1, ?, 0, 0)').run(epoch())
      }
      database.exec(`PRAGMA user_version = ${index + 1}`)
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }
}
