// What a policy reads of a request. A token must hold what its audience's policies read of the principal, so this is what a
// claims plan is made of.

import type { Slot } from '../syntax/tree.ts'
import type { EntityUid } from '../value/value.ts'

export interface Reads {
  readonly principalAttributes: readonly AttributeRead[]
  /** Types of the entities that the principal is asked to be in; `*` when only the request tells and there is no schema. */
  readonly principalAncestors: readonly AncestorRead[]
  readonly principalTags: boolean
  readonly resourceAttributes: readonly (readonly string[])[]
  /** Names of the context's attributes; `*` when it is read as a whole. */
  readonly context: readonly string[]
  readonly actions: 'all' | readonly EntityUid[]
  /** Of a template. A link's grantee may be a group: then the principal's membership in it is read too. */
  readonly slots: readonly Slot[]
  /** True when attributes, tags or ancestors are read of an entity other than principal, action and resource. */
  readonly throughOtherEntities: boolean
  /** The same where missing knowledge about that entity could open something. */
  readonly restrictiveThroughOtherEntities: boolean
}

export interface AttributeRead {
  /** `['address', 'city']` for `principal.address.city`; it ends at a reference to another entity. */
  readonly path: readonly string[]
  /** Missing knowledge could open something: unknown must not pass for absent. */
  readonly restrictive: boolean
}

export interface AncestorRead {
  readonly type: string
  readonly restrictive: boolean
}
