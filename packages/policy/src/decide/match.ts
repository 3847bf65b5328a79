// Which links of a template concern a request: by resource (itself or an ancestor), principal (itself or an ancestor), and time.

import type { TemplateEntry } from '../compile/action-index.ts'
import { isLive } from '../compile/links.ts'
import type { LinkIndex, Links, TemplateLink } from '../compile/links.ts'
import { visitAncestors } from '../entity/entities.ts'
import type { Entity, UidMap } from '../entity/entities.ts'
import { sameEntity } from '../entity/uid.ts'
import { hasAncestor } from '../operator/evaluation.ts'
import type { Evaluation } from '../operator/evaluation.ts'
import type { EntityUid } from '../value/value.ts'
import type { Request } from './request.ts'

/** The ids of the template's links that concern the request; `undefined` when none does. */
export function matchingLinks(
  template: TemplateEntry,
  programLinks: Links,
  request: Pick<Request, 'links' | 'nowSeconds'>,
  evaluation: Evaluation,
): readonly string[] | undefined {
  const { id } = template.rule
  const fixed = programLinks.byTemplate.get(id)
  const own = request.links?.byTemplate.get(id)
  if (fixed === undefined && own === undefined) return undefined
  let ids: string[] | undefined
  const visit = (links: readonly TemplateLink[]): void => {
    for (const link of links) {
      if (!concernsPrincipal(template, link, evaluation) || !counts(template, link, request.nowSeconds)) continue
      if (ids === undefined) ids = [link.id]
      else ids.push(link.id)
    }
  }
  if (fixed !== undefined) visitCandidates(template, fixed, evaluation, visit)
  if (own !== undefined) visitCandidates(template, own, evaluation, visit)
  return ids
}

/** Without a clock a link with an end does not count, except that a `forbid` is never lost by that. */
export function counts({ rule }: TemplateEntry, link: TemplateLink, nowSeconds: number | undefined): boolean {
  return isLive(link, nowSeconds) || (rule.effect === 'forbid' && nowSeconds === undefined)
}

export function concernsPrincipal(
  { principalSlot }: TemplateEntry,
  { principal }: TemplateLink,
  evaluation: Pick<Evaluation, 'principal' | 'principalEntity'>,
): boolean {
  if (principalSlot === undefined) return true
  if (principal === undefined) return false
  if (sameEntity(evaluation.principal, principal)) return true
  return principalSlot === 'in' && hasAncestor(evaluation.principalEntity, principal)
}

function visitCandidates(
  { principalSlot, resourceSlot }: TemplateEntry,
  index: LinkIndex,
  { principal, principalEntity, resource, resourceEntity }: Evaluation,
  visit: (links: readonly TemplateLink[]) => void,
): void {
  if (resourceSlot !== undefined) {
    visitNamed(index.byResource, index.resourceTypes, resourceSlot, resource, resourceEntity, visit)
  } else if (principalSlot !== undefined) {
    visitNamed(index.byPrincipal, index.principalTypes, principalSlot, principal, principalEntity, visit)
  }
}

function visitNamed(
  links: UidMap<TemplateLink[]>,
  types: readonly string[],
  relation: 'equal' | 'in',
  uid: EntityUid,
  entity: Entity | undefined,
  visit: (links: readonly TemplateLink[]) => void,
): void {
  const own = links.get(uid)
  if (own !== undefined) visit(own)
  if (relation === 'in' && entity !== undefined) visitAncestors(links, types, entity.ancestors, visit)
}
