// What grants weigh: packed as they are in a token, and as `authorization_details` (RFC 9396), which others put into theirs.

import { type Grant, packGrants, toAuthorizationDetails } from '@cardea/claims'
import { entityUid } from '@cardea/policy'
import type { Figure } from '../report.ts'
import { uuidOf } from './world.ts'

const TEAMS = 9
/** All that packing asks of a plan. */
const PLAN = { digest: '', principals: {}, templates: ['editor', 'viewer'] }

/** Documents by UUID, granted to nine teams by two templates. */
export function grantBytes(count: number): Figure[] {
  const grants = Array.from(
    { length: count },
    (_, index): Grant => ({
      tenant: 'acme',
      template: index % 3 === 0 ? 'editor' : 'viewer',
      grantee: entityUid('Team', uuidOf(`team ${index % TEAMS}`)),
      resource: entityUid('Document', uuidOf(`document ${index}`)),
    }),
  )
  const details = toAuthorizationDetails(grants)
  const sizes = {
    packed: packGrants(grants, PLAN),
    'RFC 9396': details,
    // what is left when nobody asks who it was granted to: the least that says the same of the resource
    'RFC 9396, no grantee': details.map((detail) => ({ ...detail, grantee: undefined })),
  }
  return Object.entries(sizes).map(([subject, json]) => ({
    bench: 'authority',
    case: `${count} grants as JSON`,
    subject,
    value: JSON.stringify(json).length,
    unit: 'bytes',
  }))
}
