// The mappings of the configuration: policies that a list could not express are refused before they are published.

import { describe, expect, it } from 'vitest'
import { makeProject, writeFiles } from '../support/project.ts'
import { cardea, errorOf } from '../support/run.ts'

const CONFIG = (mappings: string): string => `export default { mappings: ${mappings} }\n`

const ACCESS = `import { mapEntity } from '@cardea/guard'
import { schema } from './schema.gen.ts'

export const Note = mapEntity(schema, 'Note', { table: 'notes', id: 'id', attributes: { tenant: 'tenant', owner: 'owner' } })
export const other: number = 5
export function unrelated(): void {}
`

/** No row of a note holds its owner's tenant. */
const REACHED = `
@id("reached")
permit (principal, action == Action::"edit", resource)
when { resource.owner.tenant == principal.tenant };
`

async function makeMapped(options: { policy?: string; access?: string; mappings?: string } = {}): Promise<string> {
  const cwd = await makeProject({
    'cardea.config.ts': CONFIG(options.mappings ?? "'access.ts'"),
    'access.ts': options.access ?? ACCESS,
  })
  expect(await cardea(['generate'], { cwd })).toMatchObject({ code: 0 })
  await writeFiles(cwd, options.policy === undefined ? {} : { 'policy/lists.cedar': options.policy })
  return cwd
}

describe.concurrent('mappings', () => {
  it('pass policies that every list expresses', async () => {
    const { code, stdout } = await cardea(['check'], { cwd: await makeMapped() })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^3 policies in 1 file: no problems\n/)
  })

  it('refuse, with its place, one that a list cannot express', async () => {
    const { code, stdout } = await cardea(['check'], { cwd: await makeMapped({ policy: REACHED }) })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^policy\/lists\.cedar:4:8: error: .*`reached`.*`Note`.*\[ERR_DATA_REACHED\]$/m)
    expect(stdout).toContain('1 error')
  })

  it.each([
    ['that is asked for', "{ module: 'access.ts', actions: ['edit'] }", 1],
    ['that is not', "{ module: 'access.ts', actions: ['view'] }", 0],
  ])('look at the policies of an action %s', async (_name, mappings, expected) => {
    const { code } = await cardea(['check'], { cwd: await makeMapped({ policy: REACHED, mappings }) })
    expect(code).toBe(expected)
  })

  it('warn of what no column and no claim holds', async () => {
    const claims = `export const claims = {
  principal: { type: 'User', id: 'sub' }, attributes: { tenant: 'org', level: null }, parents: {},
}
`
    const access = ACCESS + claims
    const cwd = await makeProject({
      'cardea.config.ts': CONFIG("'access.ts'"),
      'access.ts': access,
      'policy/schema.cedarschema': `entity Tenant;
entity User { tenant: Tenant, level?: Long };
entity Note { tenant: Tenant, owner: User, title?: String };
action view, edit appliesTo { principal: User, resource: Note, context: { tenant?: String } };
`,
      'policy/more.cedar': `@id("more") permit (principal, action == Action::"edit", resource)
when { principal has level && resource has title && context has tenant && resource.owner == principal };
`,
    })
    await cardea(['generate'], { cwd })
    const { code, stdout } = await cardea(['check', '--json'], { cwd })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      errors: 0,
      problems: [
        {
          code: 'ERR_VALIDATE_UNMAPPED',
          line: 2,
          message: expect.stringContaining('`principal.level` is never there'),
        },
        { code: 'ERR_VALIDATE_UNMAPPED', line: 2, message: expect.stringContaining('`resource.title` is never there') },
        { code: 'ERR_VALIDATE_UNMAPPED', line: 2, message: expect.stringContaining('`context.tenant` is never there') },
      ],
    })
  })

  it('do not hold up the generated schema, which their module imports', async () => {
    const cwd = await makeProject({ 'cardea.config.ts': CONFIG("'access.ts'"), 'access.ts': ACCESS })
    const { code, text } = errorOf(await cardea(['check'], { cwd }))
    expect(code).toBe(1)
    expect(text).toMatch(/the mappings of `access\.ts` cannot be checked: Cannot find module .*schema\.gen\.ts/)
    expect(text).toContain('`cardea generate` writes')
    expect(await cardea(['generate'], { cwd })).toMatchObject({ code: 0 })
    expect(await cardea(['check'], { cwd })).toMatchObject({ code: 0 })
  })

  it('come from a module that may do what it likes', async () => {
    const access = `console.log('a line of its own')\nsetInterval(() => undefined, 1000)\n${ACCESS}`
    const { code, stdout, stderr } = await cardea(['check', '--json'], { cwd: await makeMapped({ access }) })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ policies: 3, errors: 0, problems: [] })
    expect(stderr).toBe('a line of its own\n')
  })

  it.each([
    ['is not there', undefined, 'Cannot find module'],
    ['exports none', 'export const x = 1', 'it exports no entity mapping'],
    ['throws', "throw new Error('no database')", 'no database'],
    ['ends the process', 'process.exit(0)', 'it ended the thread that loads it'],
  ])('are missed when their module %s', async (_name, access, expected) => {
    const mappings = access === undefined ? "'nowhere.ts'" : "'access.ts'"
    const cwd = await makeMapped({ mappings, ...(access === undefined ? {} : { access }) })
    const { code, text } = errorOf(await cardea(['check'], { cwd }))
    expect(code).toBe(1)
    expect(text).toContain('ERR_COMMAND_CONFIG')
    expect(text).toContain(expected)
  })
})
