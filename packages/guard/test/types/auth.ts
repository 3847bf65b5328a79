// Checked by the compiler alone: what a handler may ask, and what it may not.

import type { Auth, Authorized, Filter } from '../../src/index.ts'
import { Document, type DocumentRow, Folder, type schema } from '../support/documents.ts'

declare const auth: Auth<typeof schema>
declare const row: DocumentRow | undefined

declare function save(document: Authorized<'edit', typeof Document>): void
declare function list(filter: Filter<typeof Document>): void

export function right(): void {
  save(auth.authorize('edit', Document(row)))
  const viewed: string = auth.authorize('view', Document(row)).title
  for (const document of auth.select('edit', Document, row === undefined ? [] : [row])) save(document)
  for (const document of auth.authorizeEach('edit', [Document(row)])) save(document)
  list(auth.filter('view', Document))
  auth.authorize('share', Document(row), { outside: viewed === '' })
  auth.authorize('create', Folder({ id: 'a', tenant_id: 'b' }))
  if (row !== undefined) {
    const actions: readonly ('view' | 'edit' | 'delete' | 'share')[] = auth.allowedActions(Document(row))
    list(auth.filter(actions[0] === 'view' ? 'view' : 'edit', Document))
  }
}

export function wrong(): void {
  // @ts-expect-error no such action
  auth.authorize('publish', Document(row))
  // @ts-expect-error the action is not done on folders
  auth.authorize('view', Folder({ id: 'a', tenant_id: 'b' }))
  // @ts-expect-error the action needs a word of the handler
  auth.authorize('share', Document(row))
  // @ts-expect-error of the right type
  auth.authorize('share', Document(row), { outside: 'no' })
  // @ts-expect-error a reserved name is the guard's
  auth.authorize('view', Document(row), { ip: '10.0.0.1' })
  // @ts-expect-error viewing is not editing
  save(auth.authorize('view', Document(row)))
  // @ts-expect-error a row is not a proof
  if (row !== undefined) save(row)
  // @ts-expect-error a boolean is not a proof
  save(auth.can('edit', Document(row)))
  // @ts-expect-error a row is no entity
  auth.authorize('view', row)
  // @ts-expect-error the filter is for documents
  auth.filter('create', Document)
}
