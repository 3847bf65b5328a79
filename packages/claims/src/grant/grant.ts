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
export function grantId({ template, grantee, resource }: Grant): string {
  return idOf(template, formatEntityUid(grantee), resource)
}

/** The grants as template links, indexed for deciding. Make it once per token, and again without those that were revoked. */
export function grantLinks(grants: readonly Grant[]): Links {
  // grants of one grantee share the object: its text is made once
  const grantees = new Map<EntityUid, string>()
  return createLinks(
    grants.map(({ template, grantee, resource, untilSeconds }): TemplateLink => {
      let text = grantees.get(grantee)
      if (text === undefined) grantees.set(grantee, (text = formatEntityUid(grantee)))
      const id = idOf(template, text, resource)
      if (untilSeconds === undefined) return { id, template, principal: grantee, resource }
      return { id, template, principal: grantee, resource, untilSeconds }
    }),
  )
}

function idOf(template: string, grantee: string, resource: EntityUid): string {
  return `${template}(${grantee}, ${formatEntityUid(resource)})`
}
