// Token, grant, revoke, keys, publish and log, against one `cardea dev`.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { startDev } from '../support/dev.ts'
import { makeFolder, makeProject, writeFiles } from '../support/project.ts'
import { cardea, errorOf, PLANTED_SECRET, type Result } from '../support/run.ts'

// each test starts several processes, and all of them at once
vi.setConfig({ testTimeout: 60_000 })
const dev = await startDev()

interface Shown {
  readonly header: { readonly kid: string; readonly alg: string }
  readonly claims: Readonly<Record<string, unknown>> & { readonly sid: string; readonly jti: string }
  readonly authorization_details: readonly object[]
}

const tokenOf = async (user: string, ...more: string[]): Promise<string> => {
  const { code, stdout, stderr } = await dev.cardea('token', '--as', user, ...more)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.trim()
}

async function show(token: string): Promise<Shown> {
  const { stdout } = await cardea(['token', 'inspect', '-', '--json'], { cwd: dev.cwd, input: `${token}\n` })
  return JSON.parse(stdout) as Shown
}

/** A command that the authority or this client refuses: one line, no stack. */
async function refused(...args: readonly string[]): Promise<string> {
  const result = await dev.cardea(...args)
  const { code, text } = errorOf(result)
  expect({ code, stdout: result.stdout }).toEqual({ code: 1, stdout: '' })
  return text
}

describe.concurrent('cardea token', () => {
  it("signs a test user in, with the client's word for the second factor", async () => {
    const [plain, mfa] = await Promise.all([tokenOf('ann').then(show), tokenOf('ann', '--mfa').then(show)])
    expect(plain.claims).toMatchObject({ iss: dev.url, sub: 'ann', aud: 'https://notes.example', acr: 'pwd' })
    expect(mfa.claims).toMatchObject({ sub: 'ann', acr: 'mfa', amr: ['pwd', 'otp'] })
  })

  it('prints JSON', async () => {
    const answer = await dev.json('token', '--as', 'bob')
    expect(answer).toEqual({ access_token: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/) })
  })

  it('gets a token for its own client', async () => {
    const { stdout } = await dev.cardea('token')
    expect((await show(stdout.trim())).claims).toMatchObject({ sub: 'development-admin', aud: dev.url })
  })

  it('explains one by the configuration and the policies here, with nothing to refuse', async () => {
    const token = await tokenOf('ann')
    await writeFiles(dev.cwd, { 'token.txt': `${token}\n` })
    const { code, stdout, stderr } = await dev.cardea('token', 'inspect', '@token.txt')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`access token, ${token.length} bytes, NOT VERIFIED`)
    expect(stdout).toMatch(/^ {2}claims plan +plan +[\w-]{22} \(known\)$/m)
    expect(stdout).toMatch(/^ {2}ends +exp +\S+Z \((?:4 min \d+ s|5 min|4 min) left\)$/m)
    expect(stdout).toContain('nothing of what was checked would be refused')
    expect(stdout).not.toContain(token.split('.')[2])
  })

  it('verifies one with the key set of the authority', async () => {
    const jwks = await (await fetch(`${dev.url}/jwks`)).text()
    await writeFiles(dev.cwd, { 'jwks.json': jwks, 'verified.txt': await tokenOf('ann') })
    const { stdout } = await dev.cardea('token', 'inspect', '@verified.txt', '--jwks', 'jwks.json')
    expect(stdout).toContain('bytes, signature verified')
  })

  it.each([
    ['a user that there is not', ['--as', 'nobody'], 'there is no test user `nobody`'],
    ['an audience that there is not', ['--as', 'ann', '--audience', 'https://other.example'], 'ERR_AUTHORITY_TARGET'],
  ])('refuses %s', async (_name, args, expected) => {
    expect(await refused('token', ...args)).toContain(expected)
  })

  it('refuses what is no token', async () => {
    await writeFiles(dev.cwd, { 'none.txt': 'none' })
    expect(await refused('token', 'inspect', '@none.txt')).toContain('(ERR_TOKEN_PARTS)')
    expect(await refused('token', 'inspect', '@nowhere.txt')).toContain(
      '`nowhere.txt` does not exist (ERR_COMMAND_FILE)',
    )
  })

  it('signs nobody in where no `cardea dev` runs', async () => {
    const result = await cardea(['token', '--as', 'ann'], { cwd: await makeProject() })
    expect(errorOf(result)).toMatchObject({
      code: 1,
      text: expect.stringContaining('a `cardea dev` that runs in this'),
    })
  })

  it('asks for the audience where there are several', async () => {
    const audiences = [{ id: 'https://a.example' }, { id: 'https://b.example' }]
    await writeFiles(dev.cwd, { 'two.json': JSON.stringify({ authority: { audiences } }) })
    const text = await refused('token', '--as', 'ann', '-c', 'two.json')
    expect(text).toMatch(/\(ERR_COMMAND_USAGE\)\nhint {2}--audience https:\/\/a\.example \| https:\/\/b\.example\n$/)
  })
})

describe.concurrent('cardea grant', () => {
  const add = (resource: string, ...more: string[]) =>
    dev.json('grant', 'add', 'viewer', 'User::"bob"', `Note::"${resource}"`, '--tenant', 'acme', ...more)

  it('gives, lists and takes back', async () => {
    const note = randomUUID()
    const { id } = (await add(note, '--until', '8h')) as { id: string }
    const { stdout: table } = await dev.cardea('grant', 'list', '--tenant', 'acme')
    expect(table).toMatch(/^id +tenant +template +grantee +resource +until$/m)
    const row = table.split('\n').find((line) => line.startsWith(id))
    expect(row).toMatch(new RegExp(`^${id} +acme +viewer +User::"bob" +Note::"${note}" +\\d{4}-\\d\\d-\\d\\dT`))
    expect((await show(await tokenOf('bob'))).authorization_details).toContainEqual(
      expect.objectContaining({ type: expect.any(String) }),
    )

    expect(await dev.cardea('grant', 'remove', id)).toEqual({ code: 0, stdout: `took back ${id}\n`, stderr: '' })
    const { grants } = (await dev.json('grant', 'list')) as { grants: { id: string }[] }
    expect(grants.map((grant) => grant.id)).not.toContain(id)
  })

  it('says what it gave', async () => {
    const words = ['viewer', 'User::"bob"', 'Note::"said"', '--tenant', 'acme']
    const { code, stdout } = await dev.cardea('grant', 'add', ...words)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^granted viewer on Note::"said" to User::"bob" \([\w-]+\)\n$/)
  })

  it.each([
    ['a grantee that is none', ['viewer', 'bob', 'Note::"a"', '--tenant', 'acme'], '`bob` is not an entity'],
    [
      'a template that is none',
      ['none', 'User::"bob"', 'Note::"a"', '--tenant', 'acme'],
      'ERR_AUTHORITY_GRANT_TEMPLATE',
    ],
    ['a tenant that is none', ['viewer', 'User::"bob"', 'Note::"a"', '--tenant', 'none'], '422'],
    [
      'a time that is none',
      ['viewer', 'User::"bob"', 'Note::"a"', '--tenant', 'acme', '--until', 'tomorrow'],
      '`tomorrow` is not a time (ERR_COMMAND_USAGE)\nhint',
    ],
  ])('refuses %s', async (_name, args, expected) => {
    expect(await refused('grant', 'add', ...args)).toContain(expected)
  })

  it('refuses to take back what was never given', async () => {
    expect(await refused('grant', 'remove', randomUUID())).toContain('(404 ERR_AUTHORITY_NOT_FOUND)')
  })
})

describe.concurrent('cardea revoke', () => {
  /** A position of the log; each revocation has a later one. */
  const POSITION = { position: { epoch: expect.any(String), seq: expect.any(Number) } }

  it('ends a session of a token, and says how long that took', async () => {
    const { claims } = await show(await tokenOf('ann'))
    const { code, stdout } = await dev.cardea('revoke', '--session', claims.sid)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^revoked in \d+ ms\n$/)
  })

  it.each([
    ['a token', ['--token', 'some-jti']],
    ["another issuer's token", ['--token', 'some-jti', '--issuer', 'https://idp.example']],
    ['a session', ['--session', 'some-sid']],
    ['a principal', ['--principal', 'mallory', '--tenant', 'acme']],
    ['a tenant', ['--tenant', 'old-tenant']],
    ['a client', ['--client', 'old-client']],
  ])('revokes %s', async (_name, args) => {
    expect(await dev.json('revoke', ...args)).toMatchObject(POSITION)
  })

  it('takes a grant back', async () => {
    const { id } = (await dev.json('grant', 'add', 'viewer', 'User::"bob"', 'Note::"r"', '--tenant', 'acme')) as {
      id: string
    }
    expect(await dev.json('revoke', '--grant', id)).toMatchObject(POSITION)
    expect(await refused('revoke', '--grant', id)).toContain('(404 ')
  })

  it.each([
    ['nothing', [], 'name exactly one thing to revoke'],
    ['two things', ['--session', 'a', '--client', 'b'], 'name exactly one thing to revoke'],
    ['a session of a tenant', ['--session', 'a', '--tenant', 'b'], 'name exactly one thing to revoke'],
    ['a grant and a session', ['--grant', 'a', '--session', 'b'], 'name exactly one thing to revoke'],
    ['all and a tenant', ['--all', '--tenant', 'b'], 'name exactly one thing to revoke'],
    ['a principal of no tenant', ['--principal', 'ann'], 'a principal belongs to a tenant'],
    ['an issuer of no token', ['--session', 'a', '--issuer', 'https://a.example'], '--issuer belongs to --token'],
  ])('refuses %s', async (_name, args, expected) => {
    expect(await refused('revoke', ...args)).toContain(`error ${expected} (ERR_COMMAND_USAGE)\nhint`)
  })

  it('refuses a token in the place of its id, and does not repeat it', async () => {
    const text = await refused('revoke', '--token', await tokenOf('ann'))
    expect(text).toContain('--token takes the id of a token')
  })
})

describe('cardea keys', () => {
  const states = async (use: string): Promise<Record<string, string[]>> => {
    const { keys } = (await dev.json('keys', 'list')) as { keys: { kid: string; use: string; state: string }[] }
    const groups = Object.groupBy(
      keys.filter((key) => key.use === use),
      ({ state }) => state,
    )
    return Object.fromEntries(Object.entries(groups).map(([state, group = []]) => [state, group.map(({ kid }) => kid)]))
  }

  it('refuses to rotate to a key that verifiers may not know yet', async () => {
    const text = await refused('keys', 'rotate')
    expect(text).toContain('ERR_AUTHORITY_KEY_YOUNG')
    expect(text).toContain('--now')
  })

  it('seals anew what is sealed under an earlier key, which is nothing here', async () => {
    expect(await dev.cardea('keys', 'reseal')).toMatchObject({ code: 0, stdout: 'sealed 0 keys anew\n' })
  })

  it.each(['access', 'bundle'])('rotates: the pending %s key signs, the old one still verifies', async (use) => {
    const before = await states(use)
    expect(await dev.cardea('keys', 'rotate', '--use', use, '--now')).toMatchObject({
      code: 0,
      stdout:
        use === 'access'
          ? expect.stringMatching(/^rotated: the pending key signs now\nit was published \d+ seconds? ago: /)
          : 'rotated: the pending key signs now\n',
    })
    const after = await states(use)
    expect(after['active']).toEqual(before['pending'])
    expect(after['retiring']).toEqual(expect.arrayContaining(before['active'] ?? ['none']))
    if (use === 'access') expect((await show(await tokenOf('ann'))).header.kid).toBe(after['active']?.[0])
  })

  it('kills one, and the next token has another', async () => {
    const { header } = await show(await tokenOf('ann'))
    expect(await dev.cardea('keys', 'kill', header.kid)).toMatchObject({ code: 0, stdout: `killed ${header.kid}\n` })
    expect((await states('access'))['active']).not.toContain(header.kid)
    expect((await show(await tokenOf('ann'))).header.kid).not.toBe(header.kid)
    expect(await refused('keys', 'kill', header.kid)).toMatch(/\(4\d\d ERR_AUTHORITY_/)
  })

  it('refuses to kill what is no key', async () => {
    expect(await refused('keys', 'kill', 'none')).toMatch(/\(404 |\(409 /)
  })

  it('lists no private part', async () => {
    const { stdout } = await dev.cardea('keys', 'list', '--json')
    expect(stdout).not.toMatch(/"d"|sealed|private/i)
  })
})

describe('cardea publish', () => {
  it('publishes, and only from the revision that it was made from', async () => {
    const { revision } = (await dev.json('publish')) as { revision: number }
    expect(await dev.cardea('publish', '--if-revision', String(revision))).toMatchObject({
      code: 0,
      stdout: `published revision ${revision + 1}\n`,
    })
    const stale = await refused('publish', '--if-revision', String(revision))
    expect(stale).toContain('(412 ERR_AUTHORITY_POLICY_REVISION)')
  })

  it('says when a revision waits for tokens to know what it reads, and --now does not wait', async () => {
    const cwd = await makeProject({
      'policy/more.cedar': '@id("outsider") forbid (principal, action, resource) when { principal.outsider };\n',
    })
    const schema = 'entity User {\n  outsider: Bool,\n'
    const text = await readFile(`${cwd}/policy/schema.cedarschema`, 'utf8')
    await writeFiles(cwd, { 'policy/schema.cedarschema': text.replace('entity User {\n', schema) })
    const credentials = (await readFile(`${dev.cwd}/.cardea/admin.json`, 'utf8')).trim()
    const { id, secret } = JSON.parse(credentials) as { id: string; secret: string }
    const env = { CARDEA_AUTHORITY_URL: dev.url, CARDEA_CLIENT_ID: id, CARDEA_CLIENT_SECRET: secret }
    const staged = await cardea(['publish'], { cwd, env })
    expect(staged).toMatchObject({ code: 0, stdout: expect.stringMatching(/^staged revision \d+: active at 20\d\d-/) })
    const now = await cardea(['publish', '--now'], { cwd, env })
    expect(now).toMatchObject({ code: 0, stdout: expect.stringMatching(/^published revision \d+\n$/) })
    expect(await dev.cardea('publish', '--now')).toMatchObject({ code: 0 })
  })

  it('sends nothing that has errors', async () => {
    const cwd = await makeProject({ 'policy/more.cedar': 'permit (principal, action, resource) when { 1 };' })
    const result = await cardea(['publish'], { cwd, env: { CARDEA_AUTHORITY_URL: dev.url } })
    expect(result.stdout).toMatch(/^policy\/more\.cedar:1:/m)
    expect(errorOf(result)).toMatchObject({ code: 1, text: expect.stringContaining('(ERR_COMMAND_POLICY)') })
  })

  it('shows code frames of what only the authority refuses', async () => {
    const problem = { frame: 'policies.cedar:1:1: error: \u001b[31mno [X]\n  1 | permit', message: 'no' }
    const body = { title: 'the policy has problems', code: 'ERR_AUTHORITY_POLICY_PROBLEMS', problems: [problem] }
    await withServer(
      (request, response) => {
        const isToken = request.url === '/token'
        const isCurrent = request.url === '/v1/policies/current'
        response.writeHead(isToken || isCurrent ? 200 : 422)
        response.end(JSON.stringify(isToken ? { access_token: 't' } : isCurrent ? { revision: 1 } : body))
      },
      async (env) => {
        const { code, text } = errorOf(await cardea(['publish'], { cwd: await makeProject(), env }))
        expect(code).toBe(1)
        expect(text).toContain('policies.cedar:1:1: error: \\u001b[31mno [X]\n  1 | permit\n')
        expect(text).toContain('the authority refused: the policy has problems (422 ERR_AUTHORITY_POLICY_PROBLEMS)')
      },
    )
  })
})

describe.concurrent('cardea log', () => {
  it('shows decisions, and denials by cause', async () => {
    await dev.cardea('token', '--as', 'ann', '--audience', 'https://other.example')
    const { code, stdout } = await dev.cardea('log')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^time +decision +reason +action +principal +resource +because +correlation$/m)
    expect(stdout).toMatch(/ allow +permit +obtainToken +User::"ann" /)
    const denied = await dev.cardea('log', '--denied')
    expect(denied.stdout).toMatch(/^denials by cause\ncount +reason +action +because\n/)
    expect(denied.stdout).not.toMatch(/ allow /)
  })

  it('shows what of a binding did not fit', async () => {
    const record = { at: '2027-01-15T08:00:00.000Z', decision: 'allow', reason: 'permit', correlation: 'c' }
    const records = [
      { ...record, mismatches: ['key', 'address'] },
      { ...record, decision: 'deny', reason: 'binding', mismatches: ['tenant'], repeats: 4 },
      record,
    ]
    await withServer(
      (request, response) => {
        response.end(JSON.stringify(request.url === '/token' ? { access_token: 't' } : { records, groups: [] }))
      },
      async (env) => {
        const { code, stdout } = await cardea(['log'], { cwd: await makeProject(), env })
        expect(code).toBe(0)
        expect(stdout).toMatch(/ permit \(key mismatch, address mismatch\) /)
        expect(stdout).toMatch(/ binding \(tenant mismatch, 5 times\) /)
        expect(stdout).toMatch(/ permit +c$/m)
      },
    )
  })

  it('shows no more than it is asked for', async () => {
    const { records } = (await dev.json('log', '--limit', '2')) as { records: { at: string }[] }
    expect(records).toHaveLength(2)
    expect(await dev.json('log', '--since', '2999-01-01T00:00:00Z')).toMatchObject({ records: [] })
    expect(await dev.json('log', '--since', '1h', '--limit', '1')).toMatchObject({ records: [expect.anything()] })
  })

  it.each([
    ['a time that is none', ['--since', 'yesterday'], '(ERR_COMMAND_USAGE)'],
    ['more than there may be', ['--limit', '100000'], '(400 ERR_AUTHORITY_REQUEST)'],
  ])('refuses %s', async (_name, args, expected) => {
    expect(await refused('log', ...args)).toContain(expected)
  })

  it('holds no token and no secret', async () => {
    const { stdout } = await dev.cardea('log', '--limit', '1000', '--json')
    expect(stdout).not.toMatch(/eyJ[\w-]{8,}/)
  })
})

const EVERY_COMMAND: readonly (readonly string[])[] = [
  ['token'],
  ['grant', 'list'],
  ['revoke', '--session', 'x'],
  ['keys', 'list'],
  ['publish'],
  ['log'],
]

const CREDENTIALS = { CARDEA_CLIENT_ID: 'admin', CARDEA_CLIENT_SECRET: PLANTED_SECRET }

describe.concurrent('an authority that', () => {
  const run = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<Result> =>
    cardea(args, { cwd: await makeProject(), env: { ...CREDENTIALS, ...env } })

  it.each(EVERY_COMMAND.map((args) => [args]))('does not run: %j says so', async (args) => {
    // held by somebody who answers nobody: a port that is merely free may be another test's by then
    const server = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const said = errorOf(await run(args, { CARDEA_AUTHORITY_URL: url }))
    server.close()
    expect(said).toEqual({
      code: 1,
      text: `error the authority at ${url} cannot be reached (ERR_COMMAND_AUTHORITY)\nhint  is it running? start one with \`cardea dev\` or \`cardea serve\`, or set CARDEA_AUTHORITY_URL\n`,
    })
  })

  it('does not know the client says so', async () => {
    const { code, text } = errorOf(await run(['keys', 'list'], { CARDEA_AUTHORITY_URL: dev.url }))
    expect(code).toBe(1)
    expect(text).toMatch(
      /^error the authority refused: .* \(401 ERR_AUTHORITY_CLIENT\) \(ERR_COMMAND_AUTHORITY\)\nhint/,
    )
  })

  it.each([
    ['answers with a page', 200, '<html>eyJhbGciOiJFUzI1NiJ9.e30.c2ln</html>', 'is no authority'],
    ['answers with other JSON', 200, '{"access_token": 5}', 'is no authority'],
    ['fails', 500, 'down', 'the authority refused: no reason given (500)'],
    ['sends elsewhere', 302, '', 'cannot be reached'],
  ])('%s is none', async (_name, status, body, expected) => {
    await withServer(
      (_request, response) => {
        response.writeHead(status, { location: 'https://elsewhere.example' })
        response.end(body)
      },
      async (env) => {
        const { code, text } = errorOf(await run(['keys', 'list'], env))
        expect(code).toBe(1)
        expect(text).toContain(expected)
        expect(text).toContain('(ERR_COMMAND_AUTHORITY)')
      },
    )
  })

  it('would get a secret in the clear gets none', async () => {
    const { code, text } = errorOf(await run(['keys', 'list'], { CARDEA_AUTHORITY_URL: 'http://authority.example' }))
    expect({ code, text }).toEqual({
      code: 1,
      text: 'error secrets would travel in the clear to http://authority.example (ERR_COMMAND_CONFIG)\nhint  use an https address, or one on loopback\n',
    })
  })
})

describe.concurrent('credentials', () => {
  it('come from the environment or from a file that it names', async () => {
    const cwd = await makeProject({ 'secret.txt': `${PLANTED_SECRET}\n` })
    const env = { CARDEA_AUTHORITY_URL: dev.url, CARDEA_CLIENT_ID: 'admin', CARDEA_CLIENT_SECRET_FILE: 'secret.txt' }
    expect(errorOf(await cardea(['keys', 'list'], { cwd, env })).text).toContain('401 ERR_AUTHORITY_CLIENT')
    const missing = await cardea(['keys', 'list'], { cwd, env: { ...env, CARDEA_CLIENT_SECRET_FILE: 'none.txt' } })
    expect(errorOf(missing).text).toContain('the secret file `none.txt` cannot be read (ERR_COMMAND_FILE)')
  })

  it.each([
    [
      'are missing',
      {},
      'there are no credentials for the authority at',
      'set CARDEA_CLIENT_ID and CARDEA_CLIENT_SECRET',
    ],
    ['lack the secret', { CARDEA_CLIENT_ID: 'a' }, 'are incomplete', 'set CARDEA_CLIENT_SECRET'],
    ['lack the id', { CARDEA_CLIENT_SECRET: PLANTED_SECRET }, 'are incomplete', 'set CARDEA_CLIENT_ID'],
  ])('that %s are missed', async (_name, env, expected, hint) => {
    const { code, text } = errorOf(await cardea(['keys', 'list'], { cwd: await makeFolder(), env }))
    expect(code).toBe(1)
    expect(text).toContain(expected)
    expect(text).toContain(`hint  ${hint}`)
  })

  it('of `cardea dev` go to no other authority', async () => {
    const { code, text } = errorOf(
      await cardea(['keys', 'list'], { cwd: dev.cwd, env: { CARDEA_AUTHORITY_URL: 'https://authority.example' } }),
    )
    expect(code).toBe(1)
    expect(text).toContain('there are no credentials for the authority at https://authority.example')
    expect(text).toContain(`the \`cardea dev\` of this folder is at ${dev.url}`)
  })

  it('of `cardea dev` that were changed are not shown', async () => {
    const cwd = await makeProject({ '.cardea/admin.json': `{"id":"a","secret":${PLANTED_SECRET}` })
    const { code, text } = errorOf(await cardea(['keys', 'list'], { cwd }))
    expect(code).toBe(1)
    expect(text).toContain('is not what `cardea dev` wrote (ERR_COMMAND_FILE)\nhint')
  })
})

/** Runs something while a server on loopback answers in the place of an authority. */
async function withServer(
  listener: RequestListener,
  body: (env: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  try {
    await body({ ...CREDENTIALS, CARDEA_AUTHORITY_URL: `http://127.0.0.1:${port}` })
  } finally {
    server.close()
    server.closeAllConnections()
  }
}
