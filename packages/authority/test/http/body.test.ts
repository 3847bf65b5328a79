// Bodies as they come over a socket: with a length that Node's parser holds them to, and in chunks that are counted here.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { basic, bodyOf, createWorld, type World } from '../fixture.ts'

const LIMIT = 2048

let world: World
let url: string
beforeAll(async () => {
  world = await createWorld({ publish: false, limits: { bodyBytes: LIMIT } })
  ;({ url } = await world.authority.listen({ port: 0 }))
})
afterAll(() => world.authority.close())

const START = 'grant_type=client_credentials&filler='

function bodyOfBytes(sizeBytes: number): string {
  return START + 'x'.repeat(sizeBytes - START.length)
}

/** Three at a time, without a length. */
function inChunks(text: string): ReadableStream<Uint8Array> {
  const third = Math.ceil(text.length / 3)
  const parts = [text.slice(0, third), text.slice(third, 2 * third), text.slice(2 * third)]
  return ReadableStream.from(parts.map((part) => new TextEncoder().encode(part)))
}

async function post(body: string | ReadableStream<Uint8Array>): Promise<Response> {
  return fetch(`${url}/token`, {
    method: 'POST',
    headers: { authorization: basic('docs'), 'content-type': 'application/x-www-form-urlencoded' },
    body,
    duplex: 'half',
  })
}

describe('a body', () => {
  const ROWS: Record<string, [body: () => string | ReadableStream<Uint8Array>, status: number]> = {
    'of the largest length': [() => bodyOfBytes(LIMIT), 200],
    'one byte longer': [() => bodyOfBytes(LIMIT + 1), 413],
    'in chunks, of the largest length': [() => inChunks(bodyOfBytes(LIMIT)), 200],
    'in chunks, one byte longer': [() => inChunks(bodyOfBytes(LIMIT + 1)), 413],
    'that is empty': [() => '', 400],
  }
  test.each(Object.entries(ROWS))('%s', async (_name, [body, status]) => {
    const response = await post(body())
    expect(response.status).toBe(status)
    await response.body?.cancel()
  })
})

describe('an answer, good or bad, has what every answer has', () => {
  const ROWS: Record<string, [ask: () => Promise<Response>, status: number]> = {
    'a token': [() => post('grant_type=client_credentials'), 200],
    'a refusal': [() => post('grant_type=other'), 400],
    'an unknown path': [() => fetch(`${url}/nothing`), 404],
    'a caller without a token': [() => fetch(`${url}/v1/keys`), 401],
    'public keys': [() => fetch(`${url}/jwks`), 200],
  }
  test.each(Object.entries(ROWS))('%s', async (_name, [ask, status]) => {
    const response = await ask()
    expect(response.status).toBe(status)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('cardea-correlation')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await bodyOf(response)).toBeTypeOf('object')
  })
})
