// `cardea test`: the matrix as a table, as data, and as an exit code.

import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { makeProject } from '../support/project.ts'
import { cardea, errorOf } from '../support/run.ts'

const MATRIX = await readFile(new URL('../../templates/policy/policy.test.yaml', import.meta.url), 'utf8')

/** A matrix that expects of bob what he may not. */
const WRONG = MATRIX.replace('view: allow because viewer, edit: deny', 'view: allow because viewer, edit: allow')
/** A matrix that never asks about a grant. */
const LACKING = MATRIX.split('\n')
  .filter((line) => !line.includes('as: bob'))
  .join('\n')

describe.concurrent('cardea test', () => {
  it('passes what is as expected', async () => {
    const { code, stdout, stderr } = await cardea(['test', '--strict'], { cwd: await makeProject() })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^ok +bob +view +hello +allow +viewer$/m)
    expect(stdout).toMatch(/^ok +eve +edit +hello +deny +tenant-isolation$/m)
    expect(stdout).toMatch(/\n6 passed, 0 failed\n$/)
  })

  it('fails what is not, and says what it is', async () => {
    const cwd = await makeProject({ 'policy/policy.test.yaml': WRONG })
    const { code, stdout } = await cardea(['test'], { cwd })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^FAIL +bob +edit +hello +deny +\(no permit\) +expected allow$/m)
    expect(stdout).toMatch(/\n5 passed, 1 failed\n$/)
  })

  it('names policies that no test would miss; --strict fails then', async () => {
    const cwd = await makeProject({ 'policy/policy.test.yaml': LACKING })
    const [lenient, strict] = await Promise.all([cardea(['test'], { cwd }), cardea(['test', '--strict'], { cwd })])
    expect(lenient.stdout).toContain('no test is determined by: viewer\n')
    expect(strict.stdout).toBe(lenient.stdout)
    expect([lenient.code, strict.code]).toEqual([0, 1])
  })

  it('says the same as data', async () => {
    const cwd = await makeProject({ 'policy/policy.test.yaml': WRONG })
    const { code, stdout } = await cardea(['test', '--json'], { cwd })
    expect(code).toBe(1)
    const outcome: unknown = JSON.parse(stdout)
    expect(outcome).toMatchObject({ passed: 5, failed: 1, undetermined: [] })
    expect(outcome).toHaveProperty(
      'cells',
      expect.arrayContaining([expect.objectContaining({ decision: 'deny', determining: [], passed: false })]),
    )
  })

  it.each([
    ['the matrix is missing', { CARDEA_TESTS: 'none.yaml' }, {}, '`none.yaml` does not exist (ERR_COMMAND_FILE)'],
    ['it is no YAML', {}, { 'policy/policy.test.yaml': 'tests: [' }, '(ERR_TESTKIT_MATRIX)'],
    [
      'it names nobody',
      {},
      { 'policy/policy.test.yaml': MATRIX.replace('as: ann, on', 'as: anne, on') },
      '(ERR_TESTKIT_NAME)\nhint',
    ],
    ['the policies have errors', {}, { 'policy/more.cedar': 'permit (' }, '(ERR_COMMAND_POLICY)\nhint'],
  ])('says when %s', async (_name, env, files, expected) => {
    const { code, text } = errorOf(await cardea(['test'], { cwd: await makeProject(files), env }))
    expect(code).toBe(1)
    expect(text).toContain(expected)
  })
})
