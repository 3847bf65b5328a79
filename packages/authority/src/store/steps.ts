// The steps that make the tables, in the words of either database. A step that was released never changes; a later version adds one.

import { AuthorityError } from '../errors.ts'

/** What the databases call differently. */
export interface Words {
  readonly integer: string
  /** Compared by code point, whatever the language of the database. */
  readonly text: string
  /** What stands behind the columns of a table, and of one that is kept in the order of its key. */
  readonly table: { readonly plain: string; readonly keyed: string }
}

/** Each a list of statements that belongs into one transaction. */
export function stepsIn({ integer, text, table }: Words): readonly string[] {
  return [
    `
    CREATE TABLE position (
      one ${integer} PRIMARY KEY CHECK (one = 1), epoch ${text} NOT NULL, seq ${integer} NOT NULL, pruned ${integer} NOT NULL
    ) ${table.plain};
    CREATE TABLE changes (seq ${integer} PRIMARY KEY, change_json ${text} NOT NULL, at ${integer} NOT NULL) ${table.plain};
    CREATE TABLE revocations (
      epoch ${text} NOT NULL, seq ${integer} NOT NULL, key_json ${text} NOT NULL,
      revoked_at ${integer} NOT NULL, expires_at ${integer} NOT NULL, PRIMARY KEY (epoch, seq)
    ) ${table.plain};
    CREATE INDEX revocations_by_end ON revocations (expires_at);
    CREATE TABLE clients (
      id ${text} PRIMARY KEY, secret_hash ${text}, roles_json ${text} NOT NULL, audiences_json ${text} NOT NULL,
      tenants_json ${text} NOT NULL, templates_json ${text} NOT NULL
    ) ${table.plain};
    CREATE TABLE principals (
      id ${text} PRIMARY KEY, issuer ${text} NOT NULL, tenant ${text} NOT NULL, subject ${text} NOT NULL,
      UNIQUE (issuer, tenant, subject)
    ) ${table.plain};
    CREATE TABLE sessions (
      sid ${text} PRIMARY KEY, origin ${text} NOT NULL UNIQUE, client_id ${text} NOT NULL, tenant ${text} NOT NULL,
      principal ${text} NOT NULL REFERENCES principals, acr ${text}, amr_json ${text}, auth_time ${integer}, key_thumbprint ${text},
      ends_at ${integer} NOT NULL, ended_at ${integer}
    ) ${table.plain};
    CREATE INDEX sessions_by_principal ON sessions (tenant, principal);
    CREATE TABLE grants (
      id ${text} PRIMARY KEY, tenant ${text} NOT NULL, grantee_type ${text} NOT NULL, grantee_id ${text} NOT NULL,
      template ${text} NOT NULL, resource_type ${text} NOT NULL, resource_id ${text} NOT NULL, until ${integer},
      created_by ${text} NOT NULL, created_at ${integer} NOT NULL
    ) ${table.plain};
    CREATE INDEX grants_by_grantee ON grants (tenant, grantee_type, grantee_id);
    CREATE INDEX grants_by_resource ON grants (resource_type, resource_id);
    CREATE TABLE keys (
      kid ${text} PRIMARY KEY, purpose ${text} NOT NULL, algorithm ${text} NOT NULL, state ${text} NOT NULL,
      public_json ${text} NOT NULL, sealed ${text} NOT NULL, created_at ${integer} NOT NULL, retires_at ${integer}
    ) ${table.plain};
    CREATE UNIQUE INDEX keys_one_active ON keys (purpose) WHERE state = 'active';
    CREATE UNIQUE INDEX keys_one_pending ON keys (purpose) WHERE state = 'pending';
    CREATE TABLE publications (
      revision ${integer} PRIMARY KEY, schema_json ${text} NOT NULL, policies_json ${text} NOT NULL, definition_json ${text} NOT NULL,
      digest ${text} NOT NULL, forbid_errors ${text} NOT NULL, created_by ${text} NOT NULL, created_at ${integer} NOT NULL
    ) ${table.plain};
    CREATE TABLE staged (one ${integer} PRIMARY KEY CHECK (one = 1), staged_json ${text} NOT NULL) ${table.plain};
    CREATE TABLE bundles (
      digest ${text} PRIMARY KEY, revision ${integer} NOT NULL REFERENCES publications, audience ${text} NOT NULL,
      jws ${text} NOT NULL, plan_json ${text} NOT NULL, created_at ${integer} NOT NULL, UNIQUE (audience, revision)
    ) ${table.plain};
    CREATE TABLE decisions (
      sender ${text} NOT NULL, start ${text} NOT NULL, n ${integer} NOT NULL, at ${text} NOT NULL, decision ${text} NOT NULL,
      reason ${text} NOT NULL, action ${text}, principal ${text}, tenant ${text}, policies ${text} NOT NULL, record_json ${text} NOT NULL,
      PRIMARY KEY (sender, start, n)
    ) ${table.keyed};
    CREATE INDEX decisions_by_time ON decisions (at);
    `,
    `
    ALTER TABLE sessions ADD COLUMN provided_json ${text};
    CREATE TABLE refresh_tokens (
      hash ${text} PRIMARY KEY, sid ${text} NOT NULL REFERENCES sessions, audience ${text} NOT NULL, networks_json ${text},
      predecessor ${text}, used_at ${integer} NOT NULL, spent_at ${integer}, salt ${text}
    ) ${table.plain};
    CREATE INDEX refresh_tokens_by_session ON refresh_tokens (sid);
    `,
    `
    CREATE TABLE used_assertions (name ${text} PRIMARY KEY, ends_at ${integer} NOT NULL) ${table.plain};
    CREATE INDEX used_assertions_by_end ON used_assertions (ends_at);
    `,
    `
    ALTER TABLE decisions ADD COLUMN count ${integer};
    ALTER TABLE decisions ADD COLUMN kept_at ${integer};
    ALTER TABLE decisions ADD COLUMN hash ${text};
    ALTER TABLE decisions ADD COLUMN salt ${text};
    CREATE UNIQUE INDEX decisions_by_count ON decisions (count);
    CREATE INDEX decisions_by_principal ON decisions (tenant, principal);
    CREATE TABLE audit (
      one ${integer} PRIMARY KEY CHECK (one = 1), count ${integer} NOT NULL, hash ${text} NOT NULL,
      pruned_count ${integer} NOT NULL, pruned_hash ${text} NOT NULL
    ) ${table.plain};
    INSERT INTO audit (one, count, hash, pruned_count, pruned_hash) VALUES (1, 0, '', 0, '');
    CREATE TABLE checkpoints (
      count ${integer} PRIMARY KEY, hash ${text} NOT NULL, at ${integer} NOT NULL, signed ${text} NOT NULL
    ) ${table.plain};
    `,
    `
    CREATE TABLE grant_sets (
      digest ${text} PRIMARY KEY, audience ${text} NOT NULL, tenant ${text}, set_text ${text} NOT NULL, ends_at ${integer} NOT NULL
    ) ${table.plain};
    CREATE INDEX grant_sets_by_end ON grant_sets (ends_at);
    `,
    `
    ALTER TABLE decisions ADD COLUMN repeats ${integer};
    `,
    `
    ALTER TABLE refresh_tokens ADD COLUMN details_json ${text};
    `,
    `
    ALTER TABLE position ADD COLUMN subject_key ${text};
    ALTER TABLE changes ADD COLUMN tenant ${text};
    CREATE INDEX changes_by_tenant ON changes (tenant, seq);
    ALTER TABLE revocations ADD COLUMN tenant ${text};
    `,
    `
    ALTER TABLE sessions ADD COLUMN certificate_thumbprint ${text};
    `,
  ]
}

/** Errors: `ERR_AUTHORITY_STORE_NEWER`. */
export function refuseNewer(version: number, known: number): void {
  if (version <= known) return
  throw new AuthorityError('ERR_AUTHORITY_STORE_NEWER', `the database has version \`${version}\``, {
    hint: `this version of Cardea knows versions up to ${known}`,
  })
}
