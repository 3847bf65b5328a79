// A grant: a named template linked to a principal (or a team) and a resource, perhaps until a time.

import { createLinks, type EntityUid, formatEntityUid, type Links, type TemplateLink } from '@cardea/policy'

export interface Grant {
  /** The tenant it belongs to; `''` where there are no tenants. */
  readonly tenant: string
  readonly grantee: EntityUid
  /** Id of a `permit` template with both slots. */
  readonly template: string
  readonly resource: EntityUid
  /** Unix seconds, exclusive, no leeway: at this very second it no longer counts. */
  readonly untilSeconds?: number
}

/** What names a grant in decisions and records: `viewer(User::"ann", Document::"plan")`. */
export function grantId(grant: Grant): string {
  return `${grant.template}(${formatEntityUid(grant.grantee)}, ${formatEntityUid(grant.resource)})`
}

/** The grants as template links, indexed for deciding. Make it once per token, and again without those that were revoked. */
export function grantLinks(grants: readonly Grant[]): Links {
  return createLinks(grants.map(linkOf))
}

function linkOf(grant: Grant): TemplateLink {
  const link = { id: grantId(grant), template: grant.template, principal: grant.grantee, resource: grant.resource }
  return grant.untilSeconds === undefined ? link : { ...link, untilSeconds: grant.untilSeconds }
}
