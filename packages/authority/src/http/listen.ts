// Listening and the end of it, with TLS of our own or without.

import { createServer, type ServerOptions } from 'node:https'
import { serve, type ServerType } from '@hono/node-server'
import type { Hono } from 'hono'
import type { AppEnvironment } from './context.ts'

export interface ListenAddress {
  readonly port: number
  /** Default `127.0.0.1`. */
  readonly hostname?: string
}

export interface Listening {
  readonly url: string
}

export interface ListenParts {
  readonly app: Hono<AppEnvironment>
  readonly tls: ServerOptions | undefined
  readonly servers: Set<ServerType>
}

const CLOSE_GRACE_MILLISECONDS = 1000

export function listen(
  { port, hostname = '127.0.0.1' }: ListenAddress,
  { app, tls, servers }: ListenParts,
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const options = { fetch: app.fetch, port, hostname }
    const started = (info: { address: string; family: string; port: number }): void => {
      servers.add(server)
      const host = info.family === 'IPv6' ? `[${info.address}]` : info.address
      resolve({ url: `${tls === undefined ? 'http' : 'https'}://${host}:${info.port}` })
    }
    const server =
      tls === undefined ? serve(options, started) : serve({ ...options, createServer, serverOptions: tls }, started)
    server.once('error', reject)
  })
}

/** Connections that wait for a next request end at once; those with a request under way get a moment to finish it. */
export function closeServer(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      if ('closeAllConnections' in server) server.closeAllConnections()
    }, CLOSE_GRACE_MILLISECONDS)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
}
