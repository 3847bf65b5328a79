// Queries and writes. A write takes an `Authorized` row: forgetting the check does not compile.

import type { Authorized, Filter } from '@cardea/guard'
import { where } from '@cardea/data/kysely'
import type { Kysely } from 'kysely'
import type { Document, Folder } from '../access.ts'
import type { Database, DocumentRow, FolderRow } from './database.ts'

export interface Draft {
  readonly title: string
  readonly body: string
}

export function documentById(db: Kysely<Database>, id: string): Promise<DocumentRow | undefined> {
  return db.selectFrom('documents').selectAll().where('id', '=', id).executeTakeFirst()
}

export function folderById(db: Kysely<Database>, id: string): Promise<FolderRow | undefined> {
  return db.selectFrom('folders').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The documents that the filter lets through, filtered in the query itself. */
export function documentsWhere(db: Kysely<Database>, filter: Filter<typeof Document>): Promise<DocumentRow[]> {
  return db.selectFrom('documents').selectAll().where(where(filter)).orderBy('id').execute()
}

export async function createDocument(
  db: Kysely<Database>,
  folder: Authorized<'create', typeof Folder>,
  owner: string,
  { title, body }: Draft,
): Promise<DocumentRow> {
  const row = {
    id: crypto.randomUUID(),
    tenant_id: folder.tenant_id,
    owner_id: owner,
    folder_id: folder.id,
    classified: 0,
    shared: 0,
    title,
    body,
  }
  await db.insertInto('documents').values(row).execute()
  return row
}

export async function saveDocument(
  db: Kysely<Database>,
  document: Authorized<'edit', typeof Document>,
  changes: Draft,
): Promise<void> {
  await db.updateTable('documents').set(changes).where('id', '=', document.id).execute()
}

export async function deleteDocument(
  db: Kysely<Database>,
  document: Authorized<'delete', typeof Document>,
): Promise<void> {
  await db.deleteFrom('documents').where('id', '=', document.id).execute()
}

/** Marks that somebody of another tenant has been let in; the policy's tenant isolation reads it. */
export async function markShared(db: Kysely<Database>, document: Authorized<'share', typeof Document>): Promise<void> {
  await db.updateTable('documents').set({ shared: 1 }).where('id', '=', document.id).execute()
}
