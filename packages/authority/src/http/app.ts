// The routes. An API route names its handler, which decides with the caller before it does anything; there is no way to a
// handler without a caller. The public ones stand apart, and are few.

import { Hono } from 'hono'
import type { AppContext, AppEnvironment } from './context.ts'
import { requestId } from 'hono/request-id'
import { eraseFromAudit, exportAudit } from '../endpoint/audit/audit-endpoint.ts'
import { postBreakGlass } from '../endpoint/break-glass/break-glass-endpoint.ts'
import { deleteClient, listClients, postClient } from '../endpoint/clients/clients-endpoint.ts'
import { bundle, events, head, snapshot } from '../endpoint/feed/feed-endpoint.ts'
import type { Streams } from '../endpoint/feed/streams.ts'
import { deleteGrant, listGrants, postGrant } from '../endpoint/grants/grants-endpoint.ts'
import { postGrantSet } from '../endpoint/grant-sets/grant-sets-endpoint.ts'
import { listGuards } from '../endpoint/guards/guards-endpoint.ts'
import { introspectEndpoint } from '../endpoint/introspect/introspect-endpoint.ts'
import { listKeys, postKill, postReseal, postRotation } from '../endpoint/keys/keys-endpoint.ts'
import { postDecisions, readLog } from '../endpoint/log/decisions-endpoint.ts'
import { postOpaLogs } from '../endpoint/opa/logs-endpoint.ts'
import { postOpaStatus } from '../endpoint/opa/status-endpoint.ts'
import { metadataOf, metadataPath, resourceMetadataOf } from '../endpoint/metadata/metadata.ts'
import { currentPolicy, publishPolicy } from '../endpoint/policies/policies-endpoint.ts'
import { getOpaBundle } from '../endpoint/opa/opa-bundles-endpoint.ts'
import type { OpaBundles } from '../endpoint/opa/opa-bundles.ts'
import { postRevocation } from '../endpoint/revocations/revocations-endpoint.ts'
import { revokeEndpoint } from '../endpoint/revoke/revoke-endpoint.ts'
import { tokenEndpoint } from '../endpoint/token/token-endpoint.ts'
import { AuthorityError } from '../errors.ts'
import { KEY_SET_MAX_AGE_SECONDS } from '../key/key-times.ts'
import type { Parts } from '../parts.ts'
import { describeProblem } from '../publication/describe-problem.ts'
import type { Access, OwnAuth } from './access.ts'
import { asAuthorityError, oauthAnswer, problemAnswer } from './problem.ts'

export interface AppParts {
  readonly parts: Parts
  readonly access: Access
  readonly streams: Streams
  readonly opaBundles: OpaBundles
  /** Whether it is about to end. */
  readonly isDraining: () => boolean
}

type Guarded = (context: AppContext, auth: OwnAuth, parts: Parts) => Promise<Response>

export function createApp({ parts, access, streams, opaBundles, isDraining }: AppParts): Hono<AppEnvironment> {
  const { settings, keys, log } = parts
  const app = new Hono<AppEnvironment>()
  const { pathname } = new URL(settings.issuer)
  const base = pathname === '/' ? '' : pathname
  const guarded =
    (handler: Guarded) =>
    async (context: AppContext): Promise<Response> => {
      const response = await handler(context, await access.authenticate(context), parts)
      // who changed something is kept before the change is acknowledged
      if (context.req.method !== 'GET') await parts.decisions.flush()
      return response
    }

  app.use(requestId({ headerName: '' }))
  // before the answer is made: an answer that is changed afterwards is made twice, with its body as a stream
  app.use(async (context, next) => {
    context.header('x-content-type-options', 'nosniff')
    context.header('cardea-correlation', context.get('requestId'))
    // the next request goes to whoever stays
    if (isDraining()) context.header('connection', 'close')
    await next()
  })

  app.get(metadataPath('oauth-authorization-server', settings.issuer), (context) => context.json(metadataOf(settings)))
  app.get(metadataPath('oauth-protected-resource', settings.issuer), (context) =>
    context.json(resourceMetadataOf(settings)),
  )
  app.get(`${base}/jwks`, (context) =>
    context.json(keys.publicKeys('access'), 200, { 'cache-control': `public, max-age=${KEY_SET_MAX_AGE_SECONDS}` }),
  )
  // public like the others: what a guard pins, once, over a way that it trusts
  app.get(`${base}/v1/bundle-keys`, (context) => context.json(keys.publicKeys('bundle')))
  app.get(`${base}/v1/audit-keys`, (context) => context.json(keys.everSigned('audit')))
  app.get(`${base}/health`, async (context) => {
    const { seq } = await parts.store.read((view) => view.position())
    const answer = isDraining() ? ({ status: 'draining', seq } as const) : ({ status: 'ok', seq } as const)
    return context.json(answer, answer.status === 'ok' ? 200 : 503, { 'cache-control': 'no-store' })
  })
  app.post(`${base}/token`, (context) => tokenEndpoint(context, parts))
  app.post(`${base}/revoke`, (context) => revokeEndpoint(context, parts))
  app.post(`${base}/introspect`, (context) => introspectEndpoint(context, parts))

  const api = new Hono<AppEnvironment>()
  api.get('/feed/snapshot', guarded(snapshot))
  api.get('/feed/head', guarded(head))
  api.get(
    '/feed/events',
    guarded((context, auth) => events(context, auth, parts, streams)),
  )
  api.get('/bundles/:digest', guarded(bundle))
  api.post('/decisions', guarded(postDecisions))
  api.get('/log', guarded(readLog))
  api.get('/audit', guarded(exportAudit))
  api.post('/audit/erase', guarded(eraseFromAudit))
  api.post('/revocations', guarded(postRevocation))
  api.get('/grants', guarded(listGrants))
  api.post('/grants', guarded(postGrant))
  api.delete('/grants/:id', guarded(deleteGrant))
  api.post('/grant-sets', guarded(postGrantSet))
  api.get('/policies/current', guarded(currentPolicy))
  api.post('/policies', guarded(publishPolicy))
  api.get('/keys', guarded(listKeys))
  api.post('/keys/rotate', guarded(postRotation))
  api.post('/keys/reseal', guarded(postReseal))
  api.post('/keys/:kid/kill', guarded(postKill))
  api.post('/break-glass', guarded(postBreakGlass))
  api.get('/guards', guarded(listGuards))
  api.get('/clients', guarded(listClients))
  api.post('/clients', guarded(postClient))
  api.delete('/clients/:id', guarded(deleteClient))
  app.route(`${base}/v1`, api)

  // the paths that an OPA asks under the address of a service; it may name a partition, which says no more than its token does
  const opa = new Hono<AppEnvironment>()
  opa.get(
    '/bundles/:kind',
    guarded((context, auth) => getOpaBundle(context, auth, { parts, opaBundles, access })),
  )
  for (const path of ['/logs', '/logs/*']) opa.post(path, guarded(postOpaLogs))
  for (const path of ['/status', '/status/*']) opa.post(path, guarded(postOpaStatus))
  app.route(`${base}/opa/v1`, opa)

  app.notFound((context) => answer(context, new AuthorityError('ERR_AUTHORITY_NOT_FOUND')))
  app.onError((thrown, context) => answer(context, asAuthorityError(thrown)))
  return app

  /** The exact reason is logged, the answer is bland, and one id joins them. */
  function answer(context: AppContext, error: AuthorityError): Response {
    const correlation = context.get('requestId')
    const level = error.code === 'ERR_AUTHORITY_INTERNAL' ? 'error' : 'info'
    const cause = error.cause instanceof Error ? error.cause : undefined
    log[level](
      {
        code: error.code,
        cause: cause === undefined ? undefined : { name: cause.name, ...codeOf(cause) },
        ...(level === 'error' ? { stack: (cause ?? error).stack } : {}),
        method: context.req.method,
        path: context.req.path,
        correlation,
      },
      error.message,
    )
    const oauth = OAUTH_PATHS.some((path) => context.req.path === `${base}${path}`) && context.req.method === 'POST'
    if (oauth && context.req.path === `${base}/token`)
      parts.decisions.report({ ...REFUSED, reason: error.code, correlation })
    if (oauth) return oauthAnswer(context, error, correlation)
    return problemAnswer(
      context,
      error,
      correlation,
      error.problems.map((problem) => describeProblem(problem, error.sources)),
    )
  }
}

/** They answer errors as RFC 6749 section 5.2 has them. */
const OAUTH_PATHS = ['/token', '/revoke', '/introspect']

/** How a refusal at the token endpoint is recorded. Who asked is not known, or was not proven. */
const REFUSED = { decision: 'deny', checkpoint: 'authenticate', action: 'obtainToken', policies: [] } as const

function codeOf(error: Error): { readonly code?: unknown } {
  return 'code' in error ? { code: error.code } : {}
}
