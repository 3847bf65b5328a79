// `authorization_details` of a token request (RFC 9396 sections 2, 5 and 6): which of the subject's grants the token shall hold. In the
// very form in which they are shown; anything else is refused, so that nobody takes for a limit what was not read.
//
// INVARIANT: a request names grants to keep; none can add one, lengthen one, or take away what a `forbid` reads.

import { type Grant, type GrantLimit, narrowGrants } from '@cardea/claims'
import { entityUid, parseEntityUid } from '@cardea/policy'
import { parseStrictJson } from '@cardea/token'
import { z } from 'zod'
import { AuthorityError } from '../../errors.ts'

/** RFC 9396 section 10: what metadata say. */
export const DETAIL_TYPES: readonly string[] = ['cardea_grant']

/** How far the token is narrower than the sign-in. */
export interface Narrowing {
  /** What was asked for with this request; nothing left of it is an error. */
  readonly requested?: readonly GrantLimit[] | undefined
  /** What was granted before to what this token comes of; the token is within it, whatever is left. */
  readonly recorded?: readonly GrantLimit[] | undefined
}

const MAX_DETAILS = 100
const MAX_TEXT = 256
const MAX_BYTES = 65_536
/** As `toAuthorizationDetails` writes it, with or without the milliseconds. */
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.000)?Z$/

const text = z.string().min(1).max(MAX_TEXT)
const detail = z.strictObject({
  type: z.literal('cardea_grant'),
  privileges: z.tuple([text]),
  datatypes: z.tuple([text]),
  identifier: text,
  grantee: text.max(2 * MAX_TEXT).optional(),
  until: z.string().regex(TIME).optional(),
})
const details = z.array(detail).min(1).max(MAX_DETAILS)

/** `undefined` when nothing is asked for. Errors: `ERR_AUTHORITY_DETAILS`. */
export function readDetails(parameters: ReadonlyMap<string, string>): readonly GrantLimit[] | undefined {
  const source = parameters.get('authorization_details')
  if (source === undefined) return undefined
  const { data } = details.safeParse(parse(source))
  if (data === undefined) throw malformed()
  return data.map(({ privileges: [template], datatypes: [type], identifier, grantee, until }) => ({
    template,
    resource: entityUid(type, identifier),
    ...(grantee === undefined ? {} : { grantee: granteeOf(grantee) }),
    ...(until === undefined ? {} : { untilSeconds: secondsOf(until) }),
  }))
}

/** Errors: `ERR_AUTHORITY_DETAILS`. */
export function refuseDetails(parameters: ReadonlyMap<string, string>): void {
  if (!parameters.has('authorization_details')) return
  throw new AuthorityError('ERR_AUTHORITY_DETAILS', 'a token for the authority itself holds no grants')
}

/** What may stay of the grants, without those that end now. */
export function narrow(grants: readonly Grant[], { recorded, requested }: Narrowing, now: number): readonly Grant[] {
  const within = recorded === undefined ? grants : narrowGrants(grants, recorded)
  const asked = requested === undefined ? within : narrowGrants(within, requested)
  return asked.filter(({ untilSeconds }) => untilSeconds === undefined || now < untilSeconds)
}

function parse(source: string): unknown {
  try {
    return parseStrictJson(Buffer.from(source, 'utf8'), { maxBytes: MAX_BYTES })
  } catch (cause) {
    throw malformed(cause)
  }
}

function granteeOf(source: string): ReturnType<typeof entityUid> {
  const uid = parseEntityUid(source)
  if (uid === undefined) throw malformed()
  return uid
}

function secondsOf(until: string): number {
  const milliseconds = Date.parse(until)
  // a day that the month does not have is another day to some readers
  if (Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(until.slice(0, 19))) {
    throw malformed()
  }
  return milliseconds / 1000
}

function malformed(cause?: unknown): AuthorityError {
  return new AuthorityError('ERR_AUTHORITY_DETAILS', undefined, cause === undefined ? {} : { cause })
}
