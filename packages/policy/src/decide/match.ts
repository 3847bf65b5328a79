// Which links concern a request: by resource (itself or an ancestor), principal (itself or an ancestor), and time.

import type { TemplateEntry } from '../compile/entry.ts'
import { Hit } from '../compile/hit.ts'
import { counts } from '../compile/links.ts'
import type { IndexedLink, Links, TemplateLink } from '../compile/links.ts'
import { fits } from '../compile/shortlist.ts'
import { count } from '../compile/tally.ts'
import type { Tally } from '../compile/tally.ts'
import type { Entity } from '../entity/entities.ts'
import type { UidMap } from '../entity/uid-map.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { EntityUid } from '../value/value.ts'

/** What a link is looked at with. */
export interface LinkSearch {
  readonly evaluation: Evaluation
  readonly nowSeconds: number | undefined
  /** By the template's id, as a link names it. */
  readonly templates: ReadonlyMap<string, TemplateEntry>
}

/** Counts the templates that hold and have a link for the request. `isResourceDone`: those with a resource are counted. */
export function countLinks(
  { byResource, byPrincipal }: Links,
  isResourceDone: boolean,
  search: LinkSearch,
  tally: Tally,
): void {
  const { principal, principalEntity, resource, resourceEntity } = search.evaluation
  if (!isResourceDone && byResource.size > 0) countFound(byResource, resource, resourceEntity, search, tally)
  if (byPrincipal.size > 0) countFound(byPrincipal, principal, principalEntity, search, tally)
}

function countFound(
  links: UidMap<IndexedLink[]>,
  uid: EntityUid,
  entity: Entity | undefined,
  search: LinkSearch,
  tally: Tally,
): void {
  const own = links.get(uid)
  if (own !== undefined) countAll(own, true, search, tally)
  if (entity === undefined) return
  const { ancestors } = entity
  if (ancestors.size <= links.size) {
    for (const ancestor of ancestors.uids) {
      const inherited = links.get(ancestor)
      if (inherited !== undefined) countAll(inherited, false, search, tally)
    }
  } else {
    for (const inherited of links.amongAncestors(ancestors)) countAll(inherited, false, search, tally)
  }
}

/** `isSame` tells links that name the entity itself from those that name an ancestor. */
function countAll(links: readonly IndexedLink[], isSame: boolean, search: LinkSearch, tally: Tally): void {
  for (const { link, ids } of links) {
    const template = search.templates.get(link.template)
    if (template === undefined || !concerns(template, link, isSame, search)) continue
    const result = template.run(search.evaluation)
    if (result !== false) count(tally, new Hit(template.rule, ids), result)
  }
}

/** Tells of each template that has a link for the request, once for each link. For who asks several questions about one pair. */
export function eachLink<T extends { readonly what: TemplateEntry }>(
  { byResource, byPrincipal }: Links,
  search: Omit<LinkSearch, 'templates'> & { readonly templates: ReadonlyMap<string, T> },
  tell: (template: T) => void,
): void {
  const { principal, principalEntity, resource, resourceEntity } = search.evaluation
  each(byResource, resource, resourceEntity)
  each(byPrincipal, principal, principalEntity)

  function each(links: UidMap<IndexedLink[]>, uid: EntityUid, entity: Entity | undefined): void {
    if (links.size === 0) return
    tellAll(links.get(uid), true)
    if (entity === undefined) return
    if (entity.ancestors.size <= links.size) {
      for (const ancestor of entity.ancestors.uids) tellAll(links.get(ancestor), false)
    } else {
      for (const inherited of links.amongAncestors(entity.ancestors)) tellAll(inherited, false)
    }
  }

  function tellAll(links: readonly IndexedLink[] | undefined, isSame: boolean): void {
    if (links === undefined) return
    for (const { link } of links) {
      const template = search.templates.get(link.template)
      if (template !== undefined && concerns(template.what, link, isSame, search)) tell(template)
    }
  }
}

function concerns(
  template: TemplateEntry,
  link: TemplateLink,
  isSame: boolean,
  { evaluation: { principal, principalEntity }, nowSeconds }: Omit<LinkSearch, 'templates'>,
): boolean {
  if (!isSame && (template.resourceSlot ?? template.principalSlot) === 'equal') return false
  if (!counts(link, template.rule.effect, nowSeconds)) return false
  return fits(template, link, principal, principalEntity)
}
