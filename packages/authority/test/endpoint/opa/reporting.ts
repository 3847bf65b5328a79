// An authority on a socket, and OPAs that report to it.

import { gzipSync } from 'node:zlib'
import { freePort } from '../../../../../tools/free-port.ts'
import { createWorld, type SECRETS, type World, type WorldOptions } from '../../fixture.ts'

export interface Reporting {
  readonly world: World
  readonly url: string
  /** Posts as a client, with a token that is kept, so that asking for one changes nothing meanwhile. */
  post(
    this: void,
    client: keyof typeof SECRETS,
    path: string,
    body: Uint8Array | string,
    headers?: object,
  ): Promise<Response>
  /** All records, of everybody. */
  records(this: void): Promise<readonly Record<string, unknown>[]>
  opas(this: void): Promise<readonly Record<string, unknown>[]>
  close(this: void): Promise<void>
}

export async function createReporting(options: WorldOptions = {}): Promise<Reporting> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const world = await createWorld({ issuer: url, ...options })
  await world.authority.listen({ port })
  const tokens = new Map<string, string>()
  async function tokenOf(client: keyof typeof SECRETS): Promise<string> {
    const token = tokens.get(client) ?? (await world.own(client))
    tokens.set(client, token)
    return token
  }
  const get = async (path: string): Promise<Record<string, readonly Record<string, unknown>[]>> => {
    const headers = { authorization: `Bearer ${await tokenOf('auditor')}` }
    return (await fetch(`${url}${path}`, { headers })).json() as never
  }
  return {
    world,
    url,
    async post(client, path, body, headers = {}) {
      return fetch(`${url}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await tokenOf(client)}`,
          'content-type': 'application/json',
          ...(path.startsWith('/opa/v1/logs') ? { 'content-encoding': 'gzip' } : {}),
          ...headers,
        },
        body,
      })
    },
    records: async () => (await get('/v1/log?limit=1000'))['records'] ?? [],
    opas: async () => (await get('/v1/guards'))['opas'] ?? [],
    close: () => world.authority.close(),
  }
}

let made = 0

/** An event with an id of its own. */
export function event(changes: object = {}): object {
  made += 1
  return {
    labels: { id: 'opa-1', version: '1.22.2' },
    decision_id: `d${made}`,
    path: 'app/allow',
    timestamp: '2027-01-15T08:00:00.123456789Z',
    ...changes,
  }
}

export const log = (...events: readonly unknown[]): Uint8Array => gzipSync(JSON.stringify(events))
