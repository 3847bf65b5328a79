// The service's own data: folders and documents of all tenants, in SQLite through Kysely.

import { DatabaseSync } from 'node:sqlite'
import { nodeSqlite } from '@cardea/data/kysely'
import { type CompiledQuery, Kysely, SqliteDialect } from 'kysely'

export interface Database {
  folders: FolderRow
  documents: DocumentRow
}

export interface FolderRow {
  id: string
  tenant_id: string
  owner_id: string
  name: string
}

export interface DocumentRow {
  id: string
  tenant_id: string
  owner_id: string
  folder_id: string
  /** 0 or 1. */
  classified: number
  /** 0 or 1: somebody of another tenant was let in. */
  shared: number
  title: string
  body: string
}

/** Opens an empty database in memory and creates its tables. `onQuery` sees every statement before it runs. */
export function openDatabase(onQuery: (query: CompiledQuery) => void = () => {}): Kysely<Database> {
  const sqlite = new DatabaseSync(':memory:')
  sqlite.exec(`
    CREATE TABLE folders (
      id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, owner_id TEXT NOT NULL, name TEXT NOT NULL
    ) STRICT;
    CREATE TABLE documents (
      id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, owner_id TEXT NOT NULL, folder_id TEXT NOT NULL REFERENCES folders,
      classified INTEGER NOT NULL CHECK (classified IN (0, 1)), shared INTEGER NOT NULL CHECK (shared IN (0, 1)),
      title TEXT NOT NULL, body TEXT NOT NULL
    ) STRICT;
  `)
  return new Kysely<Database>({
    dialect: new SqliteDialect({ database: nodeSqlite(sqlite) }),
    log: (event) => onQuery(event.query),
  })
}
