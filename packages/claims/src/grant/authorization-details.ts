// Grants as RFC 9396 `authorization_details`: what introspection and the command show. For people and other systems; the
// token itself holds the packed form, which is a quarter of the size.

import { formatEntityUid } from '@cardea/policy'
import type { Grant } from './grant.ts'

/** One element of `authorization_details` (RFC 9396 section 2); the common fields of section 2.2, and two of ours. */
export interface AuthorizationDetail {
  readonly type: 'cardea_grant'
  /** The template. */
  readonly privileges: readonly [string]
  /** The entity type of the resource. */
  readonly datatypes: readonly [string]
  /** The id of the resource. */
  readonly identifier: string
  /** Who it was granted to: the subject or one of its groups. */
  readonly grantee: string
  /** The end, exclusive, as an RFC 3339 time. */
  readonly until?: string
}

export function toAuthorizationDetails(grants: readonly Grant[]): readonly AuthorizationDetail[] {
  return grants.map(({ grantee, template, resource, untilSeconds }) => ({
    type: 'cardea_grant',
    privileges: [template],
    datatypes: [resource.type],
    identifier: resource.id,
    grantee: formatEntityUid(grantee),
    ...(untilSeconds === undefined
      ? {}
      : { until: new Date(Math.min(untilSeconds, LAST_SECOND) * 1000).toISOString() }),
  }))
}

/** 9999-12-31T23:59:59Z: RFC 3339 has no later time, and a token may say any number. */
const LAST_SECOND = 253_402_300_799
