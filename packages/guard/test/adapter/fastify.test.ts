// The guard in a real Fastify over a real socket: routes, the gate, streams, raw replies, and answers compared byte for byte.

import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import fastify, { type FastifyInstance, type RouteHandlerMethod } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { authOf, cardea } from '../../src/adapter/fastify.ts'
import { Document, DOCUMENTS, documentNamed, Folder, type schema } from '../support/documents.ts'
import { misfit, softened } from '../support/misfits.ts'
import { ADMIN, ANN, AUDITOR, BOB, createWorld, OFFICE, STRANGER, tokenFor, type World } from '../support/world.ts'

const SECRET = 'the launch code is 0000'
const VIEW = { config: { action: 'view' } } as const
const EDIT = { config: { action: 'edit' } } as const

const running: FastifyInstance[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.close()))
})

interface Service {
  readonly world: World
  readonly url: string
  readonly port: number
}

async function serve(
  routes: (app: FastifyInstance) => unknown,
  options: Parameters<typeof createWorld>[0] = {},
): Promise<Service> {
  const world = await createWorld(options)
  const app = fastify({ forceCloseConnections: true })
  running.push(app)
  await app.register(cardea, { guard: world.guard, graceMilliseconds: 0 })
  await routes(app)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { world, url, port: (app.server.address() as AddressInfo).port }
}

interface Asked {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

async function ask(url: string, token?: string, init: RequestInit = {}): Promise<Asked> {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { ...authorization, 'x-forwarded-for': OFFICE, ...(init.headers as Record<string, string>) }
  const response = await fetch(url, { ...init, headers })
  const { date: _date, ...shown } = Object.fromEntries(response.headers)
  return { status: response.status, headers: shown, body: await response.text() }
}

/** The routes of an honest service. */
function documents(app: FastifyInstance): void {
  app.get<{ Params: { id: string } }>('/documents/:id', VIEW, (request, reply) => {
    const row = DOCUMENTS.get(request.params.id)
    // set before the check, as careless code does
    reply.raw.setHeader('x-raw', row?.title ?? 'none')
    reply.header('etag', `"${row?.title}"`).header('x-title', row?.title ?? 'none')
    return authOf<typeof schema>(request).authorize('view', Document(row))
  })
  app.put<{ Params: { id: string } }>('/documents/:id', EDIT, (request) =>
    authOf<typeof schema>(request).authorize('edit', Document(DOCUMENTS.get(request.params.id))),
  )
  app.get('/documents', VIEW, (request) =>
    authOf<typeof schema>(request)
      .select('view', Document, [...DOCUMENTS.values()])
      .map(({ id }) => id),
  )
  app.post('/folders/:id', { config: { action: 'create' } }, (request) => {
    authOf<typeof schema>(request).authorize('create', Folder({ id: 'plans', tenant_id: 'acme' }))
    return 'created'
  })
  app.get('/health', { config: { public: true } }, () => 'ok')
}

describe('an honest service', () => {
  test('allows, lists and denies by one policy', async () => {
    const { url } = await serve(documents)
    const ann = await tokenFor(ANN)
    expect(JSON.parse((await ask(`${url}/documents/plan`, ann)).body)).toEqual(documentNamed('plan'))
    expect(JSON.parse((await ask(`${url}/documents`, ann)).body)).toEqual(['plan', 'secret'])
    expect(JSON.parse((await ask(`${url}/documents`, await tokenFor(AUDITOR))).body)).toEqual([
      'plan',
      'secret',
      'memo',
    ])
    expect(JSON.parse((await ask(`${url}/documents`, await tokenFor(STRANGER))).body)).toEqual([])
    expect((await ask(`${url}/documents/plan`, await tokenFor(AUDITOR), { method: 'PUT' })).status).toBe(403)
    expect((await ask(`${url}/health`)).body).toBe('ok')
    expect((await ask(`${url}/documents/plan`)).status).toBe(401)
  })

  test('a hidden resource, a missing one, one of another tenant and a missing route answer the same bytes', async () => {
    const { url } = await serve(documents)
    const bob = await tokenFor(BOB)
    const answers = await Promise.all(
      ['/documents/plan', '/documents/none', '/documents/foreign', '/nothing/here'].map((path) =>
        ask(`${url}${path}`, bob),
      ),
    )
    expect(answers[0]).toMatchObject({ status: 404 })
    expect(JSON.parse(answers[0]?.body ?? '')).toEqual({
      type: 'about:blank',
      title: 'not found',
      status: 404,
      code: 'not_found',
      correlation: 'correlation',
    })
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]?.headers).not.toHaveProperty('etag')
    expect(answers[0]?.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  })

  test('HEAD goes through the same gate as GET', async () => {
    const { url } = await serve(documents)
    const head = (token: string | undefined, path: string) => ask(`${url}${path}`, token, { method: 'HEAD' })
    expect(await head(await tokenFor(ANN), '/documents/plan')).toMatchObject({ status: 200, body: '' })
    const bob = await tokenFor(BOB)
    const hidden = await head(bob, '/documents/plan')
    expect(hidden.status).toBe(404)
    expect(hidden).toEqual(await head(bob, '/documents/none'))
    expect((await head(undefined, '/documents/plan')).status).toBe(401)
  })

  test('checkpoint one refuses before the handler what can never be allowed', async () => {
    const { url, world } = await serve(documents)
    expect(await ask(`${url}/folders/plans`, await tokenFor(ADMIN), { method: 'POST' })).toMatchObject({
      status: 200,
      body: 'created',
    })
    const denied = await ask(`${url}/folders/plans`, await tokenFor(ANN), { method: 'POST' })
    expect(denied.status).toBe(404)
    expect(world.events.at(-1)).toMatchObject({ checkpoint: 'route', reason: 'no_permit', action: 'create' })
  })

  test('a body that cannot be read is a 400 before anything is decided', async () => {
    const { url } = await serve(documents)
    const headers = { 'content-type': 'application/json' }
    const answer = await ask(`${url}/documents/plan`, await tokenFor(ANN), { method: 'PUT', body: '{', headers })
    expect(answer.status).toBe(400)
  })

  test('the RFC 9728 metadata is served, and the challenge points to it', async () => {
    const { url } = await serve(documents)
    const answer = await ask(`${url}/.well-known/oauth-protected-resource/api`)
    expect(JSON.parse(answer.body)).toMatchObject({
      resource: 'https://documents.example/api',
      authorization_servers: ['https://issuer.example'],
    })
  })

  test('in development the answer explains', async () => {
    const { url } = await serve(documents, { development: true })
    const answer = await ask(`${url}/documents/plan`, await tokenFor(BOB))
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'not_found',
      explanation: { reason: 'no_permit', line: expect.any(String) },
    })
  })

  test('two authorization headers are one too many', async () => {
    const { port } = await serve(documents)
    const token = await tokenFor(ANN)
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        const lines = [
          'GET /documents/plan HTTP/1.1',
          'host: a',
          `authorization: Bearer ${token}`,
          `authorization: Bearer ${token}`,
        ]
        socket.end(`${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`)
      })
      let text = ''
      socket
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .on('end', () => resolve(text))
        .on('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('the gate withholds', () => {
  type Handler = RouteHandlerMethod
  const cases: readonly { readonly name: string; readonly reason: string; readonly handler: Handler }[] = [
    { name: 'an answer without a check', reason: 'unchecked', handler: () => SECRET },
    {
      name: 'an answer sent by reply.send',
      reason: 'unchecked',
      handler: (_request, reply) => void reply.send(SECRET),
    },
    {
      name: 'a status of 404 made by hand',
      reason: 'unchecked',
      handler: (_request, reply) => reply.code(404).send(SECRET),
    },
    {
      name: 'a redirect',
      reason: 'unchecked',
      handler: (_request, reply) => reply.redirect(`https://example.com/${encodeURIComponent(SECRET)}`),
    },
    {
      name: 'a stream',
      reason: 'unchecked',
      handler: (_request, reply) => reply.send(Readable.from([SECRET, SECRET])),
    },
    {
      name: 'a web response',
      reason: 'unchecked',
      handler: () => new Response(SECRET, { headers: { 'x-secret': SECRET } }),
    },
    {
      name: 'a hijacked reply written raw',
      reason: 'unchecked',
      handler: (_request, reply) => {
        reply.hijack()
        reply.raw.setHeader('x-secret', SECRET)
        reply.raw.write(SECRET)
        reply.raw.write(SECRET)
        reply.raw.end(SECRET)
      },
    },
    {
      name: 'a hijacked reply with its own head',
      reason: 'unchecked',
      handler: (_request, reply) => {
        reply.hijack()
        reply.raw.writeHead(200, { 'x-secret': SECRET }).end(SECRET)
      },
    },
    {
      name: 'server-sent events that flush their head',
      reason: 'unchecked',
      handler: (_request, reply) => {
        reply.hijack()
        reply.raw.setHeader('x-secret', SECRET)
        reply.raw.flushHeaders()
        reply.raw.end(`data: ${SECRET}\n\n`)
      },
    },
    {
      name: 'early hints',
      reason: 'unchecked',
      handler: (_request, reply) => {
        reply.raw.writeEarlyHints({ link: `<${encodeURIComponent(SECRET)}>` })
        return SECRET
      },
    },
    {
      name: 'an answer after a can',
      reason: 'unchecked',
      handler: (request) => {
        const can = authOf<typeof schema>(request).can('view', Document(documentNamed('plan')))
        return can ? SECRET : SECRET
      },
    },
    {
      name: 'an answer after a check of another action',
      reason: 'unchecked',
      handler: (request) => {
        authOf<typeof schema>(request).authorize('edit', Document(documentNamed('plan')))
        return SECRET
      },
    },
    {
      name: 'an answer in spite of a deny that was caught',
      reason: 'ignored_deny',
      handler: (request) => {
        const auth = authOf<typeof schema>(request)
        auth.authorize('view', Document(documentNamed('plan')))
        try {
          auth.authorize('edit', Document(documentNamed('memo')))
        } catch {
          return SECRET
        }
        return ''
      },
    },
    {
      name: 'an answer in spite of a deny that was taken for a boolean',
      reason: 'ignored_deny',
      handler: (request) => {
        const auth = authOf<typeof schema>(request)
        auth.authorize('view', Document(documentNamed('plan')))
        return auth.decide('edit', Document(documentNamed('memo'))) ? SECRET : ''
      },
    },
    {
      name: 'a raw answer in spite of a deny',
      reason: 'ignored_deny',
      handler: (request, reply) => {
        reply.hijack()
        try {
          authOf<typeof schema>(request).authorize('view', Document(documentNamed('memo')))
        } catch {
          reply.raw.end(SECRET)
        }
      },
    },
  ]

  test.each(cases)('$name', async ({ handler, reason }) => {
    const { url, world } = await serve((app) => app.get('/oops', VIEW, handler))
    const answer = await ask(`${url}/oops`, await tokenFor(ANN), { redirect: 'manual' })
    expect(answer.status).toBe(500)
    expect(JSON.stringify(answer)).not.toMatch(/launch|0000/)
    expect(JSON.parse(answer.body)).toEqual({
      type: 'about:blank',
      title: 'internal error',
      status: 500,
      code: 'internal',
      correlation: 'correlation',
    })
    expect(world.events.at(-1)).toMatchObject({ decision: 'deny', reason, action: 'view', principal: 'User::"ann"' })
    expect(world.logged.at(-1)).toMatch(/^an answer was withheld/)
  })

  test('the same handler passes once it checks: the gate is not just shut', async () => {
    const handler: Handler = (request, reply) => {
      authOf<typeof schema>(request).authorize('view', Document(documentNamed('plan')))
      reply.hijack()
      reply.raw.writeHead(200, { 'x-checked': 'yes' })
      reply.raw.write('one ')
      reply.raw.end('two')
    }
    const { url } = await serve((app) => app.get('/raw', VIEW, handler))
    expect(await ask(`${url}/raw`, await tokenFor(ANN))).toMatchObject({
      status: 200,
      body: 'one two',
      headers: { 'x-checked': 'yes' },
    })
  })

  test('a reply of a hook that runs before the check', async () => {
    const { url, world } = await serve((app) => {
      app.addHook('preHandler', async (_request, reply) => reply.send(SECRET))
      app.get('/cached', VIEW, () => 'never')
    })
    expect(await ask(`${url}/cached`, await tokenFor(ANN))).toMatchObject({ status: 500 })
    expect(world.events.at(-1)).toMatchObject({ reason: 'unchecked' })
  })

  test('what an error handler makes of a deny: the answer is the deny, whatever it says', async () => {
    const { url } = await serve((app) => {
      app.setErrorHandler((error, _request, reply) => reply.code(200).send(`${SECRET} ${String(error)}`))
      documents(app)
    })
    const hidden = await ask(`${url}/documents/plan`, await tokenFor(BOB))
    expect(hidden.status).toBe(404)
    expect(hidden).toEqual(await ask(`${url}/documents/none`, await tokenFor(BOB)))
  })

  test('a deny that was wrapped in another error is still the deny', async () => {
    const { url } = await serve((app) =>
      app.get('/wrapped', VIEW, (request) => {
        try {
          return authOf<typeof schema>(request).authorize('view', Document(documentNamed('memo')))
        } catch (cause) {
          throw new Error(SECRET, { cause })
        }
      }),
    )
    const answer = await ask(`${url}/wrapped`, await tokenFor(ANN))
    expect(answer.status).toBe(404)
    expect(answer.body).not.toContain('launch')
  })

  test('an error answer needs no check; an error handler that says 200 does', async () => {
    const failing = () => {
      throw new Error('the database is down')
    }
    const plain = await serve((app) => app.get('/fails', VIEW, failing))
    expect((await ask(`${plain.url}/fails`, await tokenFor(ANN))).status).toBe(500)
    const odd = await serve((app) => {
      app.setErrorHandler((_error, _request, reply) => reply.code(200).send(SECRET))
      app.get('/fails', VIEW, failing)
    })
    const answer = await ask(`${odd.url}/fails`, await tokenFor(ANN))
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('launch')
  })

  test('an error of a hook before the guard is its own answer; a reply of it is not', async () => {
    const world = await createWorld()
    const app = fastify({ forceCloseConnections: true })
    running.push(app)
    app.addHook('onRequest', (request, reply, done) => {
      reply.header('access-control-allow-origin', '*').header('x-frame-options', 'DENY')
      if (request.headers['x-limited'] === 'yes') done(Object.assign(new Error('slow down'), { statusCode: 429 }))
      else if (request.headers['x-cached'] === 'yes') void reply.send(SECRET)
      else if (request.method === 'OPTIONS') void reply.code(204).send()
      else done()
    })
    await app.register(cardea, { guard: world.guard, public: ['OPTIONS *'] })
    documents(app)
    app.options('*', () => '')
    const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/documents/plan`
    const ann = await tokenFor(ANN)
    expect((await ask(url, ann, { headers: { 'x-limited': 'yes' } })).status).toBe(429)
    expect(await ask(url, ann, { headers: { 'x-cached': 'yes' } })).toMatchObject({ status: 500 })
    expect(await ask(url, undefined, { method: 'OPTIONS' })).toMatchObject({ status: 204 })
    const hooks = { 'access-control-allow-origin': '*', 'x-frame-options': 'DENY' }
    expect(await ask(url, ann)).toMatchObject({ status: 200, headers: { ...hooks, 'x-title': 'the title of plan' } })
    const hidden = await ask(url, await tokenFor(BOB))
    expect(hidden).toMatchObject({ status: 404, headers: hooks })
    expect(hidden.headers).not.toHaveProperty('x-title')
    expect(await ask(url)).toMatchObject({ status: 401, headers: hooks })
  })

  test('a handler that answers with callNotFound is a missing route', async () => {
    const { url } = await serve((app) => app.get('/gone', VIEW, (_request, reply) => reply.callNotFound()))
    expect(await ask(`${url}/gone`, await tokenFor(ANN))).toEqual(await ask(`${url}/nowhere`, await tokenFor(ANN)))
  })

  test('a handler of a missing route cannot answer with something', async () => {
    const { url } = await serve((app) => app.setNotFoundHandler((_request, reply) => reply.code(200).send(SECRET)))
    expect(await ask(`${url}/nowhere`)).toMatchObject({ status: 404 })
  })
})

describe('a token that does not fit the request', () => {
  const get = async (path: string, ...kinds: Parameters<typeof misfit>[1][]) => {
    const { world, url } = await serve(documents, {
      schema: softened({ view: { address: 'step-up', key: 'log' }, edit: { address: 'log' } }),
    })
    const { headers } = await misfit(ANN, ...kinds)
    const token = String(headers['authorization']).replace('Bearer ', '')
    const init = { method: path.startsWith('PUT') ? 'PUT' : 'GET' }
    return { world, answer: await ask(`${url}${path.split(' ').at(-1)}`, token, init) }
  }

  test('is asked for a new sign-in where the action says so', async () => {
    const { answer, world } = await get('GET /documents/plan', 'address')
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toMatch(
      /^Bearer error="insufficient_user_authentication", max_age="0", .*DPoP error="insufficient_user_authentication", max_age="0"/,
    )
    expect(JSON.parse(answer.body)).toMatchObject({ status: 401, code: 'step_up' })
    expect(`${answer.body}${JSON.stringify(answer.headers)}`).not.toMatch(/binding|address|net/)
    expect(world.events).toMatchObject([
      { checkpoint: 'route', reason: 'binding', action: 'view', remedy: 'step_up', mismatches: ['address'] },
    ])
  })

  test('goes on, and is recorded, where the action says so', async () => {
    const { answer, world } = await get('GET /documents/plan', 'key')
    expect(answer.status).toBe(200)
    expect(world.events).toMatchObject([{ decision: 'allow', action: 'view', mismatches: ['key'] }])
  })

  test('is refused elsewhere, as by a guard that softens nothing', async () => {
    const { answer } = await get('PUT /documents/plan', 'key')
    const { url } = await serve(documents)
    const { headers } = await misfit(ANN, 'key')
    const init = { method: 'PUT' }
    expect(answer).toEqual(
      await ask(`${url}/documents/plan`, String(headers['authorization']).replace('Bearer ', ''), init),
    )
    expect(answer.status).toBe(401)
  })

  test('keeps its stream as long as its permission', async () => {
    let end = (): void => {}
    const schedule = (_delay: number, callback: () => void) => {
      end = callback
      return () => {}
    }
    const { url, world } = await serve(
      (app) =>
        app.get('/events', VIEW, (request, reply) => {
          const auth = authOf<typeof schema>(request)
          auth.authorize('view', Document(documentNamed('plan')))
          return reply.type('text/event-stream').send(Readable.from(ticks(auth.signal)))
        }),
      { schedule, schema: softened({ view: { key: 'log' } }) },
    )
    const { headers } = await misfit(ANN, 'key')
    const response = await fetch(`${url}/events`, {
      headers: { authorization: String(headers['authorization']), 'x-forwarded-for': OFFICE },
    })
    const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader()
    end()
    expect((await reader.read()).value).toBe('data: 0\n\n')
    world.now += 290
    end()
    expect((await reader.read()).value).toBe('data: ended\n\n')
  })
})

describe('running answers', () => {
  test('a stream ends with the permission', async () => {
    let end = (): void => {}
    const schedule = (_delay: number, callback: () => void) => {
      end = callback
      return () => {}
    }
    const { url, world } = await serve(
      (app) =>
        app.get('/events', VIEW, (request, reply) => {
          const auth = authOf<typeof schema>(request)
          auth.authorize('view', Document(documentNamed('plan')))
          return reply.type('text/event-stream').send(Readable.from(ticks(auth.signal)))
        }),
      { schedule },
    )
    const response = await fetch(`${url}/events`, {
      headers: { authorization: `Bearer ${await tokenFor(ANN)}`, 'x-forwarded-for': OFFICE },
    })
    const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toBe('data: 0\n\n')
    world.now += 290
    end()
    expect((await reader.read()).value).toBe('data: ended\n\n')
    expect((await reader.read()).done).toBe(true)
  })

  test('a stream that does not listen is cut', async () => {
    const pending: (() => void)[] = []
    const schedule = (_delay: number, callback: () => void) => {
      pending.push(callback)
      return () => {}
    }
    const { url, world } = await serve(
      (app) =>
        app.get('/events', VIEW, (request, reply) => {
          authOf<typeof schema>(request).authorize('view', Document(documentNamed('plan')))
          reply.hijack()
          reply.raw.write('data: 0\n\n')
        }),
      { schedule },
    )
    const response = await fetch(`${url}/events`, {
      headers: { authorization: `Bearer ${await tokenFor(ANN)}`, 'x-forwarded-for': OFFICE },
    })
    const reader = (response.body ?? new ReadableStream()).getReader()
    await reader.read()
    world.now += 290
    // the look at the token's end, then the end of the grace
    pending.shift()?.()
    pending.shift()?.()
    await expect(reader.read()).rejects.toThrow()
  })

  test('an upgrade needs an allow before its first byte', async () => {
    const upgrade = async (checks: boolean): Promise<string> => {
      const { port } = await serve((app) =>
        app.get('/socket', VIEW, (request, reply) => {
          if (checks) authOf<typeof schema>(request).authorize('view', Document(documentNamed('plan')))
          reply.hijack()
          const { socket } = request.raw
          socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: test\r\n\r\n`)
          if (!socket.destroyed) socket.end(SECRET)
        }),
      )
      const token = await tokenFor(ANN)
      return new Promise((resolve) => {
        const headers = {
          authorization: `Bearer ${token}`,
          connection: 'upgrade',
          upgrade: 'test',
          'x-forwarded-for': OFFICE,
        }
        const request = httpRequest({ port, host: '127.0.0.1', path: '/socket', headers })
        request.on('upgrade', () => resolve('upgraded'))
        request.on('error', () => resolve('cut'))
        request.end()
      })
    }
    expect(await upgrade(true)).toBe('upgraded')
    expect(await upgrade(false)).toBe('cut')
  })
})

describe('start', () => {
  const start = async (
    routes: (app: FastifyInstance) => unknown,
    options: { readonly public?: readonly string[] } = {},
  ): Promise<void> => {
    const { guard } = await createWorld()
    const app = fastify()
    running.push(app)
    await app.register(cardea, { guard, ...options })
    await routes(app)
    await app.ready()
  }

  test.each<[string, (app: FastifyInstance) => unknown, RegExp]>([
    ['a route without a word', (app) => app.get('/oops', () => SECRET), /`GET \/oops`/],
    [
      'a route in a prefixed plugin',
      (app) => app.register(async (inner) => void inner.post('/deep', () => SECRET), { prefix: '/v1' }),
      /`POST \/v1\/deep`/,
    ],
    [
      'an empty list of actions',
      (app) => app.get('/oops', { config: { action: [] } }, () => SECRET),
      /names no action/,
    ],
    [
      'an unknown action',
      (app) => app.get('/oops', { config: { action: 'publish' as 'view' } }, () => SECRET),
      /`publish`/,
    ],
    [
      'an action and public',
      (app) => app.get('/oops', { config: { action: 'view', public: true } }, () => SECRET),
      /is public/,
    ],
  ])('is refused with %s', async (_name, routes, message) => {
    await expect(start(routes)).rejects.toMatchObject({
      code: 'ERR_GUARD_ROUTE',
      message: expect.stringMatching(message),
    })
  })

  test('is refused when routes were there before the guard', async () => {
    const { guard } = await createWorld()
    const app = fastify()
    running.push(app)
    app.get('/early', () => SECRET)
    await expect(app.register(cardea, { guard })).rejects.toMatchObject({ code: 'ERR_GUARD_ROUTE_ORDER' })
  })

  test('routes of other plugins are public when they are listed', async () => {
    await start((app) => void app.options('*', () => ''), { public: ['OPTIONS *'] })
    await expect(start((app) => void app.options('*', () => ''))).rejects.toMatchObject({ code: 'ERR_GUARD_ROUTE' })
  })

  test('an encapsulated plugin is guarded as its parent is', async () => {
    const { url } = await serve((app) => app.register(async (inner) => documents(inner), { prefix: '/v1' }))
    expect((await ask(`${url}/v1/documents/plan`)).status).toBe(401)
    expect((await ask(`${url}/v1/documents/plan`, await tokenFor(ANN))).status).toBe(200)
    expect((await ask(`${url}/v1/documents/memo`, await tokenFor(ANN))).status).toBe(404)
  })

  test('a public route has no auth', async () => {
    const { url } = await serve((app) =>
      app.get('/open', { config: { public: true } }, (request) => request.auth.principal.id),
    )
    expect((await ask(`${url}/open`)).status).toBe(500)
  })
})

async function* ticks(signal: AbortSignal): AsyncGenerator<string> {
  yield 'data: 0\n\n'
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  yield 'data: ended\n\n'
}
