// `cardea doctor`, against one `cardea dev`, providers that a test makes, and a proxy that stands in between.

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request as forward, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generateSigningKey, publicJwk, type SignatureAlgorithm } from '@cardea/token'
import { afterAll, describe, expect, it } from 'vitest'
import { developmentFile, startDev } from '../support/dev.ts'
import { freePort, makeProject, writeFiles } from '../support/project.ts'
import { cardea, PLANTED_SECRET, type Result } from '../support/run.ts'

const dev = await startDev({}, { CARDEA_NOTES_SECRET: PLANTED_SECRET })
const AUDIENCE = 'https://notes.example'
await dev.cardea('generate')

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Check {
  readonly level: string
  readonly name: string
  readonly message: string
  readonly code: string | null
  readonly hint: string | null
}

interface Report {
  readonly failures: number
  readonly checks: readonly Check[]
}

async function doctor(
  options: { readonly args?: readonly string[]; readonly env?: Record<string, string>; readonly cwd?: string } = {},
): Promise<Report & { readonly code: number | null; of(name: string): Check | undefined }> {
  const { args = [], env = {}, cwd = dev.cwd } = options
  const run: Result = await cardea(['doctor', '--json', ...args], {
    cwd,
    env: { CARDEA_AUTHORITY_URL: dev.url, ...env },
  })
  expect(run.stdout).not.toContain(PLANTED_SECRET)
  const report = JSON.parse(run.stdout) as Report
  expect(run.code).toBe(report.failures > 0 ? 1 : 0)
  return { ...report, code: run.code, of: (name) => report.checks.find((check) => check.name === name) }
}

/** The configuration of the project, with providers. */
const withProviders = (...providers: readonly object[]): string =>
  JSON.stringify({
    authority: {
      audiences: [{ id: AUDIENCE }],
      clients: [{ id: 'notes', secret: { env: 'CARDEA_NOTES_SECRET' }, roles: ['guard'], audiences: [AUDIENCE] }],
      providers: providers.map((provider) => ({ clients: ['web'], tenants: ['acme'], ...provider })),
    },
  })

async function provider(
  algorithm: SignatureAlgorithm,
  document: (issuer: string) => object = () => ({}),
): Promise<string> {
  const jwk = publicJwk(await generateSigningKey(algorithm))
  const issuer: string = await serve((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url === '/keys') response.end(JSON.stringify({ keys: [jwk, { kty: 'RSA', use: 'enc', kid: 'e' }] }))
    else response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys`, ...document(issuer) }))
  })
  return issuer
}

/** Passes everything on to the authority, but for what it is told to change. */
function proxy(change: (headers: Record<string, unknown>, body: string) => string, buffers = false): Promise<string> {
  return serve((request, response) => {
    const passed = forward(`${dev.url}${request.url ?? ''}`, {
      method: request.method ?? 'GET',
      headers: request.headers,
    })
    passed.on('response', (answer) => {
      const isStream = answer.headers['content-type'] === 'text/event-stream'
      if (isStream && buffers) return
      if (isStream) {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
        return
      }
      void collect(answer)
    })
    async function collect(answer: IncomingMessage): Promise<void> {
      const headers: Record<string, unknown> = { ...answer.headers }
      const body = change(headers, Buffer.concat((await answer.toArray()) as Buffer[]).toString())
      delete headers['content-length']
      delete headers['transfer-encoding']
      response.writeHead(answer.statusCode ?? 500, headers as Record<string, string>)
      response.end(body)
    }
    passed.on('error', () => response.destroy())
    response.on('close', () => passed.destroy())
    request.pipe(passed)
  })
}

const named = (issuer: string) => (_headers: Record<string, unknown>, body: string) => body.replaceAll(dev.url, issuer)

describe.concurrent('cardea doctor', () => {
  it('finds a project in order, in one line a check', async () => {
    await writeFiles(dev.cwd, { 'pinned.json': await (await fetch(`${dev.url}/v1/bundle-keys`)).text() })
    const { code, stdout, stderr } = await dev.cardea('doctor', '--keys', 'pinned.json')
    expect(stderr).toBe('')
    const lines = stdout.trimEnd().split('\n')
    expect(lines.at(-1)).toMatch(/^\d+ ok, \d+ to look at, 0 failed$/)
    expect(lines.slice(0, -1).filter((line) => !/^(?:ok {2}|warn) [a-z].*: /.test(line))).toEqual([])
    const names = lines.filter((line) => line.startsWith('ok')).map((line) => line.slice(5).split(': ')[0])
    for (const name of ['configuration', 'policies', 'generated', 'authority', 'clock', 'issuer', 'token keys'])
      expect(names).toContain(name)
    for (const name of ['bundle keys', 'credentials']) expect(names).toContain(name)
    for (const name of ['feed', 'stream', 'bundle', 'plan', 'policies']) expect(names).toContain(`${name} ${AUDIENCE}`)
    expect(code).toBe(0)
  })

  it('warns of bundle keys that nobody compared, and fails for those of another authority', async () => {
    const stranger = publicJwk(await generateSigningKey('ES256', { kid: 'stranger' }))
    await writeFiles(dev.cwd, { 'stranger.json': JSON.stringify({ keys: [stranger] }) })
    expect((await doctor()).of('bundle keys')).toMatchObject({ level: 'warn', code: 'ERR_COMMAND_KEYS' })
    const report = await doctor({ args: ['--keys', 'stranger.json'] })
    expect(report.of('bundle keys')).toMatchObject({ level: 'FAIL', code: 'ERR_COMMAND_KEYS' })
    expect(report.of(`bundle ${AUDIENCE}`)).toMatchObject({ level: 'FAIL', code: 'ERR_FEED_BUNDLE_SIGNATURE' })
  })

  it('names an authority that is not there, and goes no further', async () => {
    const { checks } = await doctor({ env: { CARDEA_AUTHORITY_URL: `http://127.0.0.1:${await freePort()}` } })
    expect(checks.at(-1)).toMatchObject({ level: 'FAIL', name: 'authority', code: 'ERR_COMMAND_AUTHORITY' })
    expect(checks.at(-1)?.message).toContain('ECONNREFUSED')
  })

  it('names an address that would carry secrets in the clear', async () => {
    const report = await doctor({ env: { CARDEA_AUTHORITY_URL: 'http://authority.example' } })
    expect(report.failures).toBeGreaterThan(0)
    expect(report.of('configuration')).toMatchObject({ level: 'FAIL', code: 'ERR_AUTHORITY_CONFIG' })
    expect(report.of('authority')).toMatchObject({ level: 'FAIL', code: 'ERR_COMMAND_CONFIG' })
  })

  it('sends no secret to whoever names another issuer', async () => {
    let asked = ''
    const url = await serve((request, response) => {
      asked += `${request.url ?? ''}\n`
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ issuer: `${dev.url}/`, access_token: 'x' }))
    })
    const { checks } = await doctor({
      env: { CARDEA_AUTHORITY_URL: url, CARDEA_CLIENT_ID: 'notes', CARDEA_CLIENT_SECRET: PLANTED_SECRET },
    })
    expect(checks.at(-1)).toMatchObject({ level: 'FAIL', name: 'issuer', code: 'ERR_TOKEN_ISSUER' })
    expect(asked).toBe('/.well-known/oauth-authorization-server\n')
  })

  it.each([
    ['slow', -95, 'FAIL', /^this clock is 1 min 3[456] s ahead of the authority's$/],
    ['fast', 5, 'warn', /^this clock is [456] s behind the authority's$/],
  ])('names the distance to a clock that is %s', async (_name, seconds, level, message) => {
    const url: string = await proxy((headers, body) => {
      headers['date'] = new Date(Date.now() + seconds * 1000).toUTCString()
      return named(url)(headers, body)
    })
    const clock = (await doctor({ env: { CARDEA_AUTHORITY_URL: url } })).of('clock')
    expect(clock).toMatchObject({ level, code: 'ERR_COMMAND_CLOCK', message: expect.stringMatching(message) })
  })

  it('notices a proxy that holds the stream back', async () => {
    const url: string = await proxy((headers, body) => named(url)(headers, body), true)
    const admin = JSON.parse(await readFile(developmentFile(dev.cwd, 'admin.json'), 'utf8')) as Record<string, string>
    const report = await doctor({
      env: {
        CARDEA_AUTHORITY_URL: url,
        CARDEA_CLIENT_ID: admin['id'] ?? '',
        CARDEA_CLIENT_SECRET: admin['secret'] ?? '',
      },
    })
    // what the proxy shows is not the issuer of the tokens that come through it
    expect(report.of(`stream ${AUDIENCE}`) ?? report.of(`feed ${AUDIENCE}`)).toMatchObject({ level: 'warn' })
  })

  it('names credentials that are wrong, and does not show them', async () => {
    const report = await doctor({ env: { CARDEA_CLIENT_ID: 'notes', CARDEA_CLIENT_SECRET: 'not the secret' } })
    expect(report.of('credentials')).toMatchObject({ level: 'FAIL', code: 'ERR_COMMAND_AUTHORITY' })
    expect(JSON.stringify(report)).not.toContain('not the secret')
  })

  it("follows with a guard's credentials what the guard follows", async () => {
    const report = await doctor({ env: { CARDEA_CLIENT_ID: 'notes', CARDEA_CLIENT_SECRET: PLANTED_SECRET } })
    expect(report.of(`feed ${AUDIENCE}`)).toMatchObject({ level: 'ok' })
  })

  it('looks at each provider: discovery, key set, algorithms', async () => {
    const [good, slash, wrong, says] = await Promise.all([
      provider('ES256'),
      provider('ES256', (issuer) => ({ issuer: `${issuer}/` })),
      provider('EdDSA'),
      provider('ES256', () => ({ id_token_signing_alg_values_supported: ['HS256', '\u001b[2J'] })),
    ])
    const nowhere = `http://127.0.0.1:${await freePort()}`
    const issuers = [good, slash, wrong, says, nowhere]
    const cwd = await makeProject()
    await writeFiles(cwd, { 'p.json': withProviders(...issuers.map((issuer) => ({ issuer }))) })
    const env = { CARDEA_NOTES_SECRET: PLANTED_SECRET }
    const report = await doctor({ cwd, args: ['-c', 'p.json'], env })
    const of = (issuer: string): Check | undefined => report.of(`provider ${issuer}`)
    // no `key`: `cardea serve` would not start with it
    expect(report.of('configuration')).toMatchObject({ level: 'FAIL', code: 'ERR_AUTHORITY_CONFIG' })
    expect(of(good)).toMatchObject({ level: 'ok', message: 'discovered, 1 of 2 keys usable' })
    expect(of(slash)).toMatchObject({ level: 'FAIL', code: 'ERR_AUTHORITY_ISSUER_UNKNOWN' })
    expect(of(slash)?.message).toContain('names another issuer')
    expect(of(wrong)).toMatchObject({ level: 'FAIL', code: 'ERR_TOKEN_ALGORITHM' })
    expect(of(says)?.message).toContain('signs with HS256, \\u001b[2J')
    expect(of(nowhere)?.message).toContain('ECONNREFUSED')
  })

  it('names what is wrong with the files, and checks the rest', async () => {
    const cwd = await makeProject({ 'policy/x.cedar': 'permit(' })
    const report = await doctor({ cwd })
    expect(report.of('policies')).toMatchObject({ level: 'FAIL', hint: '`cardea check` shows every place' })
    const broken = await makeProject({ 'cardea.config.ts': 'export default { nonsense: 1 }' })
    expect((await doctor({ cwd: broken })).checks).toMatchObject([{ level: 'FAIL', code: 'ERR_COMMAND_CONFIG' }])
  })

  it('says when other policies are published than these, and what tokens would lack', async () => {
    const cwd = await makeProject()
    await writeFiles(cwd, {
      'policy/more.cedar':
        '@id("by-name") permit (principal in ?principal, action == Action::"edit", resource in ?resource);',
    })
    const admin = JSON.parse(await readFile(developmentFile(dev.cwd, 'admin.json'), 'utf8')) as Record<string, string>
    const report = await doctor({
      cwd,
      env: { CARDEA_CLIENT_ID: admin['id'] ?? '', CARDEA_CLIENT_SECRET: admin['secret'] ?? '' },
    })
    expect(report.of(`policies ${AUDIENCE}`)).toMatchObject({ level: 'warn' })
    expect(report.of(`plan ${AUDIENCE}`)).toMatchObject({ level: 'FAIL', code: 'ERR_CLAIMS_PLAN' })
    expect(report.of(`plan ${AUDIENCE}`)?.message).toContain('template by-name')
  })
})
