// `cardea serve`: the first administrator, a start from a configuration, an end on a signal.

import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { openWorkshop, send, thumbprintOf } from '../../../authority/test/certificates.ts'
import { type Files, freePort, makeFolder, makeProject, writeFiles } from '../support/project.ts'
import { cardea, errorOf, PLANTED_SECRET, type Result, start } from '../support/run.ts'

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 })

const KEY = randomBytes(32).toString('base64')
const SECRET = randomBytes(32).toString('base64url')

/** What a deployment has: an encryption key in a file, the secret of a guard in the environment. */
async function makeDeployment(files: Files = {}) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const authority = {
    url,
    store: 'data/authority.sqlite',
    key: { file: 'key.txt' },
    audiences: [{ id: 'https://notes.example' }],
    clients: [{ id: 'notes', secret: { env: 'NOTES_SECRET' }, roles: ['guard'], audiences: ['https://notes.example'] }],
  }
  const cwd = await makeProject({
    'cardea.config.json': JSON.stringify({ authority }),
    'key.txt': `${KEY}\n`,
    ...files,
  })
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> =>
    cardea([...args, '-c', 'cardea.config.json'], {
      cwd,
      env: { NODE_ENV: 'production', NOTES_SECRET: SECRET, ...env },
    })
  return { cwd, url, run }
}

/** The lines that `--init` prints, as an environment. */
function credentialsIn({ stdout }: Result): Readonly<Record<string, string>> {
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string]),
  )
}

describe.concurrent('cardea serve --init', () => {
  it('prints the secret of the first administrator once', async () => {
    const { run } = await makeDeployment()
    const first = await run(['serve', '--init'])
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/^CARDEA_CLIENT_ID=admin\nCARDEA_CLIENT_SECRET=[\w-]{43}\n$/)
    expect(first.stderr).toContain('printed once')
    const { CARDEA_CLIENT_SECRET: secret = '' } = credentialsIn(first)

    const second = await run(['serve', '--init'])
    const { code, text } = errorOf(second)
    expect({ code, stdout: second.stdout }).toEqual({ code: 1, stdout: '' })
    expect(text).toMatch(/^error .* \(ERR_AUTHORITY_INITIALISED\)\nhint /)
    expect(text).not.toContain(secret)

    const recovered = await run(['serve', '--init', '--recover'])
    expect(recovered.code).toBe(0)
    expect(credentialsIn(recovered)['CARDEA_CLIENT_SECRET']).not.toBe(secret)
  })
})

describe.concurrent('cardea serve', () => {
  it('runs from its configuration in production, for its administrator, until it is told to stop', async () => {
    const { cwd, url, run } = await makeDeployment()
    const admin = credentialsIn(await run(['serve', '--init']))
    const env = { NODE_ENV: 'production', NOTES_SECRET: SECRET }
    const running = start(['serve', '-c', 'cardea.config.json'], { cwd, env })
    expect(await running.printed(/listens on .*\n/)).toContain(`authority ${url} listens on ${url}, store ${cwd}/data/`)

    expect(await run(['publish'], admin)).toMatchObject({ code: 0, stdout: 'published revision 1\n' })
    expect(await run(['keys', 'list'], admin)).toMatchObject({ code: 0, stdout: expect.stringContaining('active') })
    const wrong = errorOf(await run(['keys', 'list'], { ...admin, CARDEA_CLIENT_SECRET: PLANTED_SECRET }))
    expect(wrong).toMatchObject({
      code: 1,
      text: expect.stringMatching(/^error the authority refused: .*\(401 ERR_AUTHORITY_CLIENT\)/),
    })

    // the route of development is not there
    const signIn = await fetch(`${url}/development/token`, { method: 'POST', body: '{}' })
    expect(signIn.status).toBe(404)

    const ended = await running.stop('SIGTERM')
    expect(ended.code).toBe(0)
    for (const secret of [KEY, SECRET, admin['CARDEA_CLIENT_SECRET'] ?? KEY]) {
      expect(`${ended.stdout}${ended.stderr}`).not.toContain(secret)
    }
  })

  it('changes its encryption key: both for one start, `keys reseal`, and then the new one alone', async () => {
    const { cwd, run } = await makeDeployment()
    const admin = credentialsIn(await run(['serve', '--init']))
    const env = { NODE_ENV: 'production', NOTES_SECRET: SECRET, NEW_KEY: randomBytes(32).toString('base64') }
    const serving = async (work: () => Promise<void>): Promise<void> => {
      const running = start(['serve', '-c', 'cardea.config.json'], { cwd, env })
      await running.printed(/listens on/)
      await work()
      expect(await running.stop()).toMatchObject({ code: 0 })
    }
    const { authority } = JSON.parse(await readFile(join(cwd, 'cardea.config.json'), 'utf8'))
    const configure = (changes: object): Promise<void> =>
      writeFiles(cwd, { 'cardea.config.json': JSON.stringify({ authority: { ...authority, ...changes } }) })
    await serving(async () => {})

    await configure({ key: { env: 'NEW_KEY' }, previousKeys: [{ file: 'key.txt' }] })
    await serving(async () => {
      expect(await run(['keys', 'reseal'], admin)).toMatchObject({ code: 0, stdout: 'sealed 6 keys anew\n' })
    })
    await configure({ key: { env: 'NEW_KEY' } })
    await serving(async () => {
      expect(await run(['keys', 'reseal'], admin)).toMatchObject({ code: 0, stdout: 'sealed 0 keys anew\n' })
    })
    await configure({})
    expect(errorOf(await run(['serve'], env)).text).toContain('ERR_AUTHORITY_KEY_SEALED')
  })

  it('takes --url over the environment over the file, and --store as well', async () => {
    const { cwd } = await makeDeployment()
    const flag = `http://127.0.0.1:${await freePort()}`
    const env = { NOTES_SECRET: SECRET, CARDEA_AUTHORITY_URL: 'http://127.0.0.1:1', CARDEA_STORE: 'environment.sqlite' }
    const args = ['serve', '-c', 'cardea.config.json', '--url', flag]
    const running = start([...args, '--store', 'flag.sqlite'], { cwd, env })
    expect(await running.printed(/listens on/)).toContain(
      `authority ${flag} listens on ${flag}, store ${cwd}/flag.sqlite`,
    )
    expect(await running.stop()).toMatchObject({ code: 0 })
  })

  it('listens behind a proxy where CARDEA_PORT says', async () => {
    const { cwd } = await makeDeployment()
    const port = String(await freePort())
    const env = { NOTES_SECRET: SECRET, CARDEA_PORT: port, CARDEA_AUTHORITY_URL: 'https://authority.example' }
    const running = start(['serve', '-c', 'cardea.config.json'], { cwd, env })
    expect(await running.printed(/listens on/)).toContain(
      `authority https://authority.example listens on http://127.0.0.1:${port}`,
    )
    expect(await running.stop('SIGINT')).toMatchObject({ code: 0 })
  })

  it('speaks TLS itself, with files beside its configuration, and takes a client by its certificate', async () => {
    const workshop = openWorkshop()
    const client = workshop.selfSigned('/CN=notes')
    const url = `https://localhost:${await freePort()}`
    const authority = {
      url,
      key: { file: 'key.txt' },
      tls: { certFile: 'tls/cert.pem', keyFile: 'tls/key.pem' },
      clients: [{ id: 'notes', certificates: [thumbprintOf(client)], roles: ['guard'] }],
    }
    const { cwd } = await makeDeployment({
      'cardea.config.json': JSON.stringify({ authority }),
      'tls/cert.pem': await readFile(workshop.files.certFile, 'utf8'),
      'tls/key.pem': await readFile(workshop.files.keyFile, 'utf8'),
    })
    const running = start(['serve', '-c', 'cardea.config.json'], { cwd, env: { NODE_ENV: 'production' } })
    expect(await running.printed(/listens on/)).toMatch(/listens on https:\/\//)
    const sent = { form: { grant_type: 'client_credentials', client_id: 'notes' } }
    expect((await send(`${url}/token`, { ...sent, pair: client }, workshop.ca)).status).toBe(200)
    expect((await send(`${url}/token`, sent, workshop.ca)).status).toBe(401)
    expect(await running.stop()).toMatchObject({ code: 0 })
    workshop.close()
  })

  it.each([
    [
      'a secret that is not set',
      { NOTES_SECRET: '' },
      {},
      'the secret of the client `notes` is not set',
      'set NOTES_SECRET',
    ],
    ['a key file that is missing', { KEY_FILE: '1' }, {}, 'the secret of the encryption key cannot be read', ''],
    ['a key that is none', {}, { 'key.txt': PLANTED_SECRET }, '(ERR_AUTHORITY_', ''],
    [
      'an https address without a port',
      { CARDEA_AUTHORITY_URL: 'https://a.example' },
      {},
      'on which port',
      'CARDEA_PORT',
    ],
    ['a secret that is too short', { NOTES_SECRET: 'short' }, {}, 'is shorter than 32 characters', ''],
  ])('does not start with %s', async (_name, env, files, expected, hint) => {
    const { run } = await makeDeployment({
      ...files,
      ...('KEY_FILE' in env
        ? { 'cardea.config.json': JSON.stringify({ authority: { key: { file: 'none.txt' } } }) }
        : {}),
    })
    const { code, text } = errorOf(await run(['serve'], env))
    expect(code).toBe(1)
    expect(text).toContain(expected)
    expect(text).toContain(hint)
  })

  it('does not start without a key, nor with test users', async () => {
    const bare = errorOf(await cardea(['serve'], { cwd: await makeFolder() }))
    expect(bare).toMatchObject({
      code: 1,
      text: expect.stringMatching(/^error `key` is missing.*ERR_AUTHORITY_CONFIG/),
    })
    const env = { CARDEA_NOTES_SECRET: SECRET }
    const users = errorOf(
      await cardea(['serve'], { cwd: await makeProject(), env: { ...env, NODE_ENV: 'production' } }),
    )
    expect(users).toMatchObject({ code: 1, text: expect.stringContaining('(ERR_AUTHORITY_DEVELOPMENT_IN_PRODUCTION)') })
  })
})
