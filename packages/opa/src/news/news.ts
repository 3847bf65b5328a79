// `data.cardea_data.news`: what an OPA must hear of at once, and how old it is. Keys by which tokens are verified, the revocations that can
// touch a living token, the newest policy. Small, and a bundle of its own, so that it is made anew often.
// INVARIANT: `time` is when the read began that all of it comes from, so nothing that was committed before it is missing.

import type { JsonWebKeySet } from '@cardea/token'
import type { Position, Revocation } from '@cardea/feed'
import type { OpaBundleContent } from '../bundle/bundle-files.ts'
import type { OpaJson, OpaObject } from '../bundle/opa-json.ts'
import { revocationsByKey } from './revocations-by-key.ts'

export const OPA_NEWS_ROOT = 'cardea_data/news'

export interface OpaNews {
  readonly issuer: string
  readonly audience: string
  readonly position: Position
  /** Unix seconds, whole: when the read began. */
  readonly timeSeconds: number
  /** The newest policy, and since when it is that; `undefined` before the first. */
  readonly policy: { readonly revision: number; readonly sinceSeconds: number } | undefined
  /** Whose tokens count; `undefined`: everybody's. */
  readonly tenants: readonly string[] | undefined
  /** Names people in `revocations`: see hidden-names.ts. */
  readonly subjectKey: string
  readonly keys: JsonWebKeySet
  /** With people named as tokens name them. */
  readonly revocations: readonly Revocation[]
}

/** The content of the bundle. Every member is there, empty where there is nothing. Throws `ERR_OPA_BUNDLE_CONTENT`. */
export function opaNewsContent(news: OpaNews): OpaBundleContent {
  const { position, timeSeconds, tenants, subjectKey, policy } = news
  const { epoch, seq } = position
  const data: OpaObject = {
    format: 1,
    issuer: news.issuer,
    audience: news.audience,
    epoch,
    seq,
    time: timeSeconds,
    policy: { revision: policy?.revision ?? 0, since: policy?.sinceSeconds ?? 0 },
    tenants: { all: tenants === undefined, names: new Map((tenants ?? []).map((name) => [name, true])) },
    subject_key: subjectKey,
    keys: keysById(news.keys),
    revocations: revocationsByKey(news.revocations, epoch, subjectKey),
  }
  return { revision: `${epoch}:${seq}:${timeSeconds}`, roots: [OPA_NEWS_ROOT], data: { cardea_data: { news: data } } }
}

function keysById({ keys }: JsonWebKeySet): OpaJson {
  return new Map(
    keys.flatMap((key): [string, OpaJson][] => {
      const { kid, alg } = key
      if (typeof kid !== 'string' || typeof alg !== 'string') return []
      const jwk = new Map(
        Object.entries(key).flatMap(([name, member]): [string, string][] =>
          typeof member === 'string' ? [[name, member]] : [],
        ),
      )
      return [[kid, { alg, jwk }]]
    }),
  )
}
