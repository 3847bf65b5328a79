// `cardea diff`: folders and git revisions, what is printed first, as data, and as an exit code.

import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { type Files, makeProject, writeFiles } from '../support/project.ts'
import { cardea, errorOf } from '../support/run.ts'

// each test starts several processes, which read two sets of policies and draw samples
vi.setConfig({ testTimeout: 60_000 })

const read = (file: string): Promise<string> =>
  readFile(new URL(`../../templates/policy/${file}`, import.meta.url), 'utf8')
const POLICIES = await read('policies.cedar')
const SCHEMA = await read('schema.cedarschema')

const ISOLATION = /@id\("tenant-isolation"\)[^;]*;/
/** A viewer edits, and tenants are isolated no more. */
const WIDER = POLICIES.replace(ISOLATION, '').replace(
  'action == Action::"view", resource in',
  'action in [Action::"view", Action::"edit"], resource in',
)
/** An owner only views. */
const NARROWER = POLICIES.replace(
  'action in [Action::"view", Action::"edit"], resource)',
  'action == Action::"view", resource)',
)

/** A project whose present policies are committed, and then changed. */
async function makeRepository(changes: Files): Promise<string> {
  const cwd = await makeProject({ '.gitignore': 'node_modules\n' })
  const git = (...words: string[]): void => {
    execFileSync('git', words, { cwd, env: { PATH: process.env['PATH'], HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' } })
  }
  git('init', '--quiet', '--initial-branch=main')
  git('add', '.')
  git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '--message=first')
  await writeFiles(cwd, changes)
  return cwd
}

const FEW = ['--samples', '400']

describe.concurrent('cardea diff', () => {
  it('shows what is newly allowed first, each with an example, the cells and the policies behind it', async () => {
    const cwd = await makeRepository({ 'policy/policies.cedar': WIDER })
    const { code, stdout, stderr } = await cardea(['diff', 'main', ...FEW], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^main -> working folder, policies: 1 changed, 0 new, 1 gone\n {2}changed viewer\n {2}gone {4}tenant-isolation\n/,
    )
    expect(stdout).toMatch(/^newly allows edit: User on Note\n {2}cell {7}bob \/ {2}\/ hello \/ edit$/m)
    expect(stdout).toMatch(/^ {2}grant {6}viewer to User::"\w+" on Note::"\w+"$/m)
    expect(stdout).toMatch(/^ {2}before {5}deny because no permit applies$/m)
    expect(stdout).toMatch(/^ {2}before {5}deny because tenant-isolation \(main:policy\/policies\.cedar:8\)$/m)
    expect(stdout).toMatch(/^ {2}after {6}allow because viewer \(policy\/policies\.cedar:5\)$/m)
    expect(stdout).toMatch(
      /^ {4}- permit \(principal in \?principal, action == .*\n {4}\+ permit \(principal in \?principal, action in /m,
    )
    expect(stdout).not.toContain('newly denies')
    expect(stdout).toMatch(
      /\n\d newly allowed, 0 newly denied, 0 newly erring, in 6 cells of the matrix and 400 sampled requests \(seed 1\)\n$/,
    )
  })

  it('compares two folders, in either direction; --exit-code is about what is newly allowed', async () => {
    const cwd = await makeProject({ 'narrow/policies.cedar': NARROWER, 'narrow/schema.cedarschema': SCHEMA })
    const narrowed = await cardea(['diff', 'policy', 'narrow', '--exit-code', ...FEW], { cwd })
    expect(narrowed).toMatchObject({ code: 0, stderr: '' })
    expect(narrowed.stdout).toMatch(/^newly denies edit: User on Note$/m)
    const widened = await cardea(['diff', 'narrow', 'policy', '--exit-code', ...FEW], { cwd })
    expect(widened).toMatchObject({ code: 1, stderr: '' })
    expect(widened.stdout).toMatch(/^newly allows edit: User on Note$/m)
  })

  it('says how much it looked at when nothing differs', async () => {
    const cwd = await makeRepository({ 'policy/policies.cedar': `// a comment\n${POLICIES}` })
    const { code, stdout } = await cardea(['diff', 'HEAD', '--exit-code', '--seed', '7', ...FEW], { cwd })
    expect(code).toBe(0)
    expect(stdout).toBe(
      'HEAD -> working folder, no policy changed\n\nno difference in 6 cells of the matrix and 400 sampled requests (seed 7)\n',
    )
  })

  it('says the same as data, whose example other commands can read', async () => {
    const cwd = await makeRepository({ 'policy/policies.cedar': WIDER })
    const { stdout } = await cardea(['diff', 'main', '--json', ...FEW], { cwd })
    const found = JSON.parse(stdout) as {
      readonly newlyAllows: readonly { readonly example: Readonly<Record<'request' | 'entities' | 'links', unknown>> }[]
    }
    expect(found).toMatchObject({
      compared: { cells: 6, samples: 400 },
      policies: [
        { id: 'viewer', change: 'changed' },
        { id: 'tenant-isolation', change: 'gone' },
      ],
      newlyDenies: [],
      newlyErrs: [],
    })
    expect(
      JSON.parse((await cardea(['diff', 'main', '--json', '--limit', '1', ...FEW], { cwd })).stdout),
    ).toHaveProperty('newlyAllows.length', 1)
    const [first] = found.newlyAllows
    if (first === undefined) throw new Error('nothing was found')
    const { request, entities, links } = first.example
    await writeFiles(cwd, {
      'request.json': JSON.stringify(request),
      'entities.json': JSON.stringify(entities),
      'links.json': JSON.stringify(links),
      'before.cedar': POLICIES,
    })
    const authorize = (policies: string) =>
      cardea(
        [
          'authorize',
          '-p',
          policies,
          '--entities',
          'entities.json',
          '--request-json',
          'request.json',
          '-k',
          'links.json',
          '-s',
          'policy/schema.cedarschema',
        ],
        { cwd },
      )
    expect([(await authorize('before.cedar')).code, (await authorize('policy/policies.cedar')).code]).toEqual([2, 0])
  })

  it('tells what only one schema knows, and compares the rest', async () => {
    const schema = `${SCHEMA}\naction burn appliesTo { principal: [User], resource: [Note], context: {} };\n`
    const cwd = await makeRepository({ 'policy/schema.cedarschema': schema, 'policy/policies.cedar': WIDER })
    const { stdout } = await cardea(['diff', 'main', ...FEW], { cwd })
    expect(stdout).toContain('  schema  action burn: it is new (only in working folder); it is not compared\n')
    expect(stdout).toContain('newly allows edit: User on Note')
  })

  it('compares the sample alone where there is no matrix', async () => {
    const cwd = await makeRepository({ 'policy/policies.cedar': WIDER })
    const { stdout } = await cardea(['diff', 'main', ...FEW], { cwd, env: { CARDEA_TESTS: 'none.yaml' } })
    expect(stdout).toContain('in 0 cells of the matrix and 400 sampled requests')
  })

  it('does not pass when it could compare nothing', async () => {
    const other = SCHEMA.replaceAll('action view', 'action see').replaceAll('action edit', 'action write')
    const cwd = await makeProject({
      'other/p.cedar': '@id("a") permit (principal, action, resource);',
      'other/s.cedarschema': other,
    })
    const { code, stdout } = await cardea(['diff', 'policy', 'other', '--exit-code', ...FEW], { cwd })
    expect(code).toBe(1)
    expect(stdout).toContain('nothing was compared: no action can be asked of both')
  })

  it.each([
    [
      'names nothing',
      ['nowhere'],
      {},
      '`nowhere` is no folder of policies, no bundle and no git revision (ERR_COMMAND_FILE)\nhint',
    ],
    ['is an option in disguise', ['--output=x'], {}, 'unknown option `--output=x` (ERR_COMMAND_USAGE)'],
    [
      'names a revision without policies',
      ['main'],
      { CARDEA_POLICIES: 'elsewhere' },
      '`main` has no policies at `elsewhere` (ERR_COMMAND_FILE)\nhint',
    ],
    ['is not a number of samples', ['main', '--samples', 'many'], {}, '(ERR_COMMAND_USAGE)'],
    ['is missing', [], {}, 'missing required argument `old` (ERR_COMMAND_USAGE)'],
  ])('refuses what %s', async (_name, words, env, expected) => {
    const cwd = await makeRepository({})
    const { code, text } = errorOf(await cardea(['diff', ...words], { cwd, env }))
    expect(code).toBe(1)
    expect(text).toContain(expected)
  })

  it('compares what a bundle runs with what is written', async () => {
    const cwd = await makeProject()
    expect(await cardea(['bundle', '--out', 'old.bundle.json'], { cwd })).toMatchObject({ code: 0 })
    await writeFiles(cwd, { 'policy/policies.cedar': WIDER })
    const { code, stdout } = await cardea(['diff', 'old.bundle.json', '--exit-code', ...FEW], { cwd })
    expect(code).toBe(1)
    expect(stdout).toContain('  before     deny because tenant-isolation (old.bundle.json:policies.cedar:8)\n')
    expect(stdout).toContain('newly allows edit: User on Note')
    await writeFiles(cwd, { 'no.bundle.json': '{}' })
    expect(errorOf(await cardea(['diff', 'no.bundle.json'], { cwd })).text).toContain('(ERR_FEED_BUNDLE_')
  })

  it('compares only policies without errors, and says which side has them', async () => {
    const cwd = await makeProject({ 'broken/policies.cedar': 'permit (principal' })
    const { code, stdout, stderr } = await cardea(['diff', 'broken', 'policy'], { cwd })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^broken\/policies\.cedar:1:\d+: error: /)
    expect(stderr).toContain('the policies of `broken` have errors (ERR_COMMAND_POLICY)')
  })

  it('reads a revision from below the root of the repository, folders with odd names and all', async () => {
    const cwd = await makeRepository({})
    const below = join(cwd, 'a service')
    await writeFiles(below, {
      'policy/a.cedar': POLICIES,
      'policy/schema.cedarschema': SCHEMA,
      'policy/ü "b".cedar': '@id("c") forbid (principal, action, resource) when { false };',
    })
    const git = { cwd, env: { PATH: process.env['PATH'], HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' } }
    execFileSync('git', ['add', '.'], git)
    execFileSync(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '--message=second'],
      git,
    )
    await writeFiles(below, { 'policy/a.cedar': NARROWER })
    const { stdout } = await cardea(['diff', 'HEAD', ...FEW], { cwd: below })
    expect(stdout).toMatch(/^HEAD -> working folder, policies: 1 changed, 0 new, 0 gone$/m)
    expect(stdout).toMatch(/before {5}allow because owner-edits \(HEAD:policy\/a\.cedar:1\)/)
  })
})
