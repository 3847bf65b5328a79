// What each route says of itself, and the refusal to start with a route that says nothing.

import type { FastifyInstance, RouteOptions } from 'fastify'
import { GuardError } from '../errors.ts'
import type { Route } from '../gate/open-request.ts'
import type { GuardInternals } from '../guard.ts'

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
 * Routes that were registered before the guard were not seen by it. Only those that are listed as public may be. Throws
 * `ERR_GUARD_ROUTE_ORDER`. Fastify cannot list its routes, so they are counted in its printed tree.
 */
export function checkEarlierRoutes(app: FastifyInstance, publicRoutes: ReadonlySet<string>): void {
  const tree = app.printRoutes({ commonPrefix: false })
  const methods = [...tree.matchAll(/ \(([A-Z, -]+)\)/g)].flatMap(([, list = '']) => list.split(', '))
  const known = [...publicRoutes].filter((name) => {
    const [method = '', url = ''] = name.split(' ')
    return app.hasRoute({ method, url })
  })
  if (methods.length === known.length && (methods.length > 0 || tree.startsWith('(empty tree)'))) return
  throw new GuardError('ERR_GUARD_ROUTE_ORDER', undefined, {
    hint: 'register the guard before any route; list routes of other plugins in its option `public`',
  })
}
