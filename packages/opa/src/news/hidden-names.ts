// How the news of an OPA name people and teams: by a keyed hash, as the feed does for guards, in a form that Rego computes by its own
// functions without a doubt: the message has no escapes, the key is text, the name is hexadecimal.
//
//   name(kind, parts...) := substring(crypto.hmac.sha256(concat(".", [kind, base64url.encode_no_pad(part), ...]),
//                                                        data.cardea_data.news.subject_key), 0, 32)

import { createHmac } from 'node:crypto'
import type { EntityUid } from '@cardea/policy'

/** 128 bits: an entry of another person is not hit by chance. */
const NAME_DIGITS = 32

/** `sub` as tokens have it; `tenant` is `''` where there are no tenants. */
export function hiddenPrincipal(key: string, tenant: string, sub: string): string {
  return hiddenName(key, 'principal', [tenant, sub])
}

export function hiddenGrantee(key: string, tenant: string, { type, id }: EntityUid): string {
  return hiddenName(key, 'grantee', [tenant, type, id])
}

function hiddenName(key: string, kind: string, parts: readonly string[]): string {
  const message = [kind, ...parts.map((part) => Buffer.from(part).toString('base64url'))].join('.')
  return createHmac('sha256', key).update(message).digest('hex').slice(0, NAME_DIGITS)
}
