// What is in the service when it starts: folders and documents of both tenants.

import type { Kysely } from 'kysely'
import type { Database, DocumentRow, FolderRow } from '../service/database.ts'

export const FOLDERS: readonly FolderRow[] = [
  { id: 'plans', tenant_id: 'acme', owner_id: 'carol', name: 'Plans' },
  { id: 'private', tenant_id: 'acme', owner_id: 'ann', name: "Ann's own" },
  { id: 'north', tenant_id: 'globex', owner_id: 'gus', name: 'North' },
]

export const DOCUMENTS: readonly DocumentRow[] = [
  document('diary', 'acme', 'ann', 'private', { title: 'Diary' }),
  document('roadmap', 'acme', 'carol', 'plans', { title: 'Roadmap' }),
  document('budget', 'acme', 'carol', 'plans', { title: 'Budget', classified: 1 }),
  document('minutes', 'acme', 'bob', 'plans', { title: 'Minutes' }),
  document('memo', 'acme', 'bob', 'private', { title: 'Memo' }),
  document('prices', 'globex', 'gus', 'north', { title: 'Prices' }),
]

/** Puts everything in. */
export async function fill(db: Kysely<Database>): Promise<void> {
  await db.insertInto('folders').values(FOLDERS).execute()
  await db.insertInto('documents').values(DOCUMENTS).execute()
}

function document(
  id: string,
  tenant: string,
  owner: string,
  folder: string,
  more: Partial<Pick<DocumentRow, 'title' | 'classified'>>,
): DocumentRow {
  const row = { id, tenant_id: tenant, owner_id: owner, folder_id: folder }
  return { ...row, classified: 0, shared: 0, title: id, body: `The ${id}.`, ...more }
}
