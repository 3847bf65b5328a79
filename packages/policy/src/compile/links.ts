// Template links, found by the resource that they name, whatever their template is: a request looks up its resource and the
// resource's ancestors once, not once for each template. A link without a resource is found by its principal.

import { addTo, UidMap } from '../entity/uid-map.ts'
import type { Effect } from '../syntax/tree.ts'
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
  readonly byTemplate: ReadonlyMap<string, readonly TemplateLink[]>
  /** For the engine: how links are found. */
  readonly byResource: UidMap<IndexedLink[]>
  /** Links without a resource. */
  readonly byPrincipal: UidMap<IndexedLink[]>
}

export interface IndexedLink {
  readonly link: TemplateLink
  /** The link's id, as decisions name what determined them. */
  readonly ids: readonly string[]
}

/** Indexes links. A link whose template a program does not have is ignored there. Cost: linear. */
export function createLinks(links: readonly TemplateLink[]): Links {
  const byTemplate = new Map<string, TemplateLink[]>()
  const byResource = new UidMap<IndexedLink[]>()
  const byPrincipal = new UidMap<IndexedLink[]>()
  for (const link of links) {
    const ofTemplate = byTemplate.get(link.template)
    if (ofTemplate === undefined) byTemplate.set(link.template, [link])
    else ofTemplate.push(link)
    const indexed = { link, ids: Object.freeze([link.id]) }
    if (link.resource !== undefined) addTo(byResource, link.resource, indexed)
    else if (link.principal !== undefined) addTo(byPrincipal, link.principal, indexed)
  }
  return { all: [...links], byTemplate, byResource, byPrincipal }
}

/** True while the link counts. Without a clock an ending link does not, except that a `forbid` is never lost by that. */
export function counts({ untilSeconds }: TemplateLink, effect: Effect, nowSeconds: number | undefined): boolean {
  if (untilSeconds === undefined) return true
  return nowSeconds === undefined ? effect === 'forbid' : nowSeconds < untilSeconds
}
