// What a handler gets: Hono's context, with Node's socket when there is one (a test's request has none).

import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { RequestIdVariables } from 'hono/request-id'

export interface AppEnvironment {
  Bindings: Partial<HttpBindings>
  Variables: RequestIdVariables
}

export type AppContext = Context<AppEnvironment>

/** The address that the connection comes from. Headers that name another are not read. */
export function socketAddress(context: AppContext): string | undefined {
  const bindings: Partial<HttpBindings> | undefined = context.env
  return bindings?.incoming?.socket.remoteAddress
}
