import { describe, expect, test } from 'vitest'
import { createAuthority } from '../../src/wire/authority.ts'
import { codeOf, VIEW } from '../fixture.ts'

const { signal } = new AbortController()
const PLACE = { position: { epoch: 'e1', seq: 1 }, view: undefined }
const head = '{"position":{"epoch":"e1","seq":3},"prev":2,"now":5}'
const asked: { url: string; init: RequestInit | undefined }[] = []

function answering(response: () => Response | Promise<Response>): ReturnType<typeof createAuthority> {
  asked.length = 0
  return createAuthority({
    url: 'https://authority.example/base/',
    credentials: () => Promise.resolve('secret'),
    fetch: async (input, init) => {
      asked.push({ url: new Request(input).url, init })
      return response()
    },
    timeoutMilliseconds: 20,
  })
}

test('asks its own origin, with its credentials, and follows no redirect', async () => {
  const answer = await answering(() => new Response(head)).head('https://documents.example/?a=b&c', signal)
  expect(answer).toEqual({ position: { epoch: 'e1', seq: 3 }, prev: 2, now: 5 })
  expect(asked[0]?.url).toBe(
    'https://authority.example/base/v1/feed/head?audience=https%3A%2F%2Fdocuments.example%2F%3Fa%3Db%26c',
  )
  expect(asked[0]?.init?.redirect).toBe('error')
  expect(new Headers(asked[0]?.init?.headers).get('authorization')).toBe('Bearer secret')
})

test('an authority that does not say what precedes the head means the head itself', async () => {
  const without = await answering(() => new Response('{"position":{"epoch":"e1","seq":3},"now":5}')).head('a', signal)
  expect(without.prev).toBe(3)
  const nothing = await answering(() => new Response('{"position":{"epoch":"e1","seq":3},"prev":null,"now":5}')).head(
    'a',
    signal,
  )
  expect(nothing.prev).toBe(0)
})

describe('refuses', () => {
  const redirected = (): Response => Object.defineProperty(new Response(head), 'redirected', { value: true })
  const ROWS: Record<string, [() => Response | Promise<Response>, string]> = {
    'a redirect': [redirected, 'ERR_FEED_FETCH'],
    'a status of an error': [() => new Response(head, { status: 500 }), 'ERR_FEED_FETCH'],
    'a status that is not 200': [() => new Response(null, { status: 204 }), 'ERR_FEED_FETCH'],
    'refused credentials': [() => new Response(null, { status: 403 }), 'ERR_FEED_REFUSED'],
    'an answer that never comes': [() => new Promise(() => {}), 'ERR_FEED_FETCH'],
    'an answer that never ends': [
      () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) })),
      'ERR_FEED_FETCH',
    ],
    'an answer that is too long': [() => new Response('x'.repeat(5000)), 'ERR_FEED_LIMIT'],
    HTML: [() => new Response('<html>'), 'ERR_FEED_EVENT'],
    'a list': [() => new Response('[]'), 'ERR_FEED_EVENT'],
    'no time': [() => new Response('{"position":{"epoch":"e1","seq":3},"prev":2}'), 'ERR_FEED_EVENT'],
    'a position that is none': [
      () => new Response('{"position":{"epoch":"e1","seq":-1},"now":5}'),
      'ERR_FEED_POSITION',
    ],
    'a head of nobody': [
      () => new Response('{"position":{"epoch":"e1","seq":3},"prev":2,"view":1,"now":5}'),
      'ERR_FEED_EVENT',
    ],
    'a predecessor behind the head': [
      () => new Response('{"position":{"epoch":"e1","seq":3},"prev":4,"now":5}'),
      'ERR_FEED_EVENT',
    ],
  }
  test.each(Object.entries(ROWS))('%s', async (_, [response, code]) => {
    expect(await codeOf(() => answering(response).head('a', signal))).toBe(code)
  })

  test('a stream that is none', async () => {
    const html = (): Response => new Response('<html>', { headers: { 'content-type': 'text/html' } })
    expect(await codeOf(() => answering(html).events('a', PLACE, signal))).toBe('ERR_FEED_FETCH')
  })

  test('credentials that cannot be had, without asking', async () => {
    const authority = createAuthority({
      url: 'https://authority.example',
      credentials: () => Promise.reject(new Error('no credentials')),
      fetch: () => Promise.reject(new Error('asked')),
      timeoutMilliseconds: 20,
    })
    expect(await codeOf(() => authority.head('a', signal))).toBe('ERR_FEED_FETCH')
  })
})

test.each([409, 410])('a stream that cannot go on (%i) needs a snapshot', async (status) => {
  const gone = answering(() => new Response(null, { status }))
  expect(await gone.events('a', PLACE, signal)).toBe('gone')
})

test('a snapshot with everything, or none', async () => {
  const snapshot = {
    position: { epoch: 'e1', seq: 3 },
    view: VIEW,
    jwks: { keys: [] },
    bundle: null,
    revocations: [],
    now: 5,
  }
  const read = (changes: object): Promise<string> =>
    codeOf(() => answering(() => new Response(JSON.stringify({ ...snapshot, ...changes }))).snapshot('a', signal))
  expect(await read({})).toBe('none')
  expect(await read({ revocations: {} })).toBe('ERR_FEED_EVENT')
  expect(await read({ revocations: [{}] })).toBe('ERR_FEED_REVOCATION')
  expect(await read({ jwks: { keys: {} } })).toBe('ERR_FEED_EVENT')
  expect(await read({ jwks: { keys: [{ kty: 'EC' }] } })).toBe('ERR_FEED_EVENT')
  expect(await read({ bundle: { revision: 1, digest: 'short' } })).toBe('ERR_FEED_EVENT')
  expect(await read({ bundle: undefined })).toBe('ERR_FEED_EVENT')
  const { subjectKey } = VIEW
  expect(await read({ view: { id: 'v', tenants: ['acme'], subjectKey } })).toBe('none')
  expect(await read({ view: undefined })).toBe('ERR_FEED_EVENT')
  expect(await read({ view: { id: null, tenants: null, subjectKey: 'short' } })).toBe('ERR_FEED_EVENT')
  expect(await read({ view: { id: 'v', tenants: null, subjectKey } })).toBe('ERR_FEED_EVENT')
  expect(await read({ view: { id: null, tenants: ['acme'], subjectKey } })).toBe('ERR_FEED_EVENT')
  expect(await read({ view: { id: 'v', tenants: [1], subjectKey } })).toBe('ERR_FEED_EVENT')
})

describe('a grant set', () => {
  test('is asked for with the token in the body, and nowhere else', async () => {
    const bytes = await answering(() => new Response('{"a":1}')).grantSet('a.b.c', 100, signal)
    expect(Buffer.from(bytes).toString()).toBe('{"a":1}')
    const [{ url, init } = { url: '', init: undefined }] = asked
    expect(url).toBe('https://authority.example/base/v1/grant-sets')
    expect(init).toMatchObject({ method: 'POST', redirect: 'error', cache: 'no-store', body: '{"token":"a.b.c"}' })
    expect([...new Headers(init?.headers).values()].join()).not.toContain('a.b.c')
  })

  const endless = (): Response => {
    let sent = 0
    return new Response(
      new ReadableStream({
        pull(controller) {
          sent += 1
          if (sent > 10) throw new Error('it was read on')
          controller.enqueue(new Uint8Array(40))
        },
      }),
    )
  }
  const ROWS: Record<string, [() => Response | Promise<Response>, string, number?]> = {
    'a redirect': [() => Object.defineProperty(new Response(''), 'redirected', { value: true }), 'ERR_FEED_FETCH'],
    'nothing there': [() => new Response('{}', { status: 404 }), 'ERR_FEED_FETCH', 404],
    'refused credentials': [() => new Response('{}', { status: 401 }), 'ERR_FEED_REFUSED', 401],
    'a part of it': [() => new Response('{}', { status: 206 }), 'ERR_FEED_FETCH', 206],
    'an answer that never comes': [() => new Promise(() => {}), 'ERR_FEED_FETCH'],
    'an answer that is longer than its limit, and is not read on': [endless, 'ERR_FEED_LIMIT'],
  }
  test.each(Object.entries(ROWS))('is not had: %s', async (_, [response, code, status]) => {
    await expect(answering(response).grantSet('a.b.c', 100, signal)).rejects.toMatchObject({ code, status })
  })
})

test('a question says what is applied, where there is something to say', async () => {
  const applied = {
    start: 's',
    startedAtSeconds: 5,
    position: { epoch: 'e1', seq: 2 },
    revision: 1,
    ageSeconds: 0.04,
    checkpoint: undefined,
  }
  const authority = answering(() => new Response(head))
  await authority.head('a', signal, applied)
  await authority.head('a', signal)
  expect(asked.map(({ url }) => new URL(url).search)).toEqual([
    '?audience=a&start=s&started=5&applied=2&applied_epoch=e1&revision=1&age=0.0',
    '?audience=a',
  ])
})
