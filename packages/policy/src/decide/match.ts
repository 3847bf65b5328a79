// Which links concern a request: by resource (itself or an ancestor), principal (itself or an ancestor), and time.

import type { TemplateEntry } from '../compile/action-index.ts'
import { counts } from '../compile/links.ts'
import type { Links, TemplateLink } from '../compile/links.ts'
import type { Entity } from '../entity/entities.ts'
import { sameEntity } from '../entity/uid.ts'
import type { UidMap } from '../entity/uid-map.ts'
import { hasAncestor } from '../operator/evaluation.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { EntityUid } from '../value/value.ts'
import type { Request } from './request.ts'

/** A template with the ids of those of its links that concern the request. */
export interface Match {
  readonly template: TemplateEntry
  readonly ids: string[]
}

/** The templates that have links for the request; each once, so that its conditions are evaluated once. */
export function matchingLinks(
  programLinks: Links,
  { links, nowSeconds }: Pick<Request, 'links' | 'nowSeconds'>,
  evaluation: Evaluation,
  templates: ReadonlyMap<string, TemplateEntry>,
): readonly Match[] {
  const search: Search = { evaluation, templates, nowSeconds, matches: undefined }
  if (programLinks.all.length > 0) searchLinks(programLinks, search)
  if (links !== undefined) searchLinks(links, search)
  return search.matches ?? NONE
}

interface Search {
  readonly evaluation: Evaluation
  readonly templates: ReadonlyMap<string, TemplateEntry>
  readonly nowSeconds: number | undefined
  /** Made when the first link matches: most requests have none. */
  matches: Match[] | undefined
}

const NONE: readonly Match[] = Object.freeze([])

function searchLinks(links: Links, search: Search): void {
  const { principal, principalEntity, resource, resourceEntity } = search.evaluation
  searchMap(links.byResource, resource, resourceEntity, search)
  searchMap(links.byPrincipal, principal, principalEntity, search)
}

function searchMap(links: UidMap<TemplateLink[]>, uid: EntityUid, entity: Entity | undefined, search: Search): void {
  const own = links.get(uid)
  if (own !== undefined) addMatches(own, true, search)
  if (entity === undefined) return
  for (const inherited of links.amongAncestors(entity.ancestors)) addMatches(inherited, false, search)
}

/** `isSame` tells links that name the entity itself from those that name an ancestor. */
function addMatches(links: readonly TemplateLink[], isSame: boolean, search: Search): void {
  for (const link of links) {
    const template = search.templates.get(link.template)
    if (template === undefined || !concerns(template, link, isSame, search)) continue
    const match = search.matches?.find((each) => each.template === template)
    if (match !== undefined) match.ids.push(link.id)
    else if (search.matches === undefined) search.matches = [{ template, ids: [link.id] }]
    else search.matches.push({ template, ids: [link.id] })
  }
}

function concerns(
  { rule, principalSlot, resourceSlot }: TemplateEntry,
  link: TemplateLink,
  isSame: boolean,
  { evaluation: { principal, principalEntity }, nowSeconds }: Search,
): boolean {
  // a link that fills other slots than its template has says nothing
  if ((resourceSlot === undefined) !== (link.resource === undefined)) return false
  if ((principalSlot === undefined) !== (link.principal === undefined)) return false
  if (!isSame && (resourceSlot ?? principalSlot) === 'equal') return false
  if (!counts(link, rule.effect, nowSeconds)) return false
  if (link.principal === undefined || sameEntity(link.principal, principal)) return true
  return principalSlot === 'in' && hasAncestor(principalEntity, link.principal)
}
