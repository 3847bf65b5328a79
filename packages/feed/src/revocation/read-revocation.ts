// A revocation from JSON: every member by name, nothing else believed.

import { FeedError } from '../errors.ts'
import { readPosition } from '../position.ts'
import { isObject, isText, type Json } from '../wire/json.ts'
import type { Revocation, RevocationKey } from './revocation.ts'

/** Throws `ERR_FEED_REVOCATION` or `ERR_FEED_POSITION`. */
export function readRevocation(json: unknown): Revocation {
  if (!isObject(json)) throw new FeedError('ERR_FEED_REVOCATION')
  const { revokedAtSeconds, expiresAtSeconds } = json
  if (!isTime(revokedAtSeconds) || !isTime(expiresAtSeconds)) throw new FeedError('ERR_FEED_REVOCATION')
  const key = readRevocationKey(json['key'])
  return Object.freeze({ key, at: readPosition(json['at']), revokedAtSeconds, expiresAtSeconds })
}

/** Throws `ERR_FEED_REVOCATION`: an unknown kind is refused, as what it takes away would stay open. */
export function readRevocationKey(json: unknown): RevocationKey {
  if (!isObject(json)) throw new FeedError('ERR_FEED_REVOCATION')
  switch (json['kind']) {
    case 'token':
      return Object.freeze({ kind: 'token', iss: text(json, 'iss'), jti: text(json, 'jti') })
    case 'session':
      return Object.freeze({ kind: 'session', sid: text(json, 'sid') })
    case 'principal':
      return Object.freeze({ kind: 'principal', tenant: tenant(json), sub: text(json, 'sub') })
    case 'client':
      return Object.freeze({ kind: 'client', clientId: text(json, 'clientId') })
    case 'tenant':
      return Object.freeze({ kind: 'tenant', tenant: tenant(json) })
    case 'key':
      return Object.freeze({ kind: 'key', kid: text(json, 'kid') })
    case 'grant':
      return Object.freeze({
        kind: 'grant',
        tenant: tenant(json),
        grantee: text(json, 'grantee'),
        template: text(json, 'template'),
        resource: text(json, 'resource'),
      })
    case 'all':
      return ALL
    case undefined:
    default:
      throw new FeedError('ERR_FEED_REVOCATION', 'the kind of a revocation is unknown')
  }
}

const ALL: RevocationKey = Object.freeze({ kind: 'all' })

/** With fraction: the moment of a revocation is finer than a token's. */
function isTime(json: unknown): json is number {
  return typeof json === 'number' && Number.isFinite(json) && json >= 0
}

function text(json: Json, name: string): string {
  const value = json[name]
  if (!isText(value)) throw new FeedError('ERR_FEED_REVOCATION', `a revocation lacks \`${name}\``)
  return value
}

function tenant(json: Json): string {
  const value = json['tenant']
  if (typeof value !== 'string') throw new FeedError('ERR_FEED_REVOCATION', 'a revocation lacks `tenant`')
  return value
}
