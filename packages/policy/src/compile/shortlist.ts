// What could concern a caller who asks for one action on one type of resource: found once and remembered with the caller's entity,
// so that a request looks up nothing but its resource.

import type { Entity } from '../entity/entities.ts'
import { sameEntity } from '../entity/uid.ts'
import type { UidMap } from '../entity/uid-map.ts'
import type { EntityUid } from '../value/value.ts'
import type { ActionIndex } from './action-index.ts'
import type { Entry, TemplateEntry } from './entry.ts'

export interface Shortlist {
  /** Those that name no resource. */
  readonly entries: readonly Entry[]
  /** Those that name the resource itself. */
  readonly resourceEqual: readonly UidMap<Entry[]>[]
  /** Those that name the resource or an ancestor. */
  readonly resourceIn: readonly UidMap<Entry[]>[]
  /** By the template's id, as a link names it. */
  readonly templates: ReadonlyMap<string, TemplateEntry>
}

export interface Shortlists {
  /** `index` is that of the action. */
  get(index: ActionIndex, principal: EntityUid, entity: Entity | undefined, resourceType: string): Shortlist
}

interface Remembered {
  readonly index: ActionIndex
  readonly principal: EntityUid
  readonly resourceType: string
  readonly shortlist: Shortlist
}

/** A caller asks for few actions on few types. Names from outside must not fill the memory. */
const MOST_REMEMBERED = 64

export function createShortlists(): Shortlists {
  const byEntity = new WeakMap<Entity, Remembered[]>()
  // requests come in runs of the same caller
  let lastEntity: Entity | undefined
  let last: Remembered[] = []

  return {
    get(index, principal, entity, resourceType) {
      if (entity === undefined) return createShortlist(index, principal, entity, resourceType)
      if (entity !== lastEntity) {
        last = remembered(entity)
        lastEntity = entity
      }
      for (const each of last) {
        if (each.index === index && each.resourceType === resourceType && isSame(each.principal, principal)) {
          return each.shortlist
        }
      }
      const shortlist = createShortlist(index, principal, entity, resourceType)
      if (last.length === MOST_REMEMBERED) last.length = 0
      last.push({ index, principal, resourceType, shortlist })
      return shortlist
    },
  }

  function remembered(entity: Entity): Remembered[] {
    const known = byEntity.get(entity)
    if (known !== undefined) return known
    const none: Remembered[] = []
    byEntity.set(entity, none)
    return none
  }
}

/** INVARIANT: whoever hands out one entity for several principals gets nobody else's policies. */
function isSame(left: EntityUid, right: EntityUid): boolean {
  return left === right || sameEntity(left, right)
}

function createShortlist(
  index: ActionIndex,
  principal: EntityUid,
  entity: Entity | undefined,
  resourceType: string,
): Shortlist {
  const { entries, templates } = index.bucket(principal.type, resourceType)
  const own = index.ofCaller(principal, entity)
  const equal = index.keyed.map(({ resourceEqual }) => resourceEqual)
  const within = index.keyed.map(({ resourceIn }) => resourceIn)
  return {
    entries: own.always.length === 0 ? entries : [...entries, ...own.always],
    resourceEqual: [own.resourceEqual, ...equal].filter(({ size }) => size > 0),
    resourceIn: [own.resourceIn, ...within].filter(({ size }) => size > 0),
    templates,
  }
}
