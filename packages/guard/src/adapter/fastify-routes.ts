// What each route says of itself, and the refusal to start with a route that says nothing.

import type { FastifyInstance, RouteOptions } from 'fastify'
import { GuardError } from '../errors.ts'
import type { Route } from '../gate/open-request.ts'
import type { GuardInternals } from '../guard.ts'

/** A route as it was when Fastify announced it; the object itself is used again for the next one. */
export interface AnnouncedRoute {
  readonly method: string | readonly string[]
  readonly url: string
  /** Without the prefix of its plugin. */
  readonly routePath: string
  readonly prefix: string
  readonly constraints: NonNullable<RouteOptions['constraints']>
}

/** Throws `ERR_GUARD_ROUTE`, naming method and address. */
export function routeOf(
  route: RouteOptions,
  guard: GuardInternals,
  publicRoutes: ReadonlySet<string>,
): Route | 'public' {
  const methods = [route.method].flat()
  const name = `${methods.join(',')} ${route.url}`
  const { action, public: isPublic } = route.config ?? {}
  const isListed = methods.every((method) => publicRoutes.has(`${method} ${route.url}`))
  if (isPublic === true || isListed) {
    if (action === undefined) return 'public'
    throw new GuardError('ERR_GUARD_ROUTE', `route \`${name}\` names an action and is public`)
  }
  const actions: readonly string[] = action === undefined ? [] : [action].flat()
  if (actions.length === 0) {
    throw new GuardError('ERR_GUARD_ROUTE', `route \`${name}\` names no action`, {
      hint: "add `config: { action: '...' }`, or `config: { public: true }` if anybody may call it",
    })
  }
  const unknown = actions.find((one) => !guard.actions.has(one))
  if (unknown === undefined) return { name, actions }
  throw new GuardError(
    'ERR_GUARD_ROUTE',
    `route \`${name}\` names the action \`${unknown}\`, which the schema does not have`,
  )
}

/**
 * Routes that were registered before the guard were not seen by it. Only those that are listed as public may be; answers how many
 * they are. Throws `ERR_GUARD_ROUTE_ORDER`.
 */
export function checkEarlierRoutes(app: FastifyInstance, publicRoutes: ReadonlySet<string>): number {
  const known = [...publicRoutes].filter((name) => {
    const [method = '', url = ''] = name.split(' ')
    return app.hasRoute({ method, url })
  })
  if (countRoutes(app) === known.length) return known.length
  throw new GuardError('ERR_GUARD_ROUTE_ORDER', undefined, {
    hint: 'register the guard before any route; list routes of other plugins in its option `public`',
  })
}

/**
 * Whether all routes of the server are among those that the guard has seen: those of another encapsulated part are not. `seen` are
 * as Fastify announced them. Answers `ERR_GUARD_ROUTE_ORDER`.
 */
export function checkAllRoutes(
  app: FastifyInstance,
  earlier: number,
  seen: readonly AnnouncedRoute[],
): GuardError | undefined {
  const announced = seen.flatMap((route) => [route.method].flat().map((method) => keyOf(method, route)))
  if (countRoutes(app) === earlier + announced.length + countTwins(app, seen, new Set(announced))) return undefined
  return new GuardError('ERR_GUARD_ROUTE_ORDER', 'there are routes that the guard does not see', {
    hint: 'register the guard for the whole application, not inside of a plugin that has some of the routes',
  })
}

/** `/` in a plugin with the prefix `/v1` is `/v1` and `/v1/`, of which Fastify announces one. */
function countTwins(app: FastifyInstance, seen: readonly AnnouncedRoute[], announced: ReadonlySet<string>): number {
  const twins = seen
    .filter((route) => route.routePath === '' && route.prefix !== '' && route.method !== 'HEAD')
    .flatMap(({ method, url, constraints }) =>
      [method].flat().map((one) => ({ method: one, url: `${url}/`, constraints })),
    )
  return twins.filter((twin) => !announced.has(keyOf(twin.method, twin)) && app.hasRoute(twin)).length
}

function keyOf(method: string, { url, constraints }: Pick<AnnouncedRoute, 'url' | 'constraints'>): string {
  return `${method} ${url} ${JSON.stringify(constraints)}`
}

/** One for each method of each route. Fastify cannot list its routes, so they are counted in its printed tree. */
function countRoutes(app: FastifyInstance): number {
  const tree = app.printRoutes({ commonPrefix: false })
  const methods = [...tree.matchAll(/ \(([A-Z, -]+)\)/g)].flatMap(([, list = '']) => list.split(', '))
  // a tree that is printed in another way than we read it is not an empty one
  return methods.length > 0 || tree.startsWith('(empty tree)') ? methods.length : Number.NaN
}
