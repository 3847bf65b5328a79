// What could concern a caller who asks for one action on one type of resource: found once and remembered with the caller's entity.
// For a caller who comes back it is put into one map by resource, grants included, so that a request costs one look-up for its resource
// and one for each of the resource's ancestors.

import type { Entity } from '../entity/entities.ts'
import { sameEntity } from '../entity/uid.ts'
import { addTo, UidMap } from '../entity/uid-map.ts'
import type { EntityUid } from '../value/value.ts'
import type { ActionIndex } from './action-index.ts'
import type { Bucket } from './bucket.ts'
import type { Entry, TemplateEntry } from './entry.ts'
import { Hit } from './hit.ts'
import type { CallersEntries, KeyedIndex } from './keyed-index.ts'
import type { Links, TemplateLink } from './links.ts'

export interface Asked {
  readonly principal: EntityUid
  readonly principalEntity: Entity | undefined
  readonly action: EntityUid
  readonly resource: EntityUid
}

/** A policy that names the resource, or a template with a link that does. */
export interface Candidate {
  readonly entry: Entry
  readonly hit: Hit
  /** True when the resource itself must be named, and no ancestor. */
  readonly isExact: boolean
  readonly link: TemplateLink | undefined
}

/** As often a caller must have come before the map is made: making it costs as much as a few look-ups for each grant. */
const USES_BEFORE_MAP = 3

export class Shortlist {
  readonly principal: EntityUid
  readonly action: EntityUid
  readonly resourceType: string
  /** Those that name no entity, and templates. */
  readonly bucket: Bucket
  /** Those that name the caller or one of the caller's groups. */
  readonly callers: CallersEntries
  /** Those that name a resource and no principal. */
  readonly keyed: readonly KeyedIndex[]
  #links: Links | undefined
  #uses = 0
  #byResource: UidMap<Candidate[]> | undefined

  constructor({ principal, principalEntity, action, resource }: Asked, index: ActionIndex) {
    this.principal = principal
    this.action = action
    this.resourceType = resource.type
    this.bucket = index.bucket(principal.type, resource.type)
    this.callers = index.ofCaller(principal, principalEntity)
    this.keyed = index.keyed.filter(({ resourceEqual, resourceIn }) => resourceEqual.size + resourceIn.size > 0)
  }

  /** All that names a resource for the caller with these grants; `undefined` while it is cheaper to look it up piece by piece. */
  byResource(links: Links, principalEntity: Entity | undefined): UidMap<Candidate[]> | undefined {
    if (links !== this.#links) {
      this.#links = links
      this.#uses = 0
      this.#byResource = undefined
    }
    if (this.#byResource === undefined) {
      this.#uses += 1
      if (this.#uses > USES_BEFORE_MAP) this.#byResource = this.#gather(links, principalEntity)
    }
    return this.#byResource
  }

  #gather(links: Links, principalEntity: Entity | undefined): UidMap<Candidate[]> {
    const candidates = new UidMap<Candidate[]>()
    const { resourceEqual, resourceIn } = this.callers
    for (const [map, isExact] of [
      [resourceEqual, true],
      [resourceIn, false],
    ] as const) {
      for (const [uid, entries] of map.entries()) {
        for (const entry of entries) addTo(candidates, uid, { entry, hit: entry.hit, isExact, link: undefined })
      }
    }
    for (const [uid, list] of links.byResource.entries()) {
      for (const { link, ids } of list) {
        const entry = this.bucket.templates.get(link.template)
        if (entry === undefined || !fits(entry, link, this.principal, principalEntity)) continue
        const hit = new Hit(entry.rule, ids)
        addTo(candidates, uid, { entry, hit, isExact: entry.resourceSlot === 'equal', link })
      }
    }
    return candidates
  }
}

/** True when the link fills the template's slots, and for this principal. */
export function fits(
  { principalSlot, resourceSlot }: TemplateEntry,
  link: TemplateLink,
  principal: EntityUid,
  principalEntity: Entity | undefined,
): boolean {
  // a link that fills other slots than its template has says nothing
  if ((resourceSlot === undefined) !== (link.resource === undefined)) return false
  if ((principalSlot === undefined) !== (link.principal === undefined)) return false
  if (link.principal === undefined || sameEntity(link.principal, principal)) return true
  return principalSlot === 'in' && principalEntity?.ancestors.includes(link.principal) === true
}

/** A caller asks for few actions on few types. Names from outside must not fill the memory. */
const MOST_REMEMBERED = 64

export class Shortlists {
  readonly #byEntity = new WeakMap<Entity, Shortlist[]>()
  // requests come in runs of the same caller
  #lastEntity: Entity | undefined
  #last: Shortlist[] = []

  /** `indexOf` finds the index of the action: it is asked only for what is not remembered. */
  get(asked: Asked, indexOf: (action: EntityUid) => ActionIndex): Shortlist {
    const { principal, principalEntity, action, resource } = asked
    if (principalEntity === undefined) return new Shortlist(asked, indexOf(action))
    if (principalEntity !== this.#lastEntity) {
      this.#last = this.#ofEntity(principalEntity)
      this.#lastEntity = principalEntity
    }
    for (const each of this.#last) {
      // INVARIANT: whoever hands out one entity for several principals gets nobody else's policies
      if (isUid(each.action, action) && each.resourceType === resource.type && isUid(each.principal, principal)) {
        return each
      }
    }
    const shortlist = new Shortlist(asked, indexOf(action))
    if (this.#last.length === MOST_REMEMBERED) this.#last.length = 0
    this.#last.push(shortlist)
    return shortlist
  }

  #ofEntity(entity: Entity): Shortlist[] {
    const known = this.#byEntity.get(entity)
    if (known !== undefined) return known
    const none: Shortlist[] = []
    this.#byEntity.set(entity, none)
    return none
  }
}

function isUid(left: EntityUid, right: EntityUid): boolean {
  return left === right || sameEntity(left, right)
}
