// The configuration as `cardea config` shows it: where values come from, what is refused, and that no secret is ever shown.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { makeFolder, makeProject } from '../support/project.ts'
import { cardea, errorOf, PLANTED_SECRET, type Result } from '../support/run.ts'

async function shown(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Result> {
  return cardea(['config'], { cwd: folder, env })
}

describe.concurrent('values', () => {
  it('are defaults where there is no file, relative to the current folder', async () => {
    const folder = await makeFolder()
    const { code, stdout } = await shown(folder)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^# no configuration file here/)
    expect(stdout).toContain(`policies = "${join(folder, 'policy')}"\n`)
    expect(stdout).toContain('authority.url = "http://127.0.0.1:8181"\n')
    expect(stdout).toContain('forbidErrors = "deny"\n')
  })

  it('come from flags over the environment over the file over defaults', async () => {
    const folder = await makeFolder({
      'cardea.config.json': JSON.stringify({
        schema: 'file.cedarschema',
        tests: 'file.yaml',
        authority: { url: 'http://127.0.0.1:1', store: 'file.sqlite' },
      }),
    })
    const environment = { CARDEA_SCHEMA: 'environment.cedarschema', CARDEA_AUTHORITY_URL: 'http://127.0.0.1:2' }
    const flags = { authority: { url: 'http://127.0.0.1:3', store: undefined } }
    const { config } = await loadConfig({ folder, environment, flags })
    expect(config).toEqual({
      schema: join(folder, 'environment.cedarschema'),
      policies: join(folder, 'policy'),
      tests: join(folder, 'file.yaml'),
      generated: join(folder, 'schema.gen.ts'),
      forbidErrors: 'deny',
      authority: { url: 'http://127.0.0.1:3', store: join(folder, 'file.sqlite'), previousKeys: [], clients: [] },
    })
  })

  it.each([
    ['CARDEA_SCHEMA', 'schema'],
    ['CARDEA_POLICIES', 'policies'],
    ['CARDEA_TESTS', 'tests'],
    ['CARDEA_GENERATED', 'generated'],
    ['CARDEA_MAPPINGS', 'mappings.module'],
    ['CARDEA_STORE', 'authority.store'],
    ['CARDEA_AUTHORITY_URL', 'authority.url'],
  ])('%s sets `%s`, and `config` says so', async (variable, name) => {
    const folder = await makeFolder()
    const isUrl = name === 'authority.url'
    const { stdout } = await shown(folder, { [variable]: isUrl ? 'http://127.0.0.1:9' : 'there' })
    expect(stdout).toContain(`# set in the environment: ${variable}\n`)
    expect(stdout).toContain(`${name} = "${isUrl ? 'http://127.0.0.1:9' : join(folder, 'there')}"\n`)
  })

  it.each([
    ['cardea.config.ts', "import { defineConfig } from 'cardea'\nexport default defineConfig({ policies: 'here' })"],
    ['cardea.config.js', "export default { policies: 'here' }"],
    ['cardea.config.json', '{ "policies": "here" }'],
    ['deep/other.ts', "const policies: string = 'here'\nexport default { policies }"],
  ])('are read from %s, with paths relative to it', async (file, text) => {
    const folder = await makeFolder({ 'package.json': '{ "type": "module" }', [file]: text })
    const args = file.startsWith('deep') ? ['config', '-c', file, '--json'] : ['config', '--json']
    const { stdout } = await cardea(args, { cwd: folder })
    expect(JSON.parse(stdout)).toMatchObject({
      file: join(folder, file),
      config: { policies: join(folder, file, '..', 'here') },
    })
  })
})

describe.concurrent('secrets', () => {
  it('are references, and what they refer to is not shown', async () => {
    const folder = await makeProject({ 'secret.txt': PLANTED_SECRET })
    const env = { CARDEA_NOTES_SECRET: PLANTED_SECRET, CARDEA_CLIENT_SECRET: PLANTED_SECRET }
    for (const args of [['config'], ['config', '--json']]) {
      const { code, stdout } = await cardea(args, { cwd: folder, env })
      expect(code).toBe(0)
      expect(stdout).toContain('CARDEA_NOTES_SECRET')
      expect(stdout).not.toContain(PLANTED_SECRET)
    }
  })

  it('that stand in the file after all are not shown', async () => {
    const loose = { clientSecret: PLANTED_SECRET, providers: [{ password: PLANTED_SECRET, apiKey: PLANTED_SECRET }] }
    const folder = await makeFolder({ 'cardea.config.json': JSON.stringify({ authority: loose }) })
    const { stdout } = await shown(folder)
    expect(stdout).toContain('authority.clientSecret = "(redacted)"')
    expect(stdout).toContain('authority.providers.0.apiKey = "(redacted)"')
    expect(stdout).not.toContain(PLANTED_SECRET)
  })
})

describe.concurrent('the address of a database', () => {
  it('is no path, and its password is not shown', async () => {
    const store = `postgres://cardea:${PLANTED_SECRET}@db.example/cardea`
    const folder = await makeFolder({ 'cardea.config.json': JSON.stringify({ authority: {} }) })
    const { code, stdout } = await cardea(['config'], { cwd: folder, env: { CARDEA_STORE: store } })
    expect(code).toBe(0)
    expect(stdout).toContain('postgres://(redacted)@db.example/cardea')
    expect(stdout).not.toContain(PLANTED_SECRET)
  })
})

describe.concurrent('what is wrong', () => {
  const secretAsText = JSON.stringify({ authority: { clients: [{ id: 'notes', secret: PLANTED_SECRET }] } })

  it.each([
    ['an unknown member', 'cardea.config.json', '{ "polices": "x" }', 'there is no `polices`'],
    ['a wrong type', 'cardea.config.json', '{ "schema": 5 }', '`schema`: invalid input: expected string'],
    ['a value that is none of the choices', 'cardea.config.json', '{ "forbidErrors": "ask" }', '`forbidErrors`: '],
    ['a member that would be a prototype', 'cardea.config.json', '{ "__proto__": { "schema": "x" } }', '`__proto__`'],
    ['an address that is none', 'cardea.config.json', '{ "authority": { "url": "here" } }', '`authority.url`: must be'],
    ['another protocol', 'cardea.config.json', '{ "authority": { "url": "ftp://a" } }', '`authority.url`: must be'],
    [
      'credentials in the address',
      'cardea.config.json',
      `{ "authority": { "url": "https://a:${PLANTED_SECRET}@b.example" } }`,
      '`authority.url`: must not hold credentials',
    ],
    ['a secret as text', 'cardea.config.json', secretAsText, '`authority.clients.0.secret`: invalid input'],
    ['text that is no JSON', 'cardea.config.json', `{\n "key": ${PLANTED_SECRET} }`, 'not JSON (line 2, column 9)'],
    ['a list', 'cardea.config.json', '[]', 'exports no configuration'],
    ['no default export', 'cardea.config.ts', "export const schema = 'x'", 'exports no configuration'],
    ['TypeScript that is none', 'cardea.config.ts', `const a = 1\nconst b: = '${PLANTED_SECRET}'`, 'Unexpected token'],
    ['TypeScript that is code', 'cardea.config.ts', 'enum A { b }', 'TypeScript enum is not supported'],
    ['a file that throws', 'cardea.config.ts', "throw new Error('not today')", 'cannot be loaded: not today'],
    ['a file that throws no error', 'cardea.config.ts', "throw 'up'", 'cannot be loaded: it throws something'],
    ['an import that is missing', 'cardea.config.ts', "import './nowhere.ts'", 'Cannot find module'],
  ])('%s', async (_name, file, content, expected) => {
    const folder = await makeFolder({ [file]: content })
    const { code, text } = errorOf(await shown(folder))
    expect(code).toBe(1)
    expect(text).toMatch(/^error .* \(ERR_COMMAND_CONFIG\)\n(hint {2}.*\n)?$/)
    expect(text).toContain(expected)
    expect(text).toContain(file)
  })

  it('in TypeScript has its place', async () => {
    const folder = await makeFolder({ 'cardea.config.ts': 'export default {\n  schema: "a" "b"\n}\n' })
    const { text } = errorOf(await shown(folder))
    expect(text).toMatch(/^hint {2}look at .*cardea\.config\.ts:2$/m)
  })

  it('in the environment is not blamed on a file', async () => {
    const { code, text } = errorOf(await shown(await makeFolder(), { CARDEA_AUTHORITY_URL: 'here' }))
    expect(code).toBe(1)
    expect(text).toContain('hint  check the flags and CARDEA_* variables')
  })

  it('is said when the named file is not there', async () => {
    const { code, text } = errorOf(await cardea(['check', '--config', 'nowhere.ts'], { cwd: await makeFolder() }))
    expect(code).toBe(1)
    expect(text).toMatch(
      /^error there is no configuration file `nowhere\.ts` \(ERR_COMMAND_FILE\)\nhint {2}.*cardea init/,
    )
  })

  it('is said when the package is not installed', async () => {
    const folder = await makeProject()
    await rm(join(folder, 'node_modules'))
    const { text } = errorOf(await cardea(['check'], { cwd: folder }))
    expect(text).toContain('the package `cardea` is not installed there')
    expect(text).toContain('hint  run `npm install cardea`')
  })
})
