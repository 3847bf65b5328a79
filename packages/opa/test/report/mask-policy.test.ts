// The mask in a stock OPA: what it sends holds no token, and still says what was decided.

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { requireOpa, startOpa } from '../../../../tools/opa.ts'
import { maskPolicy, type OpaRecord, readDecisionLog } from '../../src/index.ts'
import { NOW, TOKEN } from './reports.ts'

vi.setConfig({ testTimeout: 60_000 })

const POLICY = `package app
default allow := false
allow if input.user == "ann"
echo := input
decision := {
  "decision": "deny", "reason": "forbid", "determining": ["apart"], "errors": [{"policy": "p", "code": "C", "message": input.token}],
  "principal": {"type": "User", "id": "ann", "token": input.token}, "action": "view", "resource": {"type": "Document", "id": "plan"},
  "tenant": "acme", "jti": "j1", "sid": "s1", "revision": 7, "remedy": {"kind": "step-up", "of": input.token}, "claims": io.jwt.decode(input.token),
}
fetched := http.send({"method": "GET", "url": input.url, "headers": {"authorization": input.token}}).status_code
number := to_number(input.token)
odd[input.token] := input.token
`

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

interface Posted {
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

/** A stock OPA with the mask, and what it sends. */
async function start(command: string) {
  const posted: Posted[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.method === 'POST') posted.push({ headers: request.headers, bytes: Buffer.concat(chunks) })
      response.end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => void (await new Promise((resolve) => server.close(resolve))))
  const folder = await mkdtemp(join(tmpdir(), 'cardea-mask-'))
  closing.push(() => rm(folder, { recursive: true }))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const config = {
    services: { log: { url } },
    decision_logs: { service: 'log', reporting: { trigger: 'immediate', min_delay_seconds: 1, max_delay_seconds: 1 } },
    nd_builtin_cache: true,
  }
  await Promise.all([
    writeFile(join(folder, 'config.json'), JSON.stringify(config)),
    writeFile(join(folder, 'mask.rego'), maskPolicy),
    writeFile(join(folder, 'app.rego'), POLICY),
  ])
  const files = [join(folder, 'mask.rego'), join(folder, 'app.rego')]
  const opa = await startOpa({ command, args: ['--config-file', join(folder, 'config.json'), ...files] })
  closing.push(() => opa.stop())
  const ask = async (path: string, body: unknown): Promise<unknown> =>
    (await fetch(`${opa.url}${path}`, { method: 'POST', body: JSON.stringify(body) })).json()
  /** Every decision up to one that is made now. */
  async function sent(): Promise<{ readonly text: string; readonly records: readonly OpaRecord[] }> {
    const last = (await ask('/v1/data/app/allow', { input: { user: 'last' } })) as { decision_id: string }
    let text = ''
    await vi.waitFor(
      () => {
        text = posted.map(({ bytes }) => gunzipSync(bytes).toString('utf8')).join('\n')
        expect(text).toContain(last.decision_id)
      },
      { timeout: 20_000, interval: 50 },
    )
    const logs = posted.map(({ headers, bytes }) =>
      readDecisionLog(bytes, { contentEncoding: headers['content-encoding'], nowSeconds: NOW }),
    )
    const records = (await Promise.all(logs)).flat().map(({ record }) => record)
    return { text, records: records.filter(({ id }) => id !== last.decision_id) }
  }
  return { ask, sent, url }
}

describe('the mask', () => {
  test('keeps tokens in, wherever they stand', async ({ skip }) => {
    const { ask, sent, url } = await start(await requireOpa(skip))
    const headers = { authorization: `Bearer ${TOKEN}`, cookie: `session=${TOKEN}`, 'x-api': [{ [TOKEN]: TOKEN }] }
    const input = {
      user: 'ann',
      token: TOKEN,
      proof: TOKEN,
      action: 'view',
      resource: { type: 'Document', id: 'plan', link: TOKEN },
      attributes: { request: { http: { headers, path: `/a?token=${TOKEN}` } } },
      'a key/with %2F all': [TOKEN, [TOKEN, { a: TOKEN }]],
      [TOKEN]: true,
      url,
    }
    const rules = ['/allow', '/echo', '/decision', '/fetched', '/odd', '']
    for (const rule of rules) await ask(`/v1/data/app${rule}`, { input })
    await ask('/v1/data/app/echo', { input: TOKEN })
    await ask('/v1/data/app/echo', { input: [TOKEN] })
    await ask('/v1/data/app/number?strict-builtin-errors=true', { input })
    await ask(`/v1/data/app/${TOKEN}`, { input: {} })
    await ask('/v1/query', { query: `x := "${TOKEN}"` })
    await ask('/v0/data/app/echo', input)
    const { text, records } = await sent()
    for (const piece of TOKEN.split('.')) expect(text).not.toContain(piece)
    expect(records.map(({ path, decision, reason }) => `${path} ${decision} ${reason}`)).toEqual([
      'app/allow allow rego_allow',
      'app/echo deny not_a_decision',
      'app/decision deny forbid',
      'app/fetched deny not_a_decision',
      'app/odd deny not_a_decision',
      'app deny forbid',
      'app/echo deny not_a_decision',
      'app/echo deny not_a_decision',
      'app/echo deny not_a_decision',
    ])
    expect(records[0]).toMatchObject({ action: 'view' })
    const facts = { principal: 'User::"ann"', resource: 'Document::"plan"', action: 'view', tenant: 'acme' }
    const others = { policies: ['apart'], errors: ['p: C'], remedy: 'step-up', tokenId: 'j1', sid: 's1', revision: 7 }
    for (const index of [2, 5]) expect(records[index]).toMatchObject({ ...facts, ...others })
  })

  test('takes nothing from who decides, and nothing that is no secret from the log', async ({ skip }) => {
    const { ask, sent } = await start(await requireOpa(skip))
    expect(await ask('/v1/data/app/echo', { input: { token: TOKEN } })).toMatchObject({ result: { token: TOKEN } })
    await ask('/v1/data/app/allow', { input: { user: 'bob', action: 'view' } })
    await ask('/v1/data/app/none', {})
    const { records } = await sent()
    expect(records).toMatchObject([
      { path: 'app/echo' },
      { path: 'app/allow', decision: 'deny', reason: 'rego_deny', action: 'view' },
      { path: 'app/none', decision: 'deny', reason: 'undefined' },
    ])
  })
})
