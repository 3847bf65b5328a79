// Requests over the small world of which any part is unknown, together with the whole request that fills them.

import fc from 'fast-check'
import type { Request } from '../../src/decide/request.ts'
import type { Entities } from '../../src/entity/entities.ts'
import { sameEntity } from '../../src/entity/uid.ts'
import { unknownEntity } from '../../src/residual/request.ts'
import type { Filling, PartialRequest } from '../../src/residual/request.ts'
import type { EntityUid, Value } from '../../src/value/value.ts'

export interface Hidden {
  readonly partial: PartialRequest
  readonly filling: Filling
  readonly whole: Request
  /** The names of what is unknown, for counting. */
  readonly mask: string
}

export interface World {
  readonly principals: readonly EntityUid[]
  readonly actions: readonly EntityUid[]
  readonly resources: readonly EntityUid[]
  readonly contexts: readonly ReadonlyMap<string, Value>[]
  readonly entities: Entities
}

/** How much of an entity the partial request does not say. */
const masks = fc.constantFrom('known', 'typed', 'untyped')
const contextMasks = fc.oneof(
  fc.constant<readonly string[]>([]),
  fc.subarray(['mfa', 'level', 'ip', 'now', 'team', 'absent']),
  fc.constant('others' as const),
)

/** Hides parts of whole requests. What is not unknown is complete, of what is unknown some entities are known by chance. */
export function hiddenRequests(world: World): fc.Arbitrary<Hidden> {
  return fc
    .record({
      principal: fc.constantFrom(...world.principals),
      action: fc.constantFrom(...world.actions),
      resource: fc.constantFrom(...world.resources),
      context: fc.constantFrom(...world.contexts),
      principalMask: masks,
      actionMask: fc.boolean(),
      resourceMask: masks,
      contextMask: contextMasks,
      keptContext: fc.subarray(['mfa', 'level', 'now']),
      isLoaded: fc.func(fc.boolean()),
    })
    .map((seed): Hidden => {
      const { principal, action, resource, context, principalMask, resourceMask, contextMask } = seed
      const whole: Request = { principal, action, resource, context, entities: world.entities }
      const hide = (uid: EntityUid, mask: string) =>
        mask === 'known' ? uid : unknownEntity(mask === 'typed' ? uid.type : undefined)
      const isUnknownType = ({ type }: EntityUid): boolean =>
        type !== 'Action' &&
        ((principalMask === 'typed' && type === principal.type) ||
          (resourceMask === 'typed' && type === resource.type) ||
          principalMask === 'untyped' ||
          resourceMask === 'untyped')
      const isOfRequest = (uid: EntityUid): boolean =>
        (principalMask === 'known' && sameEntity(uid, principal)) ||
        (resourceMask === 'known' && sameEntity(uid, resource))
      const before: Entities = {
        get: (uid) =>
          !isUnknownType(uid) || isOfRequest(uid) || seed.isLoaded(uid.type, uid.id)
            ? world.entities.get(uid)
            : undefined,
      }
      const kept = [...context].filter(([name]) => contextMask !== 'others' || seed.keptContext.includes(name as never))
      return {
        whole,
        mask: [
          ...(principalMask === 'known' ? [] : ['principal']),
          ...(seed.actionMask ? ['action'] : []),
          ...(resourceMask === 'known' ? [] : ['resource']),
          ...(contextMask.length === 0 ? [] : ['context']),
        ].join(' '),
        partial: {
          principal: hide(principal, principalMask),
          action: seed.actionMask ? unknownEntity() : action,
          resource: hide(resource, resourceMask),
          context: new Map(kept),
          unknownContext: contextMask,
          entities: before,
        },
        filling: {
          ...(principalMask === 'known' ? {} : { principal }),
          ...(seed.actionMask ? { action } : {}),
          ...(resourceMask === 'known' ? {} : { resource }),
          ...(contextMask.length === 0 ? {} : { context }),
          entities: world.entities,
        },
      }
    })
}
