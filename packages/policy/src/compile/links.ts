// Template links, found by the resource they name: template, then resource type, then id. A link of a template without a resource
// slot is found by its principal.

import { UidMap } from '../entity/entities.ts'
import type { EntityUid } from '../value/value.ts'

/** A template with its slots filled, perhaps until a time. */
export interface TemplateLink {
  readonly id: string
  /** The template's policy id. */
  readonly template: string
  readonly principal?: EntityUid
  readonly resource?: EntityUid
  /** Unix seconds, exclusive: at this very second the link no longer counts. */
  readonly untilSeconds?: number
}

/** Links of one caller (or of a program), indexed. Make it once, use it for many requests. */
export interface Links {
  readonly all: readonly TemplateLink[]
  readonly byTemplate: ReadonlyMap<string, LinkIndex>
}

/** The links of one template. */
export interface LinkIndex {
  readonly byResource: UidMap<TemplateLink[]>
  /** The types of the resources named: ancestors of other types are never looked at. */
  readonly resourceTypes: readonly string[]
  /** Links without a resource. */
  readonly byPrincipal: UidMap<TemplateLink[]>
  readonly principalTypes: readonly string[]
  readonly all: readonly TemplateLink[]
}

export const NO_LINKS: Links = { all: [], byTemplate: new Map<string, LinkIndex>() }

/** Indexes links. A link whose template a program does not have is ignored there. Cost: linear. */
export function createLinks(links: readonly TemplateLink[]): Links {
  const groups = new Map<string, TemplateLink[]>()
  for (const link of links) {
    const group = groups.get(link.template)
    if (group === undefined) groups.set(link.template, [link])
    else group.push(link)
  }
  return { all: [...links], byTemplate: new Map([...groups].map(([template, group]) => [template, indexOf(group)])) }
}

/** True while the link counts. Without a clock an ending link does not. */
export function isLive(link: TemplateLink, nowSeconds: number | undefined): boolean {
  return link.untilSeconds === undefined || (nowSeconds !== undefined && nowSeconds < link.untilSeconds)
}

function indexOf(links: readonly TemplateLink[]): LinkIndex {
  const byResource = new UidMap<TemplateLink[]>()
  const byPrincipal = new UidMap<TemplateLink[]>()
  for (const link of links) {
    if (link.resource !== undefined) add(byResource, link.resource, link)
    else if (link.principal !== undefined) add(byPrincipal, link.principal, link)
  }
  return {
    byResource,
    resourceTypes: [...byResource.types()],
    byPrincipal,
    principalTypes: [...byPrincipal.types()],
    all: links,
  }
}

function add(map: UidMap<TemplateLink[]>, uid: EntityUid, link: TemplateLink): void {
  const links = map.get(uid)
  if (links === undefined) map.set(uid, [link])
  else links.push(link)
}
