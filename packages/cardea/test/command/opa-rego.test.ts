// `cardea opa rego`: what it writes is what a stock OPA decides by.

import { execFile } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { requireOpa } from '../../../../tools/opa.ts'
import { makeProject, writeFiles } from '../support/project.ts'
import { cardea, errorOf } from '../support/run.ts'

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 })

describe('cardea opa rego', () => {
  it('prints the policies', async () => {
    const cwd = await makeProject()
    const { code, stdout, stderr } = await cardea(['opa', 'rego'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('package cardea.policy.rules')
    expect(stdout.match(/^outcomes\["/gm)).toHaveLength(3)
    expect(stdout).not.toContain('package cardea.cedar')
  })

  it('writes files that a stock OPA takes and answers with', async ({ skip }) => {
    const command = await requireOpa(skip)
    const cwd = await makeProject()
    expect(await cardea(['opa', 'rego', '--out', 'rego'], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^wrote \d+ files to rego: ask data\.cardea\.policy\.decision\n$/),
    })
    await writeFile(join(cwd, 'input.json'), '{}')
    const args = ['eval', '-f', 'raw', '-i', 'input.json', '-d', 'rego', 'data.cardea.policy.decision']
    const { stdout } = await promisify(execFile)(command, args, { cwd })
    expect(JSON.parse(stdout)).toMatchObject({ decision: 'deny', errors: [{ code: 'ERR_OPA_REQUEST' }] })
  })

  it('prints every file as JSON', async () => {
    const cwd = await makeProject()
    const { stdout } = await cardea(['opa', 'rego', '--json'], { cwd })
    const files = JSON.parse(stdout) as Record<string, string>
    expect(Object.keys(files)).toContain('cardea/policy/rules.rego')
    expect(Object.keys(files)).toContain('cardea/cedar/operators.rego')
    expect(JSON.parse(files['cardea_data/scopes/data.json'] ?? '')).toMatchObject({
      table: expect.any(Object) as object,
    })
  })

  it('writes nothing of policies that do not pass', async () => {
    const cwd = await makeProject()
    await writeFiles(cwd, { 'policy/wrong.cedar': 'permit (principal, action, resource) when { resource.nothing };' })
    const failed = await cardea(['opa', 'rego', '--out', 'rego'], { cwd })
    expect(errorOf(failed)).toMatchObject({ code: 1, text: expect.stringContaining('(ERR_COMMAND_POLICY)') as unknown })
    expect(await readdir(cwd)).not.toContain('rego')
  })

  it('says where it cannot write', async () => {
    const cwd = await makeProject()
    await writeFiles(cwd, { taken: 'a file' })
    const failed = await cardea(['opa', 'rego', '--out', 'taken'], { cwd })
    expect(errorOf(failed)).toMatchObject({ code: 1, text: expect.stringContaining('(ERR_COMMAND_FILE)') as unknown })
  })
})
