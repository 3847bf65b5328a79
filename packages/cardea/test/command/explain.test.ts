// `cardea explain`: of files as `cardea authorize` takes them, and of cells of the project's test matrix.

import type { Explanation } from '@cardea/policy/explain'
import { describe, expect, it } from 'vitest'
import { type Files, makeFolder, makeProject, writeFiles } from '../support/project.ts'
import { cardea, errorOf, PLANTED_SECRET } from '../support/run.ts'

const FILES: Files = {
  'p.cedar': `@id("owner") permit (principal, action == Action::"view", resource)
when { resource.owner == principal && principal.level > 2 };
@id("viewer") @advice("request_grant")
permit (principal == ?principal, action == Action::"view", resource == ?resource);
@id("small") forbid (principal, action == Action::"edit", resource) when { resource.size > 9 };
@id("edit") permit (principal, action == Action::"edit", resource);
`,
  's.cedarschema': `entity User { @loggable level: Long };
entity Note { owner: User, size?: Long };
action view, edit appliesTo { principal: [User], resource: [Note], context: {} };
`,
  'e.json': JSON.stringify([
    { uid: { type: 'User', id: 'ann' }, attrs: { level: 2 }, parents: [] },
    {
      uid: { type: 'Note', id: PLANTED_SECRET },
      attrs: { owner: { __entity: { type: 'User', id: 'ann' } } },
      parents: [],
    },
  ]),
  'k.json': JSON.stringify([
    {
      template_id: 'viewer',
      link_id: 'g',
      args: { '?principal': 'User::"ann"', '?resource': `Note::"${PLANTED_SECRET}"` },
    },
  ]),
}
const FROM = ['explain', '-p', 'p.cedar', '--entities', 'e.json', '-s', 's.cedarschema']
const ask = (action: string): readonly string[] => [
  '-l',
  'User::"ann"',
  '-a',
  `Action::"${action}"`,
  '-r',
  `Note::"${PLANTED_SECRET}"`,
]

describe.concurrent('cardea explain, of files', () => {
  it('shows what each permit lacked, with values where the schema allows it, and the remedy', async () => {
    const cwd = await makeFolder(FILES)
    const { code, stdout, stderr } = await cardea([...FROM, ...ask('view')], { cwd })
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    expect(stdout).toBe(`DENY: no permit applies

p.cedar:3:1: near miss: permit \`viewer\` does not apply
  4 | permit (principal == ?principal, action == Action::"view", resource == ?resource);
    |                                                            ^^^^^^^^^^^^^^^^^^^^^ there is no grant of it here
  = would meet it: a grant of \`viewer\` on the resource

p.cedar:1:1: near miss: permit \`owner\` does not apply
  2 | when { resource.owner == principal && principal.level > 2 };
    |                                       ^^^^^^^^^^^^^^^^^^^ is false
  = \`principal.level\` is \`2\`
  = would meet it: another value of \`principal.level\`

remedy: \`request_grant:template=viewer\`
`)
  })

  it('explains an allow, and the grant by which it is one', async () => {
    const cwd = await makeFolder(FILES)
    const { code, stdout } = await cardea([...FROM, ...ask('view'), '-k', 'k.json'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^ALLOW: a permit applies, and no forbid\n\np\.cedar:3:1: permit: `viewer` applies by a grant on the resource\n/,
    )
  })

  it('prints the same as JSON, without values that are not loggable', async () => {
    const cwd = await makeFolder(FILES)
    const { code, stdout, stderr } = await cardea([...FROM, ...ask('view'), '--json', '--limit', '1'], { cwd })
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    expect(stdout).not.toContain(PLANTED_SECRET)
    const explanation = JSON.parse(stdout) as Explanation
    expect(explanation).toMatchObject({
      version: 1,
      decision: 'deny',
      reason: 'no-permit',
      asked: { principalType: 'User', action: 'Action::"view"', resourceType: 'Note' },
      nearMisses: [{ policy: { id: 'viewer', place: { file: 'p.cedar', line: 3, column: 1 } } }],
      more: { nearMisses: 1 },
      remedies: [{ kind: 'request-grant', template: 'viewer' }],
    })
  })

  it('decides a forbid that errs by Cedar’s rule and says that a guard denies, or by the guard’s', async () => {
    const cwd = await makeFolder(FILES)
    const [skip, deny] = await Promise.all([
      cardea([...FROM, ...ask('edit')], { cwd }),
      cardea([...FROM, ...ask('edit'), '--forbid-errors', 'deny'], { cwd }),
    ])
    expect(skip.code).toBe(0)
    expect(skip.stdout).toContain('could not be decided: `small`: attribute `size` is absent')
    expect(skip.stderr).toMatch(/^warning: a forbid could not be decided\. .*a guard denies/)
    expect(deny).toMatchObject({ code: 2, stderr: '' })
    expect(deny.stdout).toMatch(/^DENY: a forbid could not be decided\n\np\.cedar:5:1: forbid: `small` errs: /)
  })

  it('is coloured where there is colour', async () => {
    const cwd = await makeFolder(FILES)
    const { stdout } = await cardea([...FROM, ...ask('view')], { cwd, env: { FORCE_COLOR: '1' } })
    expect(stdout.startsWith('\u001b[1;31mDENY\u001b[0m: ')).toBe(true)
  })

  it.each<[string, readonly string[], Files, string, string]>([
    ['nothing to explain', ['explain'], {}, 'ERR_COMMAND_USAGE', 'there are no policies to ask'],
    ['no request', FROM, {}, 'ERR_COMMAND_USAGE', 'there is no request to decide'],
    [
      'a rule that is none',
      [...FROM, '--forbid-errors', 'allow'],
      {},
      'ERR_COMMAND_USAGE',
      'Allowed choices are skip, deny',
    ],
    ['a limit that is none', [...FROM, '--limit', 'few'], {}, 'ERR_COMMAND_USAGE', 'not a whole number'],
    ['files and a test', [...FROM, '--test', 'x'], {}, 'ERR_COMMAND_USAGE', 'cannot be used with'],
    ['policies with errors', [...FROM, ...ask('view')], { 'p.cedar': 'permit (' }, 'ERR_COMMAND_POLICY', 'p.cedar:1:'],
  ])('exits 1 for %s', async (_name, args, files, code, text) => {
    const cwd = await makeFolder(FILES)
    await writeFiles(cwd, files)
    const result = await cardea(args, { cwd })
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 1, stdout: '' })
    expect(errorOf(result).text).toContain(`(${code}`)
    expect(errorOf(result).text).toContain(text)
  })
})

describe.concurrent('cardea explain --test', () => {
  it('explains a cell by its key', async () => {
    const cwd = await makeProject()
    const { code, stdout, stderr } = await cardea(['explain', '--test', 'eve /  / hello / view'], { cwd })
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    expect(stdout).toMatch(
      /^DENY: a forbid applies\n\npolicy\/policies\.cedar:8:1: forbid: `tenant-isolation` applies\n/,
    )
  })

  it('exits 1 for a name of several cells and for one of none, and says which there are', async () => {
    const cwd = await makeProject()
    const [several, none] = await Promise.all([
      cardea(['explain', '--test', 'ann on hello'], { cwd }),
      cardea(['explain', '--test', 'bob on helo'], { cwd }),
    ])
    expect(errorOf(several)).toMatchObject({ code: 1, text: expect.stringContaining('`ann on hello` has 2 cells') })
    expect(errorOf(several).text).toContain('`ann /  / hello / edit`')
    expect(errorOf(none)).toMatchObject({ code: 1, text: expect.stringContaining('did you mean `bob on hello`?') })
  })
})
