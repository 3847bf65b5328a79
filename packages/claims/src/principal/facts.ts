// What a token says of its principal, ready for deciding. Made once per token and never changed.

import {
  createEntities,
  type Entities,
  type Entity,
  type EntityInput,
  type EntityUid,
  type Links,
} from '@cardea/policy'
import { type Grant, grantLinks } from '../grant/grant.ts'

export interface PrincipalFacts {
  readonly principal: EntityUid
  /** The principal with its attributes and ancestors. One object, by which the engine remembers what concerns the caller. */
  readonly principalEntity: Entity
  /** `principalEntity`, and nobody else. */
  readonly entities: Entities
  /** `grants` as template links. Without the revoked ones: `grantLinks` of what is left. */
  readonly links: Links
  readonly grants: readonly Grant[]
  /** `undefined` where the token names none. */
  readonly tenant: string | undefined
}

/** `links` are those of `grants`, for who has them already. */
export function factsOf(
  entity: EntityInput,
  grants: readonly Grant[],
  tenant: string | undefined,
  links: Links = grantLinks(grants),
): PrincipalFacts {
  const principal = Object.freeze(entity.uid)
  const entities = createEntities([entity])
  const principalEntity = entities.get(principal)
  if (principalEntity === undefined) throw new TypeError('an entity is among those that were made of it')
  return Object.freeze({
    principal,
    principalEntity,
    entities,
    links,
    grants: Object.isFrozen(grants) ? grants : Object.freeze([...grants]),
    tenant,
  })
}
