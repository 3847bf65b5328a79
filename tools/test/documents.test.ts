// What documents show is true as far as a compiler can tell. In every page of the repository:
//
//   ```ts       compiles against the sources of the workspace, as strictly as they do
//   ```cedar    parses
//   ```rego     parses by a stock OPA; a whole module, which begins with `package`, is checked
//   ```yaml     with `tests` at its top is a test matrix, and is read as one
//   ```text     behind a ```ts and the words "It prints:" is what that prints
//
// A fence that imports files of a folder names it: a comment `<!-- with: examples/first -->` before the fence says that its relative
// imports stand there. Fences of one folder are one program, because each example registers its own schema.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ANSWERS, REASONS } from '@cardea/guard'
import { parsePolicies } from '@cardea/policy'
import { parseMatrix } from '@cardea/testkit'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../command.ts'
import { requireOpa } from '../opa.ts'
import { ROOT } from './plant.ts'
import { compileFences, type Fence, fencesIn, loadFences, runFence } from './fences.ts'

const fences = await loadFences()
const inLanguage = (language: string): Fence[] => fences.filter((fence) => fence.language === language)

/** Programs with what they print. */
const programs = fences.flatMap((printed, index) => {
  const program = fences[index - 1]
  const isPrinted = printed.language === 'text' && printed.before === 'It prints:'
  return isPrinted && program?.language === 'ts' && program.page === printed.page ? [{ program, printed }] : []
})

/** The compiler reads the sources of every package that a fence imports. */
const SLOW = { timeout: 120_000 }

/** Languages that nothing can check, and those that something does. */
const LANGUAGES = new Set(['', 'sh', 'text', 'json', 'sql', 'http', 'cedarschema', 'ts', 'cedar', 'rego', 'yaml'])

const placeOf = ({ page, line }: Fence): string => `${page}:${line}`

describe('code in documents', () => {
  const contexts = Map.groupBy(inLanguage('ts'), ({ context }) => context ?? 'nothing else')
  it.each([...contexts])('compiles, with %s', SLOW, async (_context, group) => {
    expect(await compileFences(group)).toBe('')
  })

  it.each(inLanguage('cedar').map((fence) => [placeOf(fence), fence] as const))('%s parses', (_place, fence) => {
    const { policies, problems } = parsePolicies(fence.text, { file: fence.page })
    expect(problems).toEqual([])
    expect(policies.length).toBeGreaterThan(0)
  })

  it.for(inLanguage('rego').map((fence) => [placeOf(fence), fence] as const))(
    '%s is Rego',
    SLOW,
    async ([, fence], { skip }) => {
      const command = await requireOpa(skip)
      const folder = await mkdtemp(join(tmpdir(), 'cardea-rego-'))
      try {
        const isModule = fence.text.startsWith('package ')
        const text = isModule ? fence.text : `package fence\n\nimport rego.v1\n\n${fence.text}`
        await writeFile(join(folder, 'fence.rego'), text)
        const how = isModule ? ['check', '--strict'] : ['parse']
        expect(await runCommand(command, [...how, 'fence.rego'], folder)).toMatchObject({ code: 0 })
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  )

  const matrices = inLanguage('yaml').filter(({ text }) => /^tests:/m.test(text))
  it.each(matrices.map((fence) => [placeOf(fence), fence] as const))('%s is a matrix', (_place, fence) => {
    expect(parseMatrix(fence.text, fence.page).tests.length).toBeGreaterThan(0)
  })

  it.each(programs.map(({ program, printed }) => [placeOf(program), program, printed] as const))(
    '%s prints what it says',
    SLOW,
    async (_place, program, printed) => {
      const { code, output } = await runFence(program)
      expect(output).toBe(printed.text)
      expect(code).toBe(0)
    },
  )

  it('was found: every package shows a program, and no fence has a language that would escape', () => {
    const pages = new Set(inLanguage('ts').map(({ page }) => page))
    const rooms = [
      'policy',
      'validate',
      'token',
      'claims',
      'feed',
      'data',
      'guard',
      'opa',
      'authority',
      'testkit',
      'cardea',
    ]
    expect(rooms.filter((room) => !pages.has(`packages/${room}/README.md`))).toEqual([])
    expect(pages).toContain('README.md')
    expect(inLanguage('cedar').length).toBeGreaterThan(0)
    expect(matrices.length).toBeGreaterThan(0)
    expect(programs.map(({ program }) => program.page)).toContain('docs/explain.md')
    expect(fences.filter(({ language }) => !LANGUAGES.has(language)).map(placeOf)).toEqual([])
  })
})

describe('the page of errors', () => {
  it('has the reasons and the answers of the guard, each answer with its status', async () => {
    const page = await readFile(join(ROOT, 'docs', 'errors.md'), 'utf8')
    const rows = [...page.matchAll(/^\| `([a-z_]+)` \| ([^|]+) \|/gm)].map(([, name = '', second = '']) => [
      name,
      second,
    ])
    const answers = rows.filter(([, second = '']) => /^\d{3}$/.test(second))
    const reasons = rows.filter((row) => !answers.includes(row)).map(([name]) => name)
    expect(Object.fromEntries(answers)).toEqual(
      Object.fromEntries(Object.entries(ANSWERS).map(([name, { status }]) => [name, String(status)])),
    )
    expect(reasons).toEqual(Object.keys(REASONS))
  })
})

describe('the canary', () => {
  const page = [
    'Text.',
    '',
    '<!-- with: examples/first -->',
    '',
    '```ts',
    "import { schema } from './schema.gen.ts'",
    "import { mapEntity } from '@cardea/guard'",
    '',
    "export const Note = mapEntity(schema, 'Notes', { table: 'notes', id: 'id', attributes: {} })",
    '```',
    '',
    '```cedar',
    'permit (principal, action);',
    '```',
    '',
    '```yaml',
    'tests: []',
    '```',
    '',
  ].join('\n')
  const [program, policy, matrix] = fencesIn('page.md', page)

  it('finds each fence with its line and its context', () => {
    expect([program, policy, matrix].map((fence) => [fence?.language, fence?.line, fence?.context])).toEqual([
      ['ts', 6, 'examples/first'],
      ['cedar', 13, undefined],
      ['yaml', 17, undefined],
    ])
  })

  it('does not compile, and the finding names the line of the page', SLOW, async () => {
    expect(await compileFences(program === undefined ? [] : [program])).toMatch(/page\.md\.6\.ts\(9,\d+\): error TS/)
  })

  it('does not parse', () => {
    expect(parsePolicies(policy?.text ?? '').problems.map(({ code }) => code)).toEqual(['ERR_POLICY_SYNTAX_SCOPE'])
    expect(() => parseMatrix(matrix?.text ?? '', 'page.md')).toThrow(/page\.md/)
  })
})
