// Where the generated schema file says which schema `request.auth` is typed with:
// `declare module '@cardea/guard' { interface Register { schema: typeof schema } }`.

import type { SchemaDefinition } from '@cardea/policy'

/** Augmented by the file that `cardea generate` writes. */
export interface Register {}

/** The registered schema, or any. */
export type RegisteredSchema = Register extends { readonly schema: infer S extends SchemaDefinition }
  ? S
  : SchemaDefinition
