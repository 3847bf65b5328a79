// The guard in Fastify 5. A route names its action or says `public`, or the service does not start:
//
//   onRequest   who asks, and checkpoint one
//   handler     request.auth: checkpoint two
//   onError     a deny that reaches Fastify was not ignored
//   onSend      the gate; for hijacked and raw replies the gate is at the response's first byte

import { TLSSocket } from 'node:tls'
import type { ActionName, SchemaDefinition } from '@cardea/policy'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import type { Auth } from '../auth/auth.ts'
import { RequestAuth, typedAuth } from '../auth/request-auth.ts'
import type { GuardRequest } from '../authenticate/request.ts'
import { GuardError } from '../errors.ts'
import { type Answer, notFoundAnswer, OpenRequest, type Route } from '../gate/open-request.ts'
import { gateResponse, gateSocket } from '../gate/raw-gate.ts'
import { type Guard, internalsOf } from '../guard.ts'
import type { RegisteredSchema } from '../register.ts'
import { metadataPath } from '../resource-metadata.ts'
import { type AnnouncedRoute, checkAllRoutes, checkEarlierRoutes, routeOf } from './fastify-routes.ts'

/** Where a route's configuration keeps what the guard read in it at start. */
const ROUTE: unique symbol = Symbol('route')

declare module 'fastify' {
  interface FastifyContextConfig {
    [ROUTE]?: Route | 'public'
    /** The action of this route, or several of which one must be allowed. */
    action?: ActionName<RegisteredSchema> | readonly ActionName<RegisteredSchema>[]
    /** Anybody may call this route; nothing is decided. */
    public?: true
  }
  interface FastifyRequest {
    /** Who asks. A `TypeError` on a public route, where nobody was asked. */
    readonly auth: Auth
  }
}

export interface CardeaPluginOptions {
  // oxlint-disable-next-line typescript/no-explicit-any -- a guard of whichever schema
  readonly guard: Guard<any>
  /** Routes of other plugins that cannot carry a `config`: `'OPTIONS *'`, `'GET /metrics'`. */
  readonly public?: readonly string[]
  /** How long a running answer may go on after its permission has ended, to end itself. Default 1000. */
  readonly graceMilliseconds?: number
}

const plugin: FastifyPluginAsync<CardeaPluginOptions> = async (app, options) => {
  const guard = internalsOf(options.guard)
  const { setting } = guard.kernel
  const publicRoutes = new Set(options.public)
  const open = new WeakMap<FastifyRequest, OpenRequest>()
  const failed = new WeakSet<FastifyRequest>()
  const headers = new WeakMap<FastifyRequest, SetHeaders>()
  const missed = new WeakSet<FastifyRequest>()
  const earlier = checkEarlierRoutes(app, publicRoutes)
  const seen: AnnouncedRoute[] = []

  app.decorateRequest('auth', {
    getter(this: FastifyRequest): Auth {
      const auth = open.get(this)?.auth
      if (auth === undefined) throw new TypeError('there is no `auth`: the route is public, or nobody was let in yet')
      return typedAuth(auth)
    },
  })

  app.addHook('onRoute', (route) => {
    // Fastify copies the configuration of a route, symbols too; the object itself may be shared by several routes.
    route.config = { ...route.config, [ROUTE]: routeOf(route, guard, publicRoutes) }
    const { method, url, routePath, prefix, constraints = {} } = route
    seen.push({ method, url, routePath, prefix, constraints })
  })

  app.addHook('onReady', (done) => done(checkAllRoutes(app, earlier, seen)))

  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return gateMissing(request, reply)
    const route = request.routeOptions.config[ROUTE]
    if (route === 'public') return
    // Somebody took the mark off again: nothing is known of this route.
    if (route === undefined) throw new GuardError('ERR_GUARD_ROUTE')
    const state = new OpenRequest(guard, route)
    open.set(request, state)
    closeWithResponse(reply, state)
    gate(request, reply, state)
    await state.enter(guardRequestOf(request))
  })

  // What hooks have set by now belongs to every answer; what the handler sets belongs to its own.
  app.addHook('preHandler', (request, reply, done) => {
    if (open.has(request)) headers.set(request, reply.getHeaders())
    done()
  })

  app.addHook('onError', (request, _reply, error, done) => {
    failed.add(request)
    open.get(request)?.fail(error)
    done()
  })

  app.addHook('onSend', (request, reply, payload, done) => {
    done(null, judge(request, reply, payload))
  })

  /** The gate: what goes out in the place of the payload, or the payload itself. */
  function judge(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
    const state = open.get(request)
    if (request.is404) {
      // also when a handler says so by `reply.callNotFound()`
      state?.release()
      missed.add(request)
      return answer(request, reply, payload, notFoundAnswer(state?.correlation ?? setting.createId()))
    }
    if (request.routeOptions.config[ROUTE] === 'public') return payload
    if (state === undefined) return answerUnopened(request, reply, payload)
    const { refusal } = state
    if (refusal !== undefined) {
      state.release()
      return answer(request, reply, payload, refusal)
    }
    if (!state.mayPass(reply.statusCode)) return answer(request, reply, payload, state.withhold(reply.statusCode))
    return payload
  }

  const { metadata } = guard
  if (metadata !== undefined) {
    app.get(metadataPath(metadata.resource), { config: { public: true } }, () => metadata)
  }

  /** A hook before ours replied: an error passes, and a preflight without a body; anything else was not asked about. */
  function answerUnopened(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
    if (failed.has(request) && reply.statusCode >= 400) return payload
    if (request.method === 'OPTIONS' && (payload === undefined || payload === null || payload === '')) return payload
    const route = { name: `${request.method} ${request.routeOptions.url ?? ''}`, actions: [] }
    return answer(request, reply, payload, new OpenRequest(guard, route).withhold(reply.statusCode))
  }

  /** Puts our answer in the place of what was to be sent. What the handler had set is taken off again. */
  function answer(request: FastifyRequest, reply: FastifyReply, payload: unknown, given: Answer): string {
    discard(payload)
    const kept = headers.get(request) ?? reply.getHeaders()
    for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name)
    for (const name of reply.raw.getHeaderNames()) reply.raw.removeHeader(name)
    for (const [name, value] of Object.entries(kept)) {
      if (value !== undefined && !name.startsWith('content-')) reply.header(name, value)
    }
    for (const name of trailersOf(reply)) reply.removeTrailer(name)
    reply.raw.statusMessage = ''
    reply.code(given.status).headers(given.headers)
    return given.body
  }

  function gate(request: FastifyRequest, reply: FastifyReply, state: OpenRequest): void {
    gateResponse(reply.raw, {
      mayPass: (status) => state.mayPass(status),
      mayInform: () => state.mayInform(),
      withhold: () => state.withhold(reply.raw.statusCode),
      onStream: () => endWithPermission(reply, state),
    })
    if (request.headers.upgrade === undefined) return
    const release = gateSocket(
      request.raw.socket,
      () => state.mayPass(101),
      () => state.withhold(101),
    )
    reply.raw.once('close', release)
  }

  /** A handler of missing routes answers what `judge` says, and nothing by itself. */
  function gateMissing(request: FastifyRequest, reply: FastifyReply): void {
    gateResponse(reply.raw, {
      mayPass: () => missed.has(request),
      mayInform: () => false,
      withhold: () => notFoundAnswer(setting.createId()),
      onStream: () => {},
    })
  }

  /** Tells the handler by `auth.signal`, and cuts what is still running when the grace is over. */
  function endWithPermission(reply: FastifyReply, state: OpenRequest): void {
    const signal = state.auth?.signal
    if (signal === undefined) return
    const cut = (): void => {
      const cancel = setting.schedule(options.graceMilliseconds ?? GRACE_MILLISECONDS, () => reply.raw.destroy())
      reply.raw.once('close', cancel)
    }
    if (signal.aborted) cut()
    else signal.addEventListener('abort', cut, { once: true })
    reply.raw.once('close', () => signal.removeEventListener('abort', cut))
  }
}

const GRACE_MILLISECONDS = 1000

type SetHeaders = ReturnType<FastifyReply['getHeaders']>

/** Registers the guard for the whole application. Register it before any route, and before plugins that add routes. */
export const cardea: FastifyPluginAsync<CardeaPluginOptions> = fastifyPlugin(plugin, {
  name: '@cardea/guard',
  fastify: '5.x',
})

/** `request.auth` for a service that has several schemas in one program and so registers none. */
export function authOf<S extends SchemaDefinition>(request: FastifyRequest): Auth<S> {
  const auth: unknown = request.auth
  if (auth instanceof RequestAuth) return typedAuth(auth)
  throw new TypeError('`request` must come from a service that registered the guard')
}

function guardRequestOf(request: FastifyRequest): GuardRequest {
  const { raw } = request
  const { socket } = raw
  return {
    method: request.method,
    url: raw.url ?? '/',
    headers: raw.headers,
    rawHeaders: raw.rawHeaders,
    address: socket.remoteAddress,
    encrypted: socket instanceof TLSSocket,
    certificate: clientCertificate(socket),
  }
}

/** The certificate that TLS has authenticated; one that it has not says nothing. */
function clientCertificate(socket: object): Uint8Array | undefined {
  return socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate()?.raw : undefined
}

function closeWithResponse(reply: FastifyReply, state: OpenRequest): void {
  reply.raw.once('close', () => state.close())
}

/** Fastify can take a trailer off, but not say which there are. */
function trailersOf(reply: FastifyReply): readonly string[] {
  const symbol = Object.getOwnPropertySymbols(reply).find(({ description }) => description === 'fastify.reply.trailers')
  const trailers: unknown = symbol === undefined ? undefined : Reflect.get(reply, symbol)
  return typeof trailers === 'object' && trailers !== null ? Object.keys(trailers) : []
}

/** A stream that nobody will read must not keep its file or connection open. */
function discard(payload: unknown): void {
  if (typeof payload !== 'object' || payload === null) return
  if ('destroy' in payload && typeof payload.destroy === 'function') payload.destroy()
  else if ('cancel' in payload && typeof payload.cancel === 'function')
    void Promise.resolve(payload.cancel()).catch(() => {})
  else if ('body' in payload) discard(payload.body)
}
