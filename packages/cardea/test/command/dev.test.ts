// `cardea dev`: what it starts, what a save changes, and that it ends as it was asked to.

import { readFile, rename, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { developmentFile, startDev } from '../support/dev.ts'
import { freePort, makeFolder, makeProject, writeFiles } from '../support/project.ts'
import { cardea, errorOf, start } from '../support/run.ts'

const POLICIES = await readFile(new URL('../../templates/policy/policies.cedar', import.meta.url), 'utf8')

/** Ann may not edit any more. */
const STRICTER = POLICIES.replace('action in [Action::"view", Action::"edit"]', 'action == Action::"view"')

const oneLook = async (files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) =>
  cardea(['dev', '--once', '--url', `http://127.0.0.1:${await freePort()}`], { cwd: await makeProject(files), env })

describe.concurrent('cardea dev --once', () => {
  it('publishes what is right and ends with 0', async () => {
    const { code, stdout, stderr } = await oneLook({})
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^6 passed, 0 failed \(\d+ ms\)\n$/)
  })

  it('ends with 1 when the policies are broken, with a code frame', async () => {
    const { code, stdout } = await oneLook({ 'policy/more.cedar': 'permit (principal, action, resource) when {' })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^policy\/more\.cedar:1:\d+: error: /)
    expect(stdout).toContain('not published: the last good policies stay')
  })

  it('ends with 1 when a test fails', async () => {
    const { code, stdout } = await oneLook({ 'policy/policies.cedar': STRICTER })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^test fails {3}.*edit.*: deny because no permit, expected allow$/m)
  })

  it('shows the cells first, and then what is doubtful', async () => {
    const doubtful = '@id("never") permit (principal, action == Action::"view", resource) when { 1 > 2 };'
    const { code, stdout } = await oneLook({ 'policy/more.cedar': doubtful })
    expect(code).toBe(0)
    const [cells, warnings = ''] = stdout.split(/^6 passed, 0 failed \(\d+ ms\)\n/m)
    expect(cells).not.toContain('warning')
    expect(warnings).toMatch(/^policy\/more\.cedar:1:\d+: warning: .*\[ERR_VALIDATE_NEVER_APPLIES\]/m)
  })

  it('publishes without tests when there are none, and says so', async () => {
    const result = await oneLook({}, { CARDEA_TESTS: 'none.yaml' })
    expect(errorOf(result)).toMatchObject({ code: 1, text: expect.stringContaining('`none.yaml` does not exist') })
    expect(result.stdout).toContain('published without tests')
  })
})

describe('a save while `cardea dev` runs', () => {
  it('is shown at once, and published if it is good', async () => {
    const dev = await startDev()
    const { cwd, running } = dev
    // a publication that is based on nothing is refused, and changes nothing
    await expect(dev.json('publish', '--if-revision', '0')).rejects.toThrow(/412 ERR_AUTHORITY_POLICY_REVISION/)
    expect(running.output()).toContain('test users ann, bob, eve')
    const generated = await readFile(join(cwd, 'schema.gen.ts'), 'utf8')

    let from = running.output().length
    await writeFiles(cwd, { 'policy/policies.cedar': STRICTER })
    const stricter = await running.printed(/passed, 1 failed/, from)
    expect(stricter).toMatch(/^newly denies .*ann.*edit.*: deny because no permit$/m)
    expect(await readFile(join(cwd, 'schema.gen.ts'), 'utf8')).not.toBe(generated)
    expect(await dev.cardea('generate', '--check')).toMatchObject({ code: 0 })

    from = running.output().length
    const saved = performance.now()
    await writeFiles(cwd, {
      'policy/policies.cedar': `${POLICIES}\n@id("broken") permit (principal, action, resourc);\n`,
    })
    const broken = await running.printed(/not published.*\n/, from)
    // a second by its own count; the wide margin is for a machine that does other things
    expect(Number(/not published.*\((\d+) ms\)/.exec(broken)?.[1])).toBeLessThan(1000)
    expect(performance.now() - saved).toBeLessThan(5000)
    expect(broken).toMatch(/policy\/policies\.cedar:\d+:\d+: error: /)
    expect(broken).toMatch(/^ +\| +\^+$/m)

    // many editors write another file and put it in the place of the old one
    from = running.output().length
    await writeFiles(cwd, { 'policies.new': POLICIES })
    await rename(join(cwd, 'policies.new'), join(cwd, 'policy/policies.cedar'))
    const good = await running.printed(/6 passed, 0 failed/, from)
    expect(good).toMatch(/^newly allows .*ann.*edit.*: allow because owner-edits$/m)

    // what no look reads wakes nobody: the generated schema, the database, a file of the user's
    from = running.output().length
    await writeFiles(cwd, { 'policy/notes.txt': 'x', 'app.ts': '// changed' })
    await writeFiles(cwd, { 'policy/policy.test.yaml': 'tests: [' })
    const wrongTests = await running.printed(/published without tests/, from)
    expect(wrongTests.match(/\(\d+ ms\)/g)).toHaveLength(1)
  })
})

describe.concurrent('cardea dev', () => {
  it('refuses, and does not publish, what a list could not express', async () => {
    const access = `import { mapEntity } from '@cardea/guard'
import { schema } from './schema.gen.ts'
export const Note = mapEntity(schema, 'Note', { table: 'notes', id: 'id', attributes: { tenant: 't', owner: 'o' } })
`
    const { cwd, running } = await startDev({ 'access.ts': access }, { CARDEA_MAPPINGS: 'access.ts' })
    expect(running.output()).toContain('6 passed, 0 failed')
    const from = running.output().length
    await writeFiles(cwd, {
      'policy/lists.cedar':
        '@id("reached") permit (principal, action == Action::"edit", resource) when { resource.owner.tenant == principal.tenant };\n',
    })
    expect(await running.printed(/not published/, from)).toContain('[ERR_DATA_REACHED]')
  })

  it('keeps its secrets in files of the owner, and makes new ones with each start', async () => {
    const { cwd, running, url } = await startDev()
    const [admin, environment] = await Promise.all(
      ['admin.json', 'dev.env'].map((name) => readFile(developmentFile(cwd, name), 'utf8')),
    )
    for (const name of ['admin.json', 'dev.env']) {
      expect((await stat(developmentFile(cwd, name))).mode & 0o777).toBe(0o600)
    }
    expect(environment).toMatch(/^NODE_ENV=development\nCARDEA_AUTHORITY_URL=http.*\nCARDEA_NOTES_SECRET=[\w-]{43}\n$/)
    const { secret, signIn } = JSON.parse(admin ?? '') as { secret: string; signIn: string }
    const { code, stdout, stderr } = await running.stop('SIGINT')
    expect(code).toBe(0)
    expect(`${stdout}${stderr}`).not.toContain(secret)
    expect(`${stdout}${stderr}`).not.toContain(signIn)

    const again = start(['dev', '--url', url], { cwd })
    await again.printed(/Ctrl-C ends/)
    expect(await again.stop()).toMatchObject({ code: 0 })
    expect(await readFile(developmentFile(cwd, 'admin.json'), 'utf8')).not.toContain(secret)
  })

  it('does not run in production', async () => {
    const result = await cardea(['dev'], { cwd: await makeProject(), env: { NODE_ENV: 'production' } })
    expect(errorOf(result)).toEqual({
      code: 1,
      text: 'error `cardea dev` does not run where NODE_ENV is `production` (ERR_COMMAND_USAGE)\nhint  use `cardea serve`\n',
    })
  })

  it('says when its port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const args = ['dev', '--url', `http://127.0.0.1:${port}`]
    const { code, text } = errorOf(await cardea(args, { cwd: await makeProject() }))
    server.close()
    expect({ code, text }).toEqual({
      code: 1,
      text: `error cannot listen on port ${port} of 127.0.0.1: another process does (ERR_COMMAND_PORT)\nhint  choose another address with --url, or another port with CARDEA_PORT\n`,
    })
  })

  it('says when another one has the database open', async () => {
    const { cwd } = await startDev()
    const second = await cardea(['dev', '--url', `http://127.0.0.1:${await freePort()}`], { cwd })
    expect(errorOf(second)).toMatchObject({ code: 1, text: expect.stringContaining('(ERR_AUTHORITY_STORE_LOCKED)') })
  })

  it('says what the authority finds wrong with its part of the configuration', async () => {
    const cwd = await makeFolder({ 'cardea.config.json': '{ "authority": { "audience": "https://a.example" } }' })
    const result = await cardea(['dev', '--url', `http://127.0.0.1:${await freePort()}`], { cwd })
    expect(errorOf(result)).toMatchObject({
      code: 1,
      text: expect.stringMatching(/audience.*\(ERR_AUTHORITY_CONFIG\)/),
    })
  })
})
