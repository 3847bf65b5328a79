// Checked by the compiler alone: what a handler may ask, and what it may not.

import type { Decider } from '@cardea/policy'
import type { Auth, Authorized, CommonOptions, Filter } from '../../src/index.ts'
import { Document, type DocumentRow, Folder, type schema } from '../support/documents.ts'

declare const auth: Auth<typeof schema>
declare const row: DocumentRow | undefined

declare const decider: Decider
declare const isOutside: boolean
declare function options(given: Pick<CommonOptions<typeof schema>, 'deciders'>): void
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

export async function rightLater(): Promise<void> {
  save(await auth.ask('edit', Document(row)))
  for (const document of await auth.askEach('edit', [Document(row)])) save(document)
  const { decision } = await auth.askDecision('share', Document(row), { outside: isOutside })
  if (row !== undefined && decision === 'allow') {
    const actions: readonly ('view' | 'edit' | 'delete' | 'share')[] = await auth.askActions(Document(row))
    options({ deciders: { view: { decider, mode: actions.includes('edit') ? 'alone' : 'together' } } })
  }
}

export async function wrongLater(): Promise<void> {
  /* oxlint-disable typescript/no-misused-promises -- the compiler's own word is what is tested */
  // @ts-expect-error a promise is always truthy
  if (auth.ask('edit', Document(row))) return
  // @ts-expect-error the same of a decision that was not waited for
  if (auth.askDecision('edit', Document(row))) return
  /* oxlint-enable typescript/no-misused-promises */
  // @ts-expect-error a promise has no decision
  if (auth.askDecision('edit', Document(row)).decision === 'allow') return
  // @ts-expect-error a promise is no proof
  save(auth.ask('edit', Document(row)))
  // @ts-expect-error viewing is not editing
  save(await auth.ask('view', Document(row)))
  // @ts-expect-error no such action
  await auth.ask('publish', Document(row))
  // @ts-expect-error no such action in the schema
  options({ deciders: { publish: { decider, mode: 'alone' } } })
  // @ts-expect-error it must be said who counts
  options({ deciders: { view: { decider } } })
  // @ts-expect-error there is no third mode
  options({ deciders: { view: { decider, mode: 'either' } } })
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
