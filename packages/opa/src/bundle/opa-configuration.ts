// What an OPA is told: at its start, by a file, where the authority is and which keys it believes; then, by a signed bundle from there,
// everything else. `persist` keeps what was verified for a start without the authority, and makes every release of OPA refuse delta
// bundles, which older ones take without a signature.

import type { JsonWebKeySet } from '@cardea/token'
import type { OpaBundleContent } from './bundle-files.ts'
import { type OpaBundleKind, opaResource, opaScope } from './bundle-kinds.ts'
import type { OpaObject } from './opa-json.ts'
import { opaVerificationKeys } from './verification-keys.ts'

/** What the service of the authority is called in the configuration. */
const SERVICE = 'cardea'

export interface OpaDiscovery {
  readonly audience: string
  /** Those that sign bundles now or soon. */
  readonly keys: JsonWebKeySet
  /** How often the news are made anew when nothing has changed: after an error an OPA asks again as soon. */
  readonly newsSeconds: number
}

/** The content of the discovery bundle. Throws `ERR_OPA_BUNDLE_KEY`. */
export function opaDiscoveryContent({ audience, keys, newsSeconds }: OpaDiscovery): OpaBundleContent {
  const known = opaVerificationKeys(keys)
  const data = {
    bundles: {
      'cardea-policy': sourceOf('policy', audience, POLICY_RETRY_SECONDS),
      'cardea-news': sourceOf('news', audience, Math.max(1, Math.floor(newsSeconds))),
    },
    decision_logs: { service: SERVICE, reporting: { min_delay_seconds: 1, max_delay_seconds: 5 } },
    status: { service: SERVICE },
    keys: known,
  }
  const revision = Object.keys(known).toSorted().join(',')
  return { revision, roots: Object.keys(data), data }
}

export interface OpaBoot {
  /** The address of the authority, without a slash at its end. */
  readonly url: string
  readonly audience: string
  readonly clientId: string
  /** The pinned ones. */
  readonly keys: JsonWebKeySet
}

/** A variable of the environment: OPA puts it in when it reads its configuration. */
export const OPA_SECRET_VARIABLE = 'CARDEA_CLIENT_SECRET'

/** Over plain http, which OPA sends no secret over, a token that somebody keeps fresh in this file. */
export const OPA_TOKEN_FILE = 'cardea-token'

/** The configuration that an OPA starts with. Holds no secret. Throws `ERR_OPA_BUNDLE_KEY`. */
export function opaBootConfiguration({ url, audience, clientId, keys }: OpaBoot): OpaObject {
  return {
    services: { [SERVICE]: { url: `${url}/opa/v1`, credentials: credentialsOf(url, clientId) } },
    discovery: sourceOf('discovery', audience, POLICY_RETRY_SECONDS),
    keys: opaVerificationKeys(keys),
    persistence_directory: '/var/lib/opa',
  }
}

/** How long the authority may hold a question; less than what proxies cut. */
const HELD_SECONDS = 30
const POLICY_RETRY_SECONDS = 5

function credentialsOf(url: string, clientId: string): OpaObject {
  if (!url.startsWith('https:')) return { bearer: { token_path: OPA_TOKEN_FILE } }
  return {
    oauth2: { token_url: `${url}/token`, client_id: clientId, client_secret: `\${${OPA_SECRET_VARIABLE}}` },
  }
}

function sourceOf(kind: OpaBundleKind, audience: string, retrySeconds: number): OpaObject {
  return {
    service: SERVICE,
    resource: opaResource(kind, audience),
    persist: true,
    polling: {
      long_polling_timeout_seconds: HELD_SECONDS,
      // between questions where a proxy breaks long polling, and at most after errors
      min_delay_seconds: 1,
      max_delay_seconds: retrySeconds,
    },
    signing: { scope: opaScope(kind, audience) },
  }
}
