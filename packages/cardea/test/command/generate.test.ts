// `cardea generate` and `cardea generate --check`.

import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeProject, writeFiles } from '../support/project.ts'
import { cardea, errorOf } from '../support/run.ts'

describe.concurrent('cardea generate', () => {
  it('writes the schema with the digest of the policies, the same wherever it runs', async () => {
    const cwd = await makeProject()
    expect(await cardea(['generate'], { cwd })).toEqual({ code: 0, stdout: 'wrote schema.gen.ts\n', stderr: '' })
    const file = join(cwd, 'schema.gen.ts')
    const text = await readFile(file, 'utf8')
    expect(text).toMatch(/sha256:[0-9a-f]{64}/)
    const { mtimeMs } = await stat(file)
    const elsewhere = await cardea(['generate', '-c', join(cwd, 'cardea.config.ts')], { cwd: '/' })
    expect(elsewhere.code).toBe(0)
    expect(await readFile(file, 'utf8')).toBe(text)
    // nothing that watches the file is woken
    expect((await stat(file)).mtimeMs).toBe(mtimeMs)
  })

  it('--check tells a file that is up to date from one that is not, and writes neither', async () => {
    const cwd = await makeProject()
    const missing = errorOf(await cardea(['generate', '--check'], { cwd }))
    expect(missing).toEqual({
      code: 1,
      text: 'error `schema.gen.ts` is out of date (ERR_COMMAND_FILE)\nhint  run `cardea generate`\n',
    })
    await cardea(['generate'], { cwd })
    expect(await cardea(['generate', '--check'], { cwd })).toMatchObject({
      code: 0,
      stdout: 'schema.gen.ts is up to date\n',
    })
    await writeFiles(cwd, {
      'policy/more.cedar': '@id("more")\npermit (principal, action == Action::"view", resource);\n',
    })
    expect(await cardea(['generate', '--check'], { cwd })).toMatchObject({ code: 1 })
  })

  it('writes nothing from policies with errors', async () => {
    const cwd = await makeProject({ 'policy/more.cedar': 'permit (' })
    const result = await cardea(['generate'], { cwd })
    expect(result.stdout).toContain('policy/more.cedar:1:')
    expect(errorOf(result)).toMatchObject({ code: 1, text: expect.stringContaining('ERR_COMMAND_POLICY') })
    await expect(stat(join(cwd, 'schema.gen.ts'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('says where it cannot write', async () => {
    const env = { CARDEA_GENERATED: 'policy' }
    expect(errorOf(await cardea(['generate'], { cwd: await makeProject(), env }))).toMatchObject({
      code: 1,
      text: expect.stringContaining('(EISDIR)\nhint'),
    })
  })
})
