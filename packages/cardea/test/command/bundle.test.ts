// `cardea bundle` as its user meets it: what it builds, shows and proves. What a proof finds is told in-process, in `test/bundle`.

import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { makeProject, writeFiles } from '../support/project.ts'
import { cardea, errorOf } from '../support/run.ts'

const FILE = 'policy.bundle.json'
const MORE = '@id("more") forbid (principal, action, resource) when { false };'

/** In production, so that other policies than the generated ones would not start. */
const START = `
import { createGuard } from '@cardea/guard'
import { schema } from './schema.gen.ts'

const guard = await createGuard({
  schema,
  policies: 'policy.bundle.json',
  issuer: 'https://issuer.example/',
  audience: 'https://notes.example',
  keys: { jwksUri: 'https://issuer.example/keys' },
  log: { info() {}, warn: console.log, error: console.log },
})
console.log(guard.state().mode)
`

describe.concurrent('cardea bundle', () => {
  it('builds the same file wherever it runs, and wakes nobody for nothing', async () => {
    const cwd = await makeProject()
    const path = join(cwd, FILE)
    expect(await cardea(['bundle'], { cwd })).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^wrote policy\.bundle\.json: 3 policies in 1 file, \d+ bytes\n$/),
      stderr: '',
    })
    const bytes = await readFile(path)
    const { mtimeMs } = await stat(path)
    const again = await cardea(['bundle', '-c', join(cwd, 'cardea.config.ts'), '--out', path], { cwd: '/' })
    expect(again.code).toBe(0)
    expect((await readFile(path)).equals(bytes)).toBe(true)
    expect((await stat(path)).mtimeMs).toBe(mtimeMs)
  })

  it('builds what a guard starts with, beside the generated schema of the same policies', async () => {
    const cwd = await makeProject({ 'start.ts': START })
    await cardea(['generate'], { cwd })
    await cardea(['bundle'], { cwd })
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@cardea/source', 'start.ts'], { cwd })
    expect(stdout).toBe('standalone\n')
  })

  it('builds nothing from policies with errors', async () => {
    const cwd = await makeProject({ 'policy/more.cedar': 'permit (' })
    const result = await cardea(['bundle'], { cwd })
    expect(result.stdout).toContain('policy/more.cedar:1:')
    expect(errorOf(result)).toMatchObject({ code: 1, text: expect.stringContaining('ERR_COMMAND_POLICY') })
    await expect(stat(join(cwd, FILE))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('shows what is in it as JSON, and the same when inspected', async () => {
    const cwd = await makeProject({ 'policy/more.cedar': MORE })
    const { stdout } = await cardea(['bundle', '--json'], { cwd })
    expect(await cardea(['bundle', 'inspect', FILE, '--json'], { cwd })).toEqual({ code: 0, stdout, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ file: FILE, policies: { all: 4 } })
    const shown = await cardea(['bundle', 'inspect', FILE], { cwd })
    expect(shown.stdout).toMatch(/^policy\.bundle\.json: 4 policies in 2 files, \d+ bytes\n {2}policies +\d permit/)
  })

  it('verify proves it, and exits 1 when a text was edited', async () => {
    const cwd = await makeProject()
    await cardea(['bundle'], { cwd })
    expect(await cardea(['bundle', 'verify', FILE], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('what runs is what is written'),
    })
    const text = await readFile(join(cwd, FILE), 'utf8')
    await writeFiles(cwd, { [FILE]: text.replace('"text":"', '"text":" ') })
    expect(errorOf(await cardea(['bundle', 'verify', FILE], { cwd }))).toMatchObject({
      code: 1,
      text: expect.stringContaining('(ERR_FEED_BUNDLE_DIGEST)'),
    })
  })
})
