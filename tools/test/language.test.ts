// The page of the language: its policies are valid under its schema, each warning is shown by an example that has it and no other, every
// check has its part, and its numbers are those of the code.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parsePolicies, RESERVED_CONTEXT, SYNTAX_LIMITS } from '@cardea/policy'
import { ANNOTATIONS } from '@cardea/policy/annotation'
import { checkSources, createValidator, lintPolicies, SCHEMA_LIMITS } from '@cardea/validate'
import { afterAll, describe, expect, it } from 'vitest'
import { CHECKS } from '../../packages/validate/src/lint/checks.ts'
import { runCommand } from '../command.ts'
import { type Fence, fencesIn } from './fences.ts'
import { ROOT } from './plant.ts'

const text = await readFile(join(ROOT, 'docs', 'language.md'), 'utf8')
const fences = fencesIn('docs/language.md', text)
const schema = {
  file: 'schema.cedarschema',
  text: fences.find(({ language }) => language === 'cedarschema')?.text ?? '',
}
const validator = createValidator()
afterAll(() => validator.close())

async function codesOf(policies: string): Promise<readonly string[]> {
  const { problems } = await checkSources({ schema, policies: [{ file: 'page.cedar', text: policies }] }, validator)
  return problems.map(({ code }) => code)
}

/** The part of the page that a line stands in, by its heading. */
function headingBefore(line: number): string {
  const headings = text
    .split('\n')
    .slice(0, line)
    .filter((each) => each.startsWith('#'))
  return (headings.at(-1) ?? '').replaceAll(/[#`]/g, '').trim()
}

const cedar = fences.filter(({ language }) => language === 'cedar')
/** An example of a warning; the last of a part may show what has none. */
const isWarning = ({ line, text: policies }: Fence): boolean =>
  line > text.slice(0, text.indexOf('\n### ')).split('\n').length && !policies.includes('delete-needs')
const codeOf = (name: string): string => `ERR_VALIDATE_${name.replaceAll('-', '_').toUpperCase()}`

describe('the page of the language', () => {
  it.each(cedar.filter((fence) => !isWarning(fence)).map((fence) => [headingBefore(fence.line), fence] as const))(
    'has nothing wrong in its policies of "%s"',
    async (_heading, fence) => {
      expect(await codesOf(fence.text)).toEqual([])
    },
  )

  it.each(cedar.filter(isWarning).map((fence) => [headingBefore(fence.line), fence] as const))(
    'shows what `%s` says',
    async (name, fence) => {
      const found = await codesOf(fence.text)
      // the mappings of a project are not in a policy: here none has a column
      if (name !== 'unmapped') return expect(found).toEqual([codeOf(name)])
      expect(found).toEqual([])
      const { definition } = await validator.parseSchema(schema.text)
      const { policies } = parsePolicies(fence.text)
      const supply = {
        resources: new Map([['Document', { attributes: new Set<string>(), ancestors: new Set<string>() }]]),
      }
      expect(definition && lintPolicies(policies, definition, supply).map(({ code }) => code)).toEqual([codeOf(name)])
    },
  )

  it('has a part for every warning, and for no other', () => {
    const parts = [...text.matchAll(/^### `([a-z-]+)`$/gm)].map(([, name = '']) => codeOf(name))
    expect(parts.toSorted()).toEqual([...CHECKS.map(({ code }) => code), 'ERR_VALIDATE_LINT'].toSorted())
  })

  it('says what its program prints', async () => {
    const program = fences.find(({ language }) => language === 'ts')
    const printed = fences.find(({ language, line }) => language === 'text' && line > (program?.line ?? 0))
    const folder = join(ROOT, '.cardea', 'documents')
    await mkdir(folder, { recursive: true })
    const file = join(await mkdtemp(join(folder, 'run-')), 'program.ts')
    await writeFile(file, program?.text ?? '')
    const { code, output } = await runCommand('node', ['--conditions=@cardea/source', file], ROOT)
    await rm(dirname(file), { recursive: true })
    expect({ code, output }).toEqual({ code: 0, output: printed?.text })
  })

  it('has the annotations of the one table', () => {
    const [, part = ''] = text.split('\n## Annotations\n')
    const [table = ''] = part.split('\n## ')
    const names = [...table.matchAll(/^\| `@(\w+)/gm)].map(([, name = '']) => name)
    expect(names.toSorted()).toEqual(Object.keys(ANNOTATIONS).toSorted())
  })

  it('has the limits and the reserved names of the code', () => {
    const grouped = (number: number): string => String(number).replaceAll(/\B(?=(\d{3})+$)/g, ' ')
    const { textBytes, tokens, policies, nesting, height, stringLength } = SYNTAX_LIMITS
    expect(text).toContain(`${textBytes / 2 ** 20} MiB, ${grouped(tokens)} tokens and ${grouped(policies)} policies`)
    expect(text).toContain(
      `${nesting} brackets inside each other and a height of ${grouped(height)}; a string\n${grouped(stringLength)} code units`,
    )
    expect(text).toContain(`${SCHEMA_LIMITS.textLength / 2 ** 20} MiB and ${SCHEMA_LIMITS.nesting} brackets`)
    const [table = ''] = text.split('\n## Context\n')[1]?.split('\n\nDeclare') ?? []
    const names = [...table.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/\w+/g)].map(([name]) => name),
    )
    expect(names).toEqual([...RESERVED_CONTEXT])
  })
})
