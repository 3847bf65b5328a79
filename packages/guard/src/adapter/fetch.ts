// The guard for services of the form Request in, Response out. The same gate as everywhere: a response is handed over only when an
// allow for the route's action was made and no deny was ignored.

import type { ActionName, SchemaDefinition } from '@cardea/policy'
import type { Auth } from '../auth/auth.ts'
import { typedAuth } from '../auth/request-auth.ts'
import type { GuardRequest } from '../authenticate/request.ts'
import { GuardError } from '../errors.ts'
import { type Answer, notFoundAnswer, OpenRequest } from '../gate/open-request.ts'
import { type Guard, internalsOf } from '../guard.ts'
import { metadataPath, type ResourceMetadata } from '../resource-metadata.ts'
import { createRouteTable } from './route-table.ts'

/** What a route says of itself. */
export type FetchRoute<S extends SchemaDefinition> =
  | { readonly action: ActionName<S> | readonly ActionName<S>[]; readonly public?: never }
  | { readonly public: true; readonly action?: never }

export interface GuardedOptions<S extends SchemaDefinition> {
  /** By method and path: `'GET /documents/:id': { action: 'view' }`. Everything else is 404. */
  readonly routes: { readonly [name: string]: FetchRoute<S> }
  /** What the platform knows of the connection. Without it no address and no certificate is known. */
  readonly connectionOf?: (request: Request) => Pick<GuardRequest, 'address' | 'certificate'>
  /** How long a running body may go on after its permission has ended, to end itself. Default 1000. */
  readonly graceMilliseconds?: number
}

/** What a handler gets beside the request. */
export interface Guarded<S extends SchemaDefinition> {
  /** The matched route: `'GET /documents/:id'`. */
  readonly route: string
  readonly params: Readonly<Record<string, string>>
  /** A `TypeError` on a public route, where nobody was asked. */
  readonly auth: Auth<S>
}

export type FetchHandler<S extends SchemaDefinition> = (
  request: Request,
  guarded: Guarded<S>,
) => Promise<Response> | Response

const GRACE_MILLISECONDS = 1000
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/**
 * Wraps a handler, and serves the RFC 9728 metadata of an audience that is an `https` address. A deny that it throws becomes its answer, a `Response` counts as returned; other errors are thrown on. Throws
 * `ERR_GUARD_ROUTE` for a route with an action that the schema does not have, or with none.
 */
export function guarded<S extends SchemaDefinition>(
  guard: Guard<S>,
  options: GuardedOptions<S>,
  handler: FetchHandler<S>,
): (request: Request) => Promise<Response> {
  const internals = internalsOf(guard)
  const { setting } = internals.kernel
  checkRoutes(options.routes, internals.actions)
  const table = createRouteTable(options.routes)
  const { metadata } = internals
  const metadataAt = metadata === undefined ? undefined : metadataPath(metadata.resource)

  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === metadataAt && READS.has(request.method)) return responseOf(request, describedBy(metadata))
    const match = table.match(request.method, pathname)
    if (match === undefined) return responseOf(request, notFoundAnswer(setting.createId()))
    const { name, params, value } = match
    if (value.public === true) return handler(request, { route: name, params, auth: nobody() })

    const open = new OpenRequest(internals, { name, actions: [value.action].flat() })
    try {
      const auth = await open.enter(guardRequestOf(request, options))
      return await judge(request, await handler(request, { route: name, params, auth: typedAuth<S>(auth) }), open)
    } catch (error) {
      // whoever is around us may answer with it
      if (error instanceof Response) return judge(request, error, open)
      open.fail(error)
      const { refusal } = open
      if (refusal !== undefined) return responseOf(request, refusal)
      throw error
    }
  }

  async function judge(request: Request, response: Response, open: OpenRequest): Promise<Response> {
    if (open.mayPass(response.status)) return endWithPermission(response, open)
    await response.body?.cancel()
    return responseOf(request, open.withhold(response.status))
  }

  /** Ends the body when the permission has ended, after a grace in which the handler may do so itself. */
  function endWithPermission(response: Response, open: OpenRequest): Response {
    const { body } = response
    const signal = open.auth?.signal
    if (body === null || signal === undefined) {
      open.close()
      return response
    }
    const cut = new AbortController()
    const end = (): void => {
      setting.schedule(options.graceMilliseconds ?? GRACE_MILLISECONDS, () => cut.abort(signal.reason))
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
    const passed = new TransformStream<Uint8Array, Uint8Array>()
    body
      .pipeTo(passed.writable, { signal: cut.signal })
      .catch(() => {})
      .finally(() => open.close())
    return new Response(passed.readable, response)
  }
}

function checkRoutes<S extends SchemaDefinition>(
  routes: GuardedOptions<S>['routes'],
  actions: ReadonlySet<string>,
): void {
  for (const [name, route] of Object.entries(routes)) {
    const named: readonly string[] = route.action === undefined ? [] : [route.action].flat()
    if (route.public === true && named.length === 0) continue
    if (route.public !== true && named.length > 0 && named.every((action) => actions.has(action))) continue
    throw new GuardError('ERR_GUARD_ROUTE', `route \`${name}\` must name actions of the schema, or be public`)
  }
}

function guardRequestOf<S extends SchemaDefinition>(
  request: Request,
  { connectionOf }: GuardedOptions<S>,
): GuardRequest {
  return {
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    encrypted: request.url.startsWith('https:'),
    ...connectionOf?.(request),
  }
}

/** RFC 9728 section 3: public, as the challenge sends callers there who have no token yet. */
function describedBy(metadata: ResourceMetadata | undefined): Answer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(metadata) }
}

function responseOf({ method }: Request, { status, headers, body }: Answer): Response {
  return new Response(method === 'HEAD' ? null : body, { status, headers })
}

/** Taking it out of its parameter is no mistake; asking it anything is. */
function nobody(): never {
  const target = new Proxy(Object.freeze({}), {
    get(_target, name) {
      throw new TypeError(`there is no \`auth.${String(name)}\`: the route is public`)
    },
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has no members, and says so
  return target as never
}
