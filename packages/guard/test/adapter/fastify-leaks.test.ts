// Ways around the gate: what leaves beside the body, before it, after it, and on routes that the guard never saw.

import { get as httpGet } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { authOf, cardea } from '../../src/adapter/fastify.ts'
import { Document, documentNamed, type schema } from '../support/documents.ts'
import { ANN, createWorld, OFFICE, tokenFor } from '../support/world.ts'

const SECRET = 'launch-code-0000'
const VIEW = { config: { action: 'view' } } as const

const running: FastifyInstance[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.close()))
})

async function serve(
  routes: (app: FastifyInstance) => unknown,
  options: Parameters<typeof createWorld>[0] = {},
): Promise<number> {
  const { guard } = await createWorld(options)
  const app = fastify({ forceCloseConnections: true })
  running.push(app)
  await app.register(cardea, { guard, graceMilliseconds: 0 })
  await routes(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

/** Everything that came over the wire: status line, information, headers, body, trailers. */
async function everything(port: number, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const headers = { authorization: `Bearer ${await tokenFor(ANN)}`, 'x-forwarded-for': OFFICE, te: 'trailers' }
  return new Promise((resolve, reject) => {
    const parts: unknown[] = []
    const request = httpGet({ port, host: '127.0.0.1', path, headers, agent: false }, (response) => {
      parts.push(response.statusMessage, response.headers)
      response.setEncoding('utf8').on('data', (chunk) => parts.push(chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: JSON.stringify([...parts, response.trailers]) })
      })
    })
    request.on('information', (information) => parts.push(information))
    request.on('error', reject)
  })
}

const auth = (request: FastifyRequest) => authOf<typeof schema>(request)

describe('nothing of a withheld answer leaves', () => {
  const cases: readonly [name: string, handler: (request: FastifyRequest, reply: FastifyReply) => unknown][] = [
    ['in a trailer', (_request, reply) => reply.trailer('x-secret', async () => SECRET).send('body')],
    [
      'in a trailer, when the handler is denied',
      (request, reply) => {
        reply.trailer('x-secret', async () => SECRET)
        return auth(request).authorize('view', Document(documentNamed('memo')))
      },
    ],
    [
      'in a trailer of the response itself',
      (_request, reply) => {
        reply.hijack()
        reply.raw.setHeader('trailer', 'x-secret')
        reply.raw.addTrailers({ 'x-secret': SECRET })
        reply.raw.end('body')
      },
    ],
    [
      'in the reason phrase',
      (_request, reply) => {
        reply.raw.statusMessage = SECRET
        return 'body'
      },
    ],
    [
      'in the reason phrase of a hijacked reply',
      (_request, reply) => {
        reply.hijack()
        reply.raw.statusMessage = SECRET
        reply.raw.end('body')
      },
    ],
    [
      'in information',
      (_request, reply) => {
        const { raw } = reply as { raw: { writeInformation?: (status: number, headers: object) => void } }
        raw.writeInformation?.(103, { 'x-secret': SECRET })
        return 'body'
      },
    ],
  ]

  test.each(cases)('%s', async (_name, handler) => {
    const port = await serve((app) => app.get('/oops', VIEW, handler))
    const answer = await everything(port, '/oops')
    expect([404, 500]).toContain(answer.status)
    expect(answer.text).not.toContain(SECRET)
    expect(answer.text).toContain('correlation')
  })

  test('after hints that were allowed: they release nothing but themselves', async () => {
    const port = await serve((app) =>
      app.get('/oops', VIEW, (request, reply) => {
        auth(request).authorize('view', Document(documentNamed('plan')))
        reply.raw.writeEarlyHints({ link: '</style.css>; rel=preload' })
        try {
          auth(request).authorize('view', Document(documentNamed('memo')))
        } catch {
          return SECRET
        }
        return ''
      }),
    )
    const answer = await everything(port, '/oops')
    expect(answer.text).toContain('style.css')
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain(SECRET)
  })

  test('from a handler of missing routes that writes to the response itself', async () => {
    const port = await serve((app) =>
      app.setNotFoundHandler((_request, reply) => {
        reply.hijack()
        reply.raw.writeHead(200, { 'x-secret': SECRET }).end(SECRET)
      }),
    )
    const answer = await everything(port, '/index.html')
    expect(answer.status).toBe(404)
    expect(answer.text).not.toContain(SECRET)
  })
})

test('a stream that wrote its own head is cut when its permission ends', async () => {
  const pending: (() => void)[] = []
  const { guard, ...world } = await createWorld()
  expect(guard.state().mode).toBe('standalone')
  let now = world.now
  const port = await serve(
    (app) =>
      app.get('/events', VIEW, (request, reply) => {
        auth(request).authorize('view', Document(documentNamed('plan')))
        reply.hijack()
        reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
        reply.raw.write('data: 0\n\n')
      }),
    {
      now: () => now,
      schedule: (_delay, callback) => {
        pending.push(callback)
        return () => {}
      },
    },
  )
  const response = await fetch(`http://127.0.0.1:${port}/events`, {
    headers: { authorization: `Bearer ${await tokenFor(ANN)}`, 'x-forwarded-for': OFFICE },
  })
  const reader = (response.body ?? new ReadableStream()).getReader()
  await reader.read()
  now += 290
  expect(pending).toHaveLength(1)
  for (let callback = pending.shift(); callback !== undefined; callback = pending.shift()) callback()
  await expect(reader.read()).rejects.toThrow()
})

describe('a service does not start with a route that the guard never sees', () => {
  const start = async (build: (app: FastifyInstance, guard: object) => unknown): Promise<unknown> => {
    const { guard } = await createWorld()
    const app = fastify()
    running.push(app)
    await build(app, guard)
    return app.ready()
  }

  test('because the guard was registered for a part of it', async () => {
    const part = start((app, guard) => {
      app.register(async (inner) => {
        await inner.register(cardea, { guard: guard as never })
        inner.get('/inside', VIEW, () => '')
      })
      app.register(async (sibling) => void sibling.get('/outside', () => SECRET))
    })
    await expect(part).rejects.toMatchObject({ code: 'ERR_GUARD_ROUTE_ORDER' })
  })

  test.each([
    {},
    { routerOptions: { ignoreTrailingSlash: true } },
    { routerOptions: { ignoreDuplicateSlashes: true } },
    { exposeHeadRoutes: false },
  ])('and does with routes of every form that it does see: %j', async (options) => {
    const { guard } = await createWorld()
    const app = fastify(options)
    running.push(app)
    await app.register(cardea, { guard, public: ['OPTIONS *'] })
    app.options('*', () => '')
    app.get('/', VIEW, () => '')
    app.all('/any/:id', VIEW, () => '')
    app.route({ method: ['GET', 'POST'], url: '/both', ...VIEW, handler: () => '' })
    app.get('/host', { ...VIEW, constraints: { host: 'a.example' } }, () => '')
    app.get('/host', { ...VIEW, constraints: { host: 'b.example' } }, () => '')
    app.get('/host', { ...VIEW, constraints: { host: /\.c\.example$/ } }, () => '')
    app.get('/host', { ...VIEW, constraints: { host: /\.d\.example$/ } }, () => '')
    app.get('/files/*', { ...VIEW, exposeHeadRoute: false }, () => '')
    app.register(async (inner) => void inner.get('/', VIEW, () => SECRET).post('/', VIEW, () => ''), {
      prefix: '/v1',
    })
    app.register(async (inner) => void inner.get('', VIEW, () => '').get('/a', VIEW, () => ''), { prefix: '/v2' })
    await app.ready()
    for (const url of ['/v1', '/v1/']) {
      expect(await app.inject(url)).toMatchObject({ statusCode: 401 })
    }
  })
})
