// Compiled, not run: the types that follow from a schema's literal type.

import type {
  ActionContext,
  ActionName,
  ActionOn,
  EntityAttributes,
  EntityTypeName,
  HasNoRequiredContext,
  PrincipalType,
  ResourceType,
  SchemaDefinition,
} from '../../src/index.ts'
import { createSchema } from '../../src/index.ts'
import type { documents } from '../schema/documents.ts'

type S = typeof documents

/** Compiles only if both types are the same. */
declare function same<A, B>(...proof: [A, B] extends [B, A] ? [] : [differ: [A, B]]): void

same<ActionName<S>, 'reading' | 'view' | 'share' | 'Billing::pay'>()
same<
  EntityTypeName<S>,
  'Tenant' | 'Role' | 'Team' | 'User' | 'Workspace' | 'Folder' | 'Document' | 'Billing::Invoice'
>()
same<PrincipalType<S, 'view'>, 'User'>()
same<ResourceType<S, 'view'>, 'Document' | 'Folder'>()
same<ResourceType<S, 'reading'>, never>()
same<ActionOn<S, 'Folder'>, 'view'>()
same<ActionOn<S, 'Document'>, 'view' | 'share'>()
same<HasNoRequiredContext<S, 'view'>, true>()
same<HasNoRequiredContext<S, 'share'>, false>()

// @ts-expect-error the canary: types that differ do not compile
same<ActionName<S>, string>()

export const least: ActionContext<S, 'share'> = { outside: true }
export const most: ActionContext<S, 'share'> = { outside: false, note: 'for ann', until: new Date(0) }
export const empty: ActionContext<S, 'view'> = {}

// @ts-expect-error a required name is missing
export const missing: ActionContext<S, 'share'> = { note: 'for ann' }

// @ts-expect-error of another type
export const mistyped: ActionContext<S, 'share'> = { outside: 'yes' }

// @ts-expect-error an address is the guard's to say
export const forged: ActionContext<S, 'share'> = { outside: true, ip: '10.0.0.1' }

declare const forgedContext: { readonly ip: string }
// @ts-expect-error so is an address that arrives in a variable
export const forgedLater: ActionContext<S, 'view'> = forgedContext

// @ts-expect-error a name that the action does not declare
export const unknownName: ActionContext<S, 'share'> = { outside: true, notes: 'for ann' }

export const user: EntityAttributes<S, 'User'> = { tenant: 'acme', networks: { office: '10.0.0.0/8' }, level: 3n }

// @ts-expect-error a nested field is missing
export const noOffice: EntityAttributes<S, 'User'> = { tenant: 'acme', networks: {}, level: 3 }

export const document: EntityAttributes<S, 'Document'> = {
  owner: 'ann',
  classified: false,
  title: 'plan',
  editors: ['bob', { kind: 'entity', type: 'User', id: 'cy' }],
  published: new Date(0),
}

// over the general definition everything is a name, and nothing is known
export const anyName: ActionName<SchemaDefinition> = 'whatever'
export const anyContext: ActionContext<SchemaDefinition, string> = { colour: 'red', size: 3 }
declare const definition: SchemaDefinition
export const schema = createSchema(definition)
