// The guard around a fetch handler: the same gate, and routes that match exactly one way.

import { describe, expect, test } from 'vitest'
import { guarded, type Guarded } from '../../src/adapter/fetch.ts'
import { createRouteTable } from '../../src/adapter/route-table.ts'
import { Document, DOCUMENTS, documentNamed, type schema } from '../support/documents.ts'
import { ANN, BOB, createWorld, OFFICE, tokenFor } from '../support/world.ts'

const SECRET = 'the launch code is 0000'
const ROUTES = {
  'GET /documents/:id': { action: 'view' },
  'GET /documents/count': { action: 'view' },
  'DELETE /documents/:id': { action: 'delete' },
  'GET /health': { public: true },
} as const

type Handler = (request: Request, guarded: Guarded<typeof schema>) => Response

async function service(handler: Handler, options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options)
  const handle = guarded(
    world.guard,
    { routes: ROUTES, connectionOf: () => ({ address: OFFICE }), graceMilliseconds: 0 },
    handler,
  )
  const ask = async (path: string, token?: string, method = 'GET') => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return handle(new Request(`https://documents.example${path}`, { method, headers }))
  }
  return { world, ask }
}

const show: Handler = (_request, { auth, params, route }) =>
  route === 'GET /health'
    ? new Response('ok')
    : Response.json(auth.authorize('view', Document(DOCUMENTS.get(params['id'] ?? ''))))

const seen = async (response: Response) => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  body: await response.text(),
})

describe('guarded', () => {
  test('allows, denies and hides', async () => {
    const { ask } = await service(show)
    expect(await (await ask('/documents/plan', await tokenFor(ANN))).json()).toEqual(documentNamed('plan'))
    expect(await (await ask('/health')).text()).toBe('ok')
    expect((await ask('/documents/plan')).status).toBe(401)
    const hidden = await seen(await ask('/documents/plan', await tokenFor(BOB)))
    expect(hidden.status).toBe(404)
    expect(await seen(await ask('/documents/none', await tokenFor(BOB)))).toEqual(hidden)
    expect(await seen(await ask('/elsewhere', await tokenFor(BOB)))).toEqual(hidden)
    expect(await seen(await ask('/documents/plan', await tokenFor(BOB), 'PATCH'))).toEqual(hidden)
  })

  test('serves the RFC 9728 metadata where the challenge points to', async () => {
    const { ask } = await service(show)
    const refused = await ask('/documents/plan')
    const at = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? ''
    const { pathname } = new URL(at)
    const answer = await ask(pathname)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(await answer.json()).toMatchObject({
      resource: 'https://documents.example/api',
      authorization_servers: ['https://issuer.example'],
    })
    expect(await seen(await ask(pathname, undefined, 'HEAD'))).toMatchObject({ status: 200, body: '' })
    expect((await ask(pathname, undefined, 'POST')).status).toBe(404)
    expect((await ask(`${pathname}/more`)).status).toBe(404)
  })

  test.each<[string, Handler, string]>([
    ['without a check', () => new Response(SECRET), 'unchecked'],
    [
      'that was thrown without a check',
      () => {
        throw new Response(SECRET)
      },
      'unchecked',
    ],
    ['of a stream without a check', () => new Response(new Blob([SECRET]).stream()), 'unchecked'],
    [
      'in spite of a deny',
      (_request, { auth }) => {
        try {
          auth.authorize('view', Document(documentNamed('memo')))
        } catch {
          return new Response(SECRET)
        }
        return new Response()
      },
      'ignored_deny',
    ],
  ])('withholds an answer %s', async (_name, handler, reason) => {
    const { ask, world } = await service(handler)
    const answer = await seen(await ask('/documents/plan', await tokenFor(ANN)))
    expect(answer.status).toBe(500)
    expect(JSON.stringify(answer)).not.toContain('launch')
    expect(world.events.at(-1)).toMatchObject({ reason, decision: 'deny' })
  })

  test('an error of the handler stays its own', async () => {
    const { ask } = await service(() => {
      throw new RangeError('down')
    })
    await expect(ask('/documents/plan', await tokenFor(ANN))).rejects.toThrow(RangeError)
  })

  test('a public route has no auth', async () => {
    const { ask } = await service((_request, { auth }) => new Response(auth.principal.id))
    await expect(ask('/health')).rejects.toThrow(TypeError)
  })

  test('a body ends with the permission', async () => {
    const pending: (() => void)[] = []
    const schedule = (_delay: number, callback: () => void) => {
      pending.push(callback)
      return () => {}
    }
    const endless = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('first')) })
    const handler: Handler = (_request, { auth }) => {
      auth.authorize('view', Document(documentNamed('plan')))
      return new Response(endless)
    }
    const { ask, world } = await service(handler, { schedule })
    const reader = ((await ask('/documents/plan', await tokenFor(ANN))).body ?? new ReadableStream()).getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('first')
    world.now += 290
    pending.shift()?.()
    pending.shift()?.()
    await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_GUARD_LAPSED', reason: 'expired' })
  })

  test('does not start with a route that names no action of the schema', async () => {
    const { guard } = await createWorld()
    for (const route of [{ action: 'publish' }, { action: [] }, {}, { action: 'view', public: true }]) {
      expect(() => guarded(guard, { routes: { 'GET /': route as { action: 'view' } } }, show)).toThrow(
        expect.objectContaining({ code: 'ERR_GUARD_ROUTE' }),
      )
    }
  })
})

describe('the route table', () => {
  const table = createRouteTable({
    'GET /users/me': 'me',
    'GET /users/:id': 'one',
    'GET /': 'root',
    'POST /users': 'new',
  })

  test.each([
    ['GET', '/users/me', 'me'],
    ['GET', '/users/ann', 'one'],
    ['HEAD', '/users/ann', 'one'],
    ['GET', '/', 'root'],
    ['POST', '/users', 'new'],
    ['GET', '/users/a%20b', 'one'],
    ['get', '/users/ann', undefined],
    ['PUT', '/users/ann', undefined],
    ['GET', '/users', undefined],
    ['GET', '/users/', undefined],
    ['GET', '/users//', undefined],
    ['GET', '//users/ann', undefined],
    ['GET', '/users/ann/', undefined],
    ['GET', '/users/a%2fb', undefined],
    ['GET', '/users/a%5cb', undefined],
    ['GET', '/users/%2e%2e', undefined],
    ['GET', '/users/..;', undefined],
    ['GET', '/users/ann;x=1', undefined],
    ['GET', '/users/%00', undefined],
    ['GET', '/users/%ff', undefined],
    ['GET', '/USERS/me', undefined],
  ])('%s %s', (method, path, value) => {
    expect(table.match(method, path)?.value).toBe(value)
  })

  test('parameters are plain data', () => {
    const params = createRouteTable({ 'GET /:__proto__': 1 }).match('GET', '/x')?.params
    expect(Object.getPrototypeOf(params)).toBe(null)
    expect(params?.['__proto__']).toBe('x')
  })

  test('two routes for the same addresses, and names that are none, do not start', () => {
    expect(() => createRouteTable({ 'GET /a/:b': 1, 'GET /a/:c': 2 })).toThrow(TypeError)
    expect(() => createRouteTable({ '/a': 1 })).toThrow(TypeError)
  })
})
