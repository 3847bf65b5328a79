// The service in Python, beside an OPA that says what it should not: whatever is not exactly an allow is no allow.

import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { runCommand } from '../../../tools/command.ts'
import { freePort } from '../../../tools/free-port.ts'

vi.setConfig({ testTimeout: 30_000 })

const SERVICE = join(import.meta.dirname, '..', 'service.py')
const found = await runCommand('python3', ['--version'], import.meta.dirname).catch(() => undefined)
const missing = found?.code === 0 ? undefined : 'needs `python3` on the PATH'

let answer: RequestListener = () => undefined
const asked: Record<string, unknown>[] = []
let server: Server
let service: ChildProcess
let url: string

beforeAll(async () => {
  if (missing !== undefined) return
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void take(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = await freePort()
  url = `http://127.0.0.1:${port}/documents`
  const env = { ...process.env, OPA: `127.0.0.1:${portOf(server)}`, PORT: String(port) }
  service = spawn('python3', [SERVICE], { env, stdio: 'ignore' })
  await vi.waitFor(() => fetch(`${url}/x`), { timeout: 10_000, interval: 50 })
})
afterAll(() => {
  service?.kill('SIGKILL')
  server?.closeAllConnections()
  server?.close()
})

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  asked.push((JSON.parse(await text(request)) as { input: Record<string, unknown> }).input)
  answer(request, response)
}

function portOf(running: Server): number {
  const address = running.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** What comes back for exactly these lines, until the service ends the connection. */
async function raw(lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(lines.join('\r\n'))
  return text(socket)
}

const says =
  (result: unknown, status = 200): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(JSON.stringify(result))
const ALLOW = says({ result: { decision: 'allow', status: 200 } })

describe('the service in Python', () => {
  test('asks with token, action, resource and facts, and answers what it may', async ({ skip }) => {
    if (missing !== undefined) skip(missing)
    answer = ALLOW
    const headers = { authorization: 'Bearer abc', 'x-forwarded-for': '10.1.2.3' }
    const response = await fetch(`${url}/roadmap`, { headers })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ id: 'roadmap', title: 'Roadmap' })
    expect(asked.at(-1)).toEqual({
      token: 'abc',
      action: 'view',
      resource: {
        type: 'Document',
        id: 'roadmap',
        attributes: { tenant: 'acme', owner: 'carol', classified: false, shared: false },
        parents: [{ type: 'Folder', id: 'plans' }],
      },
      request: { scheme: 'Bearer', address: '10.1.2.3' },
    })
  })

  test('asks about a document that is not there', async ({ skip }) => {
    if (missing !== undefined) skip(missing)
    answer = says({ result: { decision: 'deny', status: 404 } })
    expect((await fetch(`${url}/nothing`)).status).toBe(404)
    expect(asked.at(-1)).toMatchObject({ token: '', resource: null })
  })

  test.for<readonly [string, readonly string[], string]>([
    ['one hop', ['X-Forwarded-For: 203.0.113.9'], '203.0.113.9'],
    ['what the caller said before it', ['X-Forwarded-For: 10.1.2.3, 203.0.113.9'], '203.0.113.9'],
    ['in a line of its own', ['X-Forwarded-For: 10.1.2.3', 'X-Forwarded-For: 203.0.113.9'], '203.0.113.9'],
    ['no proxy', [], '127.0.0.1'],
  ])('the address is the word of the proxy: %s', async ([, lines, address], { skip }) => {
    if (missing !== undefined) skip(missing)
    answer = ALLOW
    expect(await raw(['GET /documents/roadmap HTTP/1.1', ...lines, '', ''])).toMatch(/^HTTP\/1\.0 200 /)
    expect(asked.at(-1)).toMatchObject({ request: { address } })
  })

  test('nothing behind a body passes for a second request', async ({ skip }) => {
    if (missing !== undefined) skip(missing)
    answer = ALLOW
    const before = asked.length
    const second = ['GET /documents/roadmap HTTP/1.1', 'X-Forwarded-For: 10.1.2.3', '', '']
    const first = ['PUT /documents/roadmap HTTP/1.1', 'Transfer-Encoding: chunked', '', ...second]
    expect(await raw(first)).toMatch(/^HTTP\/1\.0 400 /)
    expect(asked.length - before).toBe(1)
  })

  test.for(['-1', '99999999999', 'abc', ''])('a body of length `%s` is not read', async (length, { skip }) => {
    if (missing !== undefined) skip(missing)
    answer = ALLOW
    const lines = ['PUT /documents/roadmap HTTP/1.1', `Content-Length: ${length}`, '', '']
    expect(await raw(lines)).toMatch(/^HTTP\/1\.0 400 /)
  })

  test.for<readonly [string, RequestListener, number]>([
    ['a deny', says({ result: { decision: 'deny', status: 403 } }), 403],
    ['a deny that says 200', says({ result: { decision: 'deny', status: 200 } }), 503],
    ['a status that HTTP does not have', says({ result: { decision: 'deny', status: 99_999 } }), 503],
    ['a status that is text', says({ result: { decision: 'deny', status: '404' } }), 503],
    ['a status without end', (_, response) => response.end('{"result":{"decision":"deny","status":1e999}}'), 503],
    ['JSON that is too deep', (_, response) => response.end('['.repeat(200_000)), 503],
    ['a deny without a status', says({ result: { decision: 'deny' } }), 503],
    ['no result', says({ decision_id: 'x' }), 503],
    ['a bare true', says({ result: true }), 503],
    ['the text true', says({ result: 'true' }), 503],
    ['another word than allow', says({ result: { decision: 'Allow', status: 403 } }), 403],
    ['no JSON', (_, response) => response.end('allow'), 503],
    ['an error', says({ code: 'internal_error' }, 500), 503],
    ['half an answer', (_, response) => response.writeHead(200, { 'content-length': '100' }).destroy(), 503],
    ['nothing in time', () => undefined, 503],
  ])('%s is no allow', async ([, listener, status], { skip }) => {
    if (missing !== undefined) skip(missing)
    answer = listener
    expect((await fetch(`${url}/roadmap`)).status).toBe(status)
    // and the next question is asked anew
    answer = ALLOW
    expect((await fetch(`${url}/roadmap`)).status).toBe(200)
  })

  test('a body that does not fit changes nothing', async ({ skip }) => {
    if (missing !== undefined) skip(missing)
    answer = ALLOW
    for (const body of ['{', '[]', 'null', '{"title":"x"}', '{"title":5,"body":"x"}', '['.repeat(50_000), '']) {
      expect((await fetch(`${url}/roadmap`, { method: 'PUT', body })).status).toBe(400)
    }
    expect(await (await fetch(`${url}/roadmap`)).json()).toMatchObject({ title: 'Roadmap', body: 'The roadmap.' })
  })

  test('a body that fits is kept', async ({ skip }) => {
    if (missing !== undefined) skip(missing)
    answer = ALLOW
    const body = JSON.stringify({ title: 'New', body: 'Text.', owner_id: 'mallory' })
    expect(await (await fetch(`${url}/roadmap`, { method: 'PUT', body })).json()).toEqual({ saved: 'roadmap' })
    const kept = { title: 'New', body: 'Text.', owner_id: 'carol' }
    expect(await (await fetch(`${url}/roadmap`)).json()).toMatchObject(kept)
  })

  test('without an OPA it answers nothing', async ({ skip }) => {
    if (missing !== undefined) skip(missing)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    expect((await fetch(`${url}/roadmap`)).status).toBe(503)
  })
})
