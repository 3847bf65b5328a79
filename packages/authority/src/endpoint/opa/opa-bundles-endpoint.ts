// GET /opa/v1/bundles/{policy|news|discovery}?audience=...: what an OPA downloads, by the protocol of its bundle service. Who asks is an
// enrolled client, and gets the bundles of its audiences; what is not there and what is not for it are one answer.

import { OPA_BUNDLE_KINDS, type OpaBundleKind } from '@cardea/opa'
import { AuthorityError } from '../../errors.ts'
import type { Access, OwnAuth } from '../../http/access.ts'
import { readQuery } from '../../http/body.ts'
import type { AppContext } from '../../http/context.ts'
import { AudienceEntity } from '../../own-policy/own-entities.ts'
import type { Parts } from '../../parts.ts'
import { scopeOf } from '../feed/scope.ts'
import { opaAudience } from './make-bundles.ts'
import type { OpaBundles, WantedBundle } from './opa-bundles.ts'
import { entityTag, readKnownDigests, readWaitSeconds } from './preferences.ts'

export interface OpaEndpointParts {
  readonly parts: Parts
  readonly opaBundles: OpaBundles
  readonly access: Access
}

/** OPA goes on with long polling only after an answer of exactly this type. */
const LONG_POLLED = 'application/vnd.openpolicyagent.bundles'
const PLAIN = 'application/gzip'

/** Errors: `ERR_AUTHORITY_REQUEST`, `ERR_AUTHORITY_NOT_FOUND`, `ERR_AUTHORITY_NO_POLICY`, `ERR_AUTHORITY_CLOSED`. */
export async function getOpaBundle(
  context: AppContext,
  auth: OwnAuth,
  { parts, opaBundles, access }: OpaEndpointParts,
): Promise<Response> {
  const wanted = await readWanted(context, auth, parts)
  const waitSeconds = context.req.method === 'GET' ? readWaitSeconds(context.req.header('prefer')) : 0
  const { bundle, isNew, wasHeld } = await opaBundles.ask(wanted, {
    known: readKnownDigests(context.req.header('if-none-match')),
    holdMilliseconds: waitSeconds * 1000,
    signal: context.req.raw.signal,
  })
  const headers = { etag: entityTag(bundle.digest), 'cache-control': 'private, no-cache' }
  if (!isNew) return context.body(null, 304, headers)
  // who waited may have been revoked meanwhile
  if (wasHeld) await readWanted(context, await access.authenticate(context), parts)
  return context.body(bundle.bytes, 200, { ...headers, 'content-type': waitSeconds > 0 ? LONG_POLLED : PLAIN })
}

/** Errors: `ERR_AUTHORITY_REQUEST`, `ERR_AUTHORITY_NOT_FOUND`. */
async function readWanted(context: AppContext, auth: OwnAuth, { settings, clients }: Parts): Promise<WantedBundle> {
  const id = readQuery(context).get('audience')
  if (id === undefined) throw new AuthorityError('ERR_AUTHORITY_REQUEST', '`audience` is missing')
  const kind = kindOf(context.req.param('kind'))
  const isAllowed = auth.decide('followFeed', AudienceEntity({ id })).decision === 'allow'
  const audience = opaAudience(id, settings)
  const client = await clients.find(auth.principal.id)
  if (!isAllowed || kind === undefined || audience === undefined || client === undefined) {
    throw new AuthorityError('ERR_AUTHORITY_NOT_FOUND')
  }
  return { kind, audience, scope: scopeOf(id, client) }
}

function kindOf(text: string | undefined): OpaBundleKind | undefined {
  return OPA_BUNDLE_KINDS.find((kind) => kind === text)
}
