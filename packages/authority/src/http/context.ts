// What a handler gets: Hono's context, with Node's request when there is one (a test's request has none). Who is at the other end
// of the connection is asked of `connections.ts`.

import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { RequestIdVariables } from 'hono/request-id'

export interface AppEnvironment {
  Bindings: Partial<HttpBindings>
  Variables: RequestIdVariables
}

export type AppContext = Context<AppEnvironment>
