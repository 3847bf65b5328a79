// `cardea init`: six files that work together, and nothing that was there before is touched.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolder } from '../support/project.ts'
import { cardea, errorOf } from '../support/run.ts'

const FILES = [
  '.gitignore',
  'app.ts',
  'cardea.config.ts',
  'policy/policies.cedar',
  'policy/policy.test.yaml',
  'policy/schema.cedarschema',
]

/** All files but those of the packages that are installed there. */
async function filesIn(folder: string, prefix = ''): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => name !== 'node_modules')
  const names = entries.map(async (entry) => {
    const path = `${prefix}${entry.name}`
    return entry.isDirectory() ? filesIn(join(folder, entry.name), `${path}/`) : [path]
  })
  return (await Promise.all(names)).flat().sort()
}

describe.concurrent('cardea init', () => {
  it('writes six files that pass their check and their tests', async () => {
    const cwd = await makeFolder()
    const { code, stdout, stderr } = await cardea(['init'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await filesIn(cwd)).toEqual(FILES)
    for (const name of FILES) expect(stdout).toContain(`wrote ${name}\n`)
    expect(stdout).toContain('npx cardea dev')
    expect(await cardea(['check'], { cwd })).toMatchObject({ code: 0 })
    expect(await cardea(['test', '--strict'], { cwd })).toMatchObject({ code: 0 })
    expect(await readFile(join(cwd, '.gitignore'), 'utf8')).toContain('.cardea/')
  })

  it('makes the folder that is named, and lists as JSON what it wrote', async () => {
    const cwd = await makeFolder()
    const { code, stdout } = await cardea(['init', 'deep/app', '--json'], { cwd })
    expect(code).toBe(0)
    const { written } = JSON.parse(stdout) as { written: string[] }
    expect(written.sort()).toEqual(FILES)
    expect(await filesIn(join(cwd, 'deep/app'))).toEqual(FILES)
  })

  it.each(FILES)('writes nothing where there is a `%s`', async (name) => {
    const cwd = await makeFolder({ [name]: 'mine' })
    const { code, text } = errorOf(await cardea(['init'], { cwd }))
    expect({ code, text }).toEqual({
      code: 1,
      text: `error \`${name}\` exists already, so nothing was written (ERR_COMMAND_FILE)\nhint  run it in an empty folder\n`,
    })
    expect(await filesIn(cwd)).toEqual([name])
    expect(await readFile(join(cwd, name), 'utf8')).toBe('mine')
  })

  // a folder that may not be written to is no hindrance to root, as whom tests may run; a file in its place is one to everybody
  it('says when it cannot write', async () => {
    const cwd = await makeFolder()
    await writeFile(join(cwd, 'file'), '')
    await mkdir(join(cwd, 'folder'))
    await writeFile(join(cwd, 'folder', 'policy'), '')
    for (const target of ['file', 'folder']) {
      const { code, text } = errorOf(await cardea(['init', target], { cwd }))
      expect(code).toBe(1)
      expect(text).toMatch(
        /^error `\S+` (?:cannot be written to|exists already, so nothing was written) \(ERR_COMMAND_FILE\)\nhint/,
      )
    }
    expect(await filesIn(cwd)).toEqual(['file', 'folder/policy'])
  })
})
