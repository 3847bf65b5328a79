// Questions of OPAs that wait: until when, for whom, and how many.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bodyOf, createWorld, DOCS, type World } from '../../fixture.ts'
import { download, LONG_POLL, OPTIONS } from './downloads.ts'

let world: World
beforeEach(async () => {
  world = await createWorld(OPTIONS)
})
afterEach(() => world.authority.close())

describe('a question that waits', () => {
  test('is answered when its time is over, and not at once', async () => {
    const tag = (await download(world, 'policy')).headers.get('etag') ?? ''
    const began = performance.now()
    const response = await download(world, 'policy', { headers: { prefer: 'wait=1', 'if-none-match': tag } })
    expect([response.status, response.headers.get('etag')]).toEqual([304, tag])
    expect(performance.now() - began).toBeGreaterThan(990)
  })

  test('of a client that was revoked gets nothing', async () => {
    const token = await world.own('docs')
    const tag = (await download(world, 'news')).headers.get('etag') ?? ''
    const held = download(world, 'news', { token, headers: { prefer: LONG_POLL, 'if-none-match': tag } })
    await world.authority.service.revoke({ kind: 'client', clientId: 'docs' })
    const response = await held
    expect([response.status, (await bodyOf(response))['code']]).toEqual([401, 'ERR_AUTHORITY_UNAUTHENTICATED'])
  })

  test('ends when the authority drains, and no other begins', async () => {
    const small = await createWorld({ ...OPTIONS, limits: { opaPolls: 1 } })
    try {
      const tag = (await download(small, 'policy')).headers.get('etag') ?? ''
      const ask = (prefer: string): Promise<Response> =>
        download(small, 'policy', { headers: { prefer, 'if-none-match': tag } })
      const held = ask(LONG_POLL)
      // it has the only place
      await vi.waitFor(async () => expect((await ask('wait=1')).status).toBe(503), { timeout: 5000, interval: 5 })
      await small.authority.drain()
      expect((await held).status).toBe(304)
      const late = await ask(LONG_POLL)
      expect([late.status, (await bodyOf(late))['code']]).toEqual([503, 'ERR_AUTHORITY_CLOSED'])
      expect((await download(small, 'policy')).status).toBe(200)
    } finally {
      await small.authority.close()
    }
  })

  test('beyond the bound is refused', async () => {
    const small = await createWorld({ ...OPTIONS, limits: { opaPolls: 1 } })
    try {
      const tag = (await download(small, 'policy')).headers.get('etag') ?? ''
      const options = { headers: { prefer: 'wait=1', 'if-none-match': tag } }
      const both = await Promise.all([download(small, 'policy', options), download(small, 'policy', options)])
      expect(new Set(both.map(({ status }) => status))).toEqual(new Set([304, 503]))
      expect((await download(small, 'policy', options)).status).toBe(304)
    } finally {
      await small.authority.close()
    }
  })

  test('ends when its caller goes', async () => {
    const { app } = world.authority
    const arrived = Promise.withResolvers<{ readonly held: Promise<Response> }>()
    const server = serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch(request, environment) {
        const answer = Promise.resolve(app.fetch(request, environment))
        if (request.headers.has('prefer')) arrived.resolve({ held: answer })
        return answer
      },
    })
    try {
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const authorization = `Bearer ${await world.own('docs')}`
      const address = `http://127.0.0.1:${port}/opa/v1/bundles/policy?audience=${DOCS}`
      const first = await fetch(address, { headers: { authorization } })
      await first.arrayBuffer()
      const going = new AbortController()
      const headers = { authorization, prefer: LONG_POLL, 'if-none-match': first.headers.get('etag') ?? '' }
      const asked = fetch(address, { headers, signal: going.signal }).catch(() => 'gone')
      const { held } = await arrived.promise
      going.abort()
      expect(await asked).toBe('gone')
      expect((await held).status).toBe(304)
    } finally {
      server.close()
    }
  })
})
