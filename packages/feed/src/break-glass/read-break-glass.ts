// The form of a break-glass statement. A member that is not known here may be one that narrows it, so one is too many.

import { FeedError } from '../errors.ts'
import { isObject, isSeconds } from '../wire/json.ts'
import { BREAK_GLASS_LIMITS, type BreakGlass } from './break-glass.ts'

/** A copy with nothing but what was read. Throws `ERR_FEED_BREAK_GLASS_FORMAT`. */
export function readBreakGlass(json: unknown): BreakGlass {
  if (!isObject(json)) throw malformed('it is no object')
  const { jti, iss, aud, epoch, iat, exp, maxStaleSeconds, actions, clients, killed, ...more } = json
  if (Object.keys(more).length > 0) throw malformed('it has a member that this release does not know')
  const isNamed = isName(jti) && isName(iss) && isName(aud) && isName(epoch)
  if (!isNamed) throw malformed('`jti`, `iss`, `aud` or `epoch` is not there, or of the wrong form')
  if (!isSeconds(iat) || !isSeconds(exp) || exp <= iat || exp - iat > BREAK_GLASS_LIMITS.lifeSeconds) {
    throw malformed('`exp` must come after `iat`, by a day at most')
  }
  if (!isSeconds(maxStaleSeconds) || maxStaleSeconds === 0 || maxStaleSeconds > BREAK_GLASS_LIMITS.maxStaleSeconds) {
    throw malformed('`maxStaleSeconds` must be a whole number from 1 to a day')
  }
  if (!isNames(killed)) throw malformed('`killed` must be a list of key ids')
  // an empty list would be read as nobody by one and as everybody by another
  const isNarrowed = isSomeOrNone(actions) && isSomeOrNone(clients)
  if (!isNarrowed) throw malformed('`actions` and `clients` are lists of names, or not there')
  return Object.freeze({
    jti,
    iss,
    aud,
    epoch,
    iat,
    exp,
    maxStaleSeconds,
    ...(actions === undefined ? {} : { actions: Object.freeze([...actions]) }),
    ...(clients === undefined ? {} : { clients: Object.freeze([...clients]) }),
    killed: Object.freeze([...killed]),
  })
}

/** Records and terminals show it. */
function isName(json: unknown): json is string {
  return typeof json === 'string' && json !== '' && json.length <= BREAK_GLASS_LIMITS.nameLength && !CONTROL.test(json)
}

const CONTROL = /\p{Cc}/u

function isNames(json: unknown): json is readonly string[] {
  return Array.isArray(json) && json.length <= BREAK_GLASS_LIMITS.names && json.every(isName)
}

function isSomeOrNone(json: unknown): json is readonly string[] | undefined {
  return json === undefined || (isNames(json) && json.length > 0)
}

function malformed(reason: string): FeedError {
  return new FeedError('ERR_FEED_BREAK_GLASS_FORMAT', `the break-glass statement is malformed: ${reason}`)
}
