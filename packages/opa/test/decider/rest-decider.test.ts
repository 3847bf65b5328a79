// An OPA over REST: every bad answer of a real server on loopback is a deny with its code, and a stock OPA is understood.

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { requireOpa, startOpa } from '../../../../tools/opa.ts'
import { freePort } from '../../../../tools/free-port.ts'
import { createRestDecider, type Json, OpaError, type RestDeciderOptions } from '../../src/index.ts'
import { requestOf } from '../support/request.ts'
import { APP } from '../support/rego.ts'

vi.setConfig({ testTimeout: 60_000 })

type Answer = (response: ServerResponse, request: IncomingMessage) => void

let server: Server
let url: string
let answer: Answer = () => undefined
const bodies: string[] = []
const sockets = new Set<unknown>()
const asked: IncomingMessage[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    asked.push(request)
    sockets.add(request.socket)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString('utf8'))
      answer(response, request)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const json =
  (value: unknown, status = 200): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
const text =
  (body: string | Buffer): Answer =>
  (response) => {
    response.end(body)
  }

const decide = (with_: Answer, more: Partial<RestDeciderOptions> = {}) => {
  answer = with_
  return createRestDecider({ url, path: 'app/allow', ...more }).decide(requestOf())
}

describe('answers of a server', () => {
  test.each<[string, Answer]>([
    ['true', json({ result: true })],
    ['an object, with more beside it', json({ result: { allow: true }, decision_id: 'x', metrics: {} })],
    ['true without a content type', text('{"result":true}')],
  ])('allow: %s', async (_name, with_) => {
    expect(await decide(with_)).toMatchObject({ decision: 'allow', reason: 'permit', errors: [] })
  })

  test('deny: false, and nothing else is said', async () => {
    expect(await decide(json({ result: false }))).toEqual({
      decision: 'deny',
      reason: 'no-permit',
      determining: [],
      errors: [],
    })
  })

  test.each<[string, string, Answer, Partial<RestDeciderOptions>]>([
    ['no result', 'ERR_OPA_UNDEFINED', json({ decision_id: 'x' }), {}],
    ['"true"', 'ERR_OPA_ANSWER', json({ result: 'true' }), {}],
    ['1', 'ERR_OPA_ANSWER', json({ result: 1 }), {}],
    ['null', 'ERR_OPA_ANSWER', json({ result: null }), {}],
    ['an empty set', 'ERR_OPA_ANSWER', json({ result: [] }), {}],
    ['a bare true', 'ERR_OPA_ANSWER', text('true'), {}],
    ['a list', 'ERR_OPA_ANSWER', text('[{"result":true}]'), {}],
    ['no JSON', 'ERR_OPA_ANSWER', text('<html>'), {}],
    ['no UTF-8', 'ERR_OPA_ANSWER', text(Buffer.from([0x7b, 0xff, 0x7d])), {}],
    ['nothing', 'ERR_OPA_ANSWER', text(''), {}],
    ['result only in the prototype', 'ERR_OPA_UNDEFINED', text('{"__proto__":{"result":true}}'), {}],
    ['a failure that says true', 'ERR_OPA_STATUS', json({ result: true }, 500), {}],
    ['201', 'ERR_OPA_STATUS', json({ result: true }, 201), {}],
    ['401', 'ERR_OPA_STATUS', json({ code: 'unauthorized' }, 401), {}],
    [
      'a redirect to a true',
      'ERR_OPA_STATUS',
      (response, request) => {
        if (request.url === '/elsewhere') response.end('{"result":true}')
        else response.writeHead(307, { location: '/elsewhere' }).end()
      },
      {},
    ],
    [
      'cut off',
      'ERR_OPA_UNREACHABLE',
      (response) => {
        response.writeHead(200, { 'content-length': '15' })
        response.write('{"result":', () => response.destroy())
      },
      {},
    ],
    ['closed without a word', 'ERR_OPA_UNREACHABLE', (response) => response.destroy(), {}],
    ['no answer', 'ERR_OPA_TIMEOUT', () => undefined, { timeoutMs: 50 }],
    [
      'an answer that does not end',
      'ERR_OPA_TIMEOUT',
      (response) => {
        response.writeHead(200).write('{"result":true')
      },
      { timeoutMs: 100 },
    ],
    ['a huge one', 'ERR_OPA_ANSWER', text(`{"result":true,"more":"${'x'.repeat(300_000)}"}`), {}],
    [
      'one without end',
      'ERR_OPA_ANSWER',
      (response) => {
        const more = (): void => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
          response.once('drain', more)
        }
        more()
      },
      {},
    ],
    ['beyond a bound of the option', 'ERR_OPA_ANSWER', json({ result: true }), { maxAnswerBytes: 10 }],
  ])('deny: %s (%s)', async (_name, code, with_, more) => {
    expect(await decide(with_, more)).toMatchObject({
      decision: 'deny',
      determining: [],
      errors: [{ policy: '', code }],
    })
  })

  test('a redirect is not followed', () => {
    expect(asked.some((request) => request.url === '/elsewhere')).toBe(false)
  })

  test('an OPA that is down', async () => {
    const decider = createRestDecider({ url: `http://127.0.0.1:${await freePort()}`, path: 'app/allow' })
    expect(await decider.decide(requestOf())).toMatchObject({
      decision: 'deny',
      reason: 'forbid-error',
      errors: [{ code: 'ERR_OPA_UNREACHABLE' }],
    })
  })

  test.each<[string, Partial<RestDeciderOptions>, string]>([
    ['a fetch that throws', { fetch: () => Promise.reject(new Error('secret')) }, 'ERR_OPA_UNREACHABLE'],
    [
      'a fetch that never ends and heeds no signal',
      { fetch: () => new Promise(() => undefined), timeoutMs: 30 },
      'ERR_OPA_TIMEOUT',
    ],
    ['a token that cannot be had', { token: () => Promise.reject(new Error('secret')) }, 'ERR_OPA_UNREACHABLE'],
    ['a token that takes long', { token: () => new Promise(() => undefined), timeoutMs: 30 }, 'ERR_OPA_TIMEOUT'],
    [
      'an input that throws',
      {
        input: () => {
          throw new Error('secret')
        },
      },
      'ERR_OPA_INPUT',
    ],
    ['an input that is too long', { maxInputBytes: 100 }, 'ERR_OPA_INPUT'],
  ])('%s', async (_name, more, code) => {
    const decision = await decide(json({ result: true }), more)
    expect(decision).toMatchObject({ decision: 'deny', reason: 'forbid-error', errors: [{ code }] })
    expect(JSON.stringify(decision)).not.toMatch(/secret|laptop|"ann"|"plan"/)
  })
})

describe('the question', () => {
  test('is posted to the path, with the input, the token and the headers', async () => {
    await decide(json({ result: true }), { token: () => 'of-the-service', headers: { 'x-of': 'test' } })
    const request = asked.at(-1)
    expect(request).toMatchObject({
      method: 'POST',
      url: '/v1/data/app/allow',
      headers: { 'content-type': 'application/json', authorization: 'Bearer of-the-service', 'x-of': 'test' },
    })
    const body = bodies.at(-1) ?? ''
    expect(body).toMatch(/^\{"input":\{"principal":\{"type":"User","id":"ann"\}/)
    expect(body).toContain('"serial":9007199254740993,')
  })

  test('may be another input', async () => {
    const input = ({ principal }: { principal: { id: string } }): Json => ({ user: principal.id })
    await decide(json({ result: true }), { input })
    expect(bodies.at(-1)).toBe('{"input":{"user":"ann"}}')
  })

  test('goes over the connection of the one before', async () => {
    await decide(json({ result: true }))
    const before = sockets.size
    for (let count = 0; count < 20; count += 1) await decide(json({ result: true }))
    expect(sockets.size).toBe(before)
  })

  test.each([
    ['app/allow', '/v1/data/app/allow'],
    ['/app/allow', '/v1/data/app/allow'],
    ['data.app.allow', '/v1/data/app/allow'],
    ['app/a b', '/v1/data/app/a%20b'],
  ])('%s', async (path, expected) => {
    await decide(json({ result: true }), { path })
    expect(asked.at(-1)?.url).toBe(expected)
  })

  test.each<[string, Partial<RestDeciderOptions>]>([
    ['plain http to elsewhere', { url: 'http://opa:8181' }],
    ['a name that begins like loopback', { url: 'http://127.0.0.1.example' }],
    ['a password', { url: 'https://a:b@opa.example' }],
    ['a query', { url: 'https://opa.example?x' }],
    ['another scheme', { url: 'file:///opa' }],
    ['no address', { url: 'opa' }],
    ['no path', { path: '' }],
    ['an empty segment', { path: 'app//allow' }],
    ['a path that leads out', { path: '../policies' }],
  ])('is not made: %s', (_name, more) => {
    expect(() => createRestDecider({ url: 'https://opa.example', path: 'app/allow', ...more })).toThrow(OpaError)
  })

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 60_001])('nor with a time limit of %s', (timeoutMs) => {
    expect(() => createRestDecider({ url: 'https://opa.example', path: 'a', timeoutMs })).toThrow(RangeError)
  })
})

test('a stock OPA', async ({ skip }) => {
  const command = await requireOpa(skip)
  const folder = await mkdtemp(join(tmpdir(), 'cardea-rest-'))
  const file = join(folder, 'app.rego')
  await writeFile(file, APP)
  const opa = await startOpa({ command, args: [file] })
  try {
    const ask = async (path: string) => {
      const { decision, reason, determining, errors } = await createRestDecider({ url: opa.url, path }).decide(
        requestOf(),
      )
      return [decision, reason, determining, errors.map(({ code }) => code)]
    }
    expect(await ask('app/allow')).toEqual(['allow', 'permit', [], []])
    expect(await ask('app/never')).toEqual(['deny', 'no-permit', [], []])
    expect(await ask('app/exact')).toEqual(['allow', 'permit', [], []])
    expect(await ask('app/verdict')).toEqual(['deny', 'no-permit', ['not on a weekday'], []])
    expect(await ask('app/open')).toEqual(['deny', 'no-permit', [], ['ERR_OPA_UNDEFINED']])
    expect(await ask('app/nothing_of_that_name')).toEqual(['deny', 'no-permit', [], ['ERR_OPA_UNDEFINED']])
    expect(await ask('app/conflict')).toEqual(['deny', 'forbid-error', [], ['ERR_OPA_STATUS']])
    expect(await ask('app')).toEqual(['deny', 'forbid-error', [], ['ERR_OPA_STATUS']])
    await opa.stop()
    expect(await ask('app/allow')).toEqual(['deny', 'forbid-error', [], ['ERR_OPA_UNREACHABLE']])
  } finally {
    await opa.stop()
    await rm(folder, { recursive: true })
  }
})
