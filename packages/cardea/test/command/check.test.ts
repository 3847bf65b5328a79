// `cardea check`: everything that is wrong, with its place, for people and for scripts.

import { describe, expect, it } from 'vitest'
import { type Files, makeFolder, makeProject, writeFiles } from '../support/project.ts'
import { cardea, errorOf } from '../support/run.ts'

const FIRST = `@id("one")
permit (principal, action == Action::"view", resource is Note)
when { resource.ownr == principal };

@id("two")
permit (principal, action == Action::"vew", resource);
`
const SECOND = `@id("three")
permit (principal, action, resource)
when { principal. };

@id("one")
forbid (principal, action, resource) unless { resource.tenant == principal.tenant };
`

/** A project whose generated schema is there. */
async function makeGenerated(files: Files = {}): Promise<string> {
  const cwd = await makeProject(files)
  expect(await cardea(['generate'], { cwd })).toMatchObject({ code: 0 })
  return cwd
}

/** Of the policies of `cardea init`, every request looks at two: there are no other actions than those that the first names. */
const SHARE = '2 of 3 policies (67 %) are looked at for every request: owner-edits, tenant-isolation\n'

/** Files in which nothing is wrong but what a test adds. */
const broken = () => makeProject({ 'policy/policies.cedar': FIRST, 'policy/more.cedar': SECOND })

describe.concurrent('cardea check', () => {
  it('passes what is right', async () => {
    expect(await cardea(['check'], { cwd: await makeGenerated() })).toEqual({
      code: 0,
      stdout: `3 policies in 1 file: no problems\n${SHARE}`,
      stderr: '',
    })
  })

  it('shows every error of every file, sorted, with its line', async () => {
    const { code, stdout, stderr } = await cardea(['check'], { cwd: await broken() })
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    const places = [...stdout.matchAll(/^(policy\/\S+?):(\d+):\d+: error: .*\[(ERR_\w+)\]$/gm)]
    expect(places.map(([, file, line]) => `${file}:${line}`)).toEqual([
      'policy/more.cedar:3',
      'policy/policies.cedar:1',
      'policy/policies.cedar:3',
      'policy/policies.cedar:6',
    ])
    expect(stdout).toContain('when { principal. };\n')
    expect(stdout).toMatch(/^ +\| +\^+$/m)
    expect(stdout).toContain('did you mean `Action::"view"`?')
    expect(stdout).toMatch(/: 4 errors\n$/)
  })

  it('says the same as data', async () => {
    const { code, stdout } = await cardea(['check', '--json'], { cwd: await broken() })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      errors: 4,
      problems: [
        { file: 'policy/more.cedar', line: 3, severity: 'error', code: expect.stringMatching(/^ERR_POLICY_/) },
        { file: 'policy/policies.cedar', line: 1, code: 'ERR_VALIDATE_ID_DUPLICATE' },
        { file: 'policy/policies.cedar', line: 3, column: 17, message: expect.stringContaining('`ownr`') },
        { file: 'policy/policies.cedar', line: 6 },
      ],
    })
  })

  it('is JSON, too, when nothing is wrong', async () => {
    const { code, stdout } = await cardea(['check', '--json'], { cwd: await makeGenerated() })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      policies: 3,
      errors: 0,
      warnings: 0,
      problems: [],
      unnarrowed: {
        count: 2,
        share: 2 / 3,
        policies: [
          { id: 'owner-edits', file: 'policy/policies.cedar', line: 1, column: 1 },
          { id: 'tenant-isolation', file: 'policy/policies.cedar', line: 8, column: 1 },
        ],
      },
    })
  })

  it('passes warnings, and shows them', async () => {
    const policy = 'permit (principal, action == Action::"view", resource) when { resource.owner == principal };\n'
    const { code, stdout } = await cardea(['check'], { cwd: await makeProject({ 'policy/policies.cedar': policy }) })
    expect(code).toBe(0)
    expect(stdout).toContain('warning: a policy has no `@id`')
    expect(stdout).toContain('1 policy in 1 file: 2 warnings\n')
  })

  it('shows what is doubtful with every place of it, as text and as data', async () => {
    const never = `@id("never")
permit (principal, action == Action::"view", resource)
when { resource.owner == User::"ann" }
when { resource.owner == User::"bob" };
`
    const cwd = await makeGenerated({ 'policy/never.cedar': never })
    const { code, stdout } = await cardea(['check'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('policy/never.cedar:4:8: warning: no request meets `never`')
    expect(stdout).toContain('[ERR_VALIDATE_NEVER_APPLIES]')
    const json = JSON.parse((await cardea(['check', '--json'], { cwd })).stdout)
    const start = never.lastIndexOf('resource.owner')
    expect(json).toMatchObject({
      errors: 0,
      warnings: 1,
      problems: [
        {
          severity: 'warning',
          code: 'ERR_VALIDATE_NEVER_APPLIES',
          file: 'policy/never.cedar',
          line: 4,
          column: 8,
          span: { file: 'policy/never.cedar', start, end: never.length - 4 },
          message: expect.stringContaining('`resource.owner == User::"ann"` and `resource.owner == User::"bob"`'),
          hint: expect.stringContaining('it permits nothing'),
          labels: [{ span: { start: never.indexOf('resource.owner') } }],
        },
      ],
    })
  })

  it('says when the generated schema is not of these policies', async () => {
    const cwd = await makeGenerated()
    await writeFiles(cwd, {
      'policy/more.cedar':
        '@id("more") permit (principal is User, action == Action::"edit", resource) when { resource.tenant == principal.tenant };\n',
    })
    const { code, stdout } = await cardea(['check'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^warning: `schema\.gen\.ts` is stale: .* \[ERR_COMMAND_GENERATED\]\n {2}= run `cardea generate`/m,
    )
    expect(JSON.parse((await cardea(['check', '--json'], { cwd })).stdout)).toMatchObject({
      problems: [
        { severity: 'warning', code: 'ERR_COMMAND_GENERATED', hint: expect.stringContaining('cardea generate') },
      ],
    })
  })

  it('finds what is wrong with the schema', async () => {
    const cwd = await makeProject({ 'policy/schema.cedarschema': 'entity User in [Nobody];\n' })
    const { code, stdout } = await cardea(['check'], { cwd })
    expect(code).toBe(1)
    expect(stdout).toMatch(/policy\/schema\.cedarschema:1:\d+: error: /)
  })

  it.each([
    ['the schema', { CARDEA_SCHEMA: 'none.cedarschema' }, '`none.cedarschema` does not exist'],
    ['the folder of policies', { CARDEA_POLICIES: 'none' }, '`none` does not exist'],
    ['any policy in it', { CARDEA_POLICIES: 'empty' }, 'there is no `*.cedar` file in `empty`'],
  ])('says when %s is missing', async (_name, env, expected) => {
    const cwd = await makeProject({ 'empty/readme.txt': '' })
    const { code, text } = errorOf(await cardea(['check'], { cwd, env }))
    expect(code).toBe(1)
    expect(text).toContain(`error ${expected} (ERR_COMMAND_FILE)\nhint`)
  })

  it('names files from the current folder, wherever the configuration is', async () => {
    const project = await makeProject({ 'policy/more.cedar': 'permit (' })
    const { stdout } = await cardea(['check', '-c', `${project}/cardea.config.ts`], { cwd: await makeFolder() })
    expect(stdout).toContain(`${project}/policy/more.cedar:1:`)
  })
})
