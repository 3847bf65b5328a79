// How each construct looks, as docs/rego.md says it; what has no exact form is refused with its place.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parsePolicies } from '@cardea/policy'
import { describe, expect, test } from 'vitest'
import { rulesModule } from '../../src/index.ts'

const page = await readFile(join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'rego.md'), 'utf8')
const section = page.slice(page.indexOf('## Constructs'), page.indexOf('## Scopes'))
const rows = [...section.matchAll(/^\| (`.*`) \| (`.*`) \|$/gm)].map(([, cedar = '', rego = '']): [string, string] => [
  codeOf(cedar),
  codeOf(rego),
])

/** What stands between the marks of a cell. */
function codeOf(cell: string): string {
  return cell.replaceAll('\\|', '|').replace(/^(`+) ?(.*?) ?\1$/, '$2')
}

function rulesOf(text: string): ReturnType<typeof rulesModule> {
  const { policies, problems } = parsePolicies(text, { file: 'a.cedar' })
  expect(problems).toEqual([])
  return rulesModule(
    { policies, forbidErrors: 'deny', sources: [{ file: 'a.cedar', text }] },
    'cardea.policy',
    'cardea_data.scopes',
  )
}

describe('the table of constructs', () => {
  test('has a row for every operator and extension method', () => {
    const cedar = rows.map(([each]) => each).join('\n')
    for (const part of [
      '==',
      '!=',
      '<',
      '>=',
      '+',
      '-',
      '*',
      '&&',
      '||',
      '!',
      'if',
      'in',
      'is',
      'has',
      'like',
      'contains(',
      'containsAll(',
      'containsAny(',
      'isEmpty(',
      'getTag(',
      'hasTag(',
      'isIpv4',
      'isIpv6',
      'isLoopback',
      'isMulticast',
      'isInRange',
      'lessThan(',
      'lessThanOrEqual',
      'greaterThan(',
      'greaterThanOrEqual',
      'offset',
      'durationSince',
      'toDate',
      'toTime',
      'toMilliseconds',
      'toSeconds',
      'toMinutes',
      'toHours',
      'toDays',
    ]) {
      expect(cedar).toContain(part)
    }
  })

  test.each(rows)('%s', (cedar, rego) => {
    const { text } = rulesOf(`permit (principal, action, resource) when { ${cedar} };`)
    const outcome = /^outcomes\["policy0"\] := \[value \| value := ([^]*)\]\n$/m.exec(text)?.[1]
    expect(outcome?.replaceAll(/\s+/g, ' ')).toBe(rego)
  })
})

describe('a policy', () => {
  test('is one rule, with its text and its id', () => {
    const cedar = `@id("owner-edits")
permit (principal is User, action == Action::"edit", resource in Folder::"plans")
when { resource.owner == principal }
unless { context.mfa == false };`
    const { text, problems } = rulesOf(cedar)
    expect(problems).toEqual([])
    expect(text).toContain(`# @id("owner-edits")
# permit (principal is User, action == Action::"edit", resource in Folder::"plans")
# when { resource.owner == principal }
# unless { context.mfa == false };
outcomes["owner-edits"] := [value | value := cedar.conjunction([
	[value | value := resource.attributes.owner == input.principal],
	[value | value := input.context.mfa != false],
])]
`)
  })

  test.each<[string, string]>([
    [
      'a comment that would end',
      'permit (principal, action, resource) // a\u2028default allow := true\u0085default allow := true\nwhen { "\\r" == "\\u{2028}" };',
    ],
    ['an id that would be code', '@id("x\\") := [true] if true\\noutcome(\\"")\npermit (principal, action, resource);'],
    [
      'a text that would be code',
      'permit (principal, action, resource) when { resource.name == "\\"]}\\n}\\ndefault decision := 1" };',
    ],
    ['a pattern that would be code', 'permit (principal, action, resource) when { resource.name like "`) }*\\n" };'],
    ['a name that would be code', 'permit (principal, action, resource) when { resource["a\\"] } #"] == 1 };'],
  ])('%s is data', (_name, cedar) => {
    const { text } = rulesOf(cedar)
    // what is no comment and no string has nothing of the policy in it
    const code = text.replaceAll(/^#.*$/gm, '').replaceAll(/"(?:[^"\\\n]|\\.)*"|`[^`\n]*`/g, 'TEXT')
    expect(code).not.toMatch(/default|\r|\u2028|true\n/)
    expect(code.match(/^outcomes\[TEXT\] := /gm)).toHaveLength(1)
  })

  test.each([
    ['ip(resource.address).isLoopback()', 'ip', 'ipaddr'],
    ['resource.price.lessThan(decimal(context.limit))', 'decimal', 'decimal'],
    ['context.now < datetime(resource.until)', 'datetime', 'datetime'],
    ['context.age < duration(resource.limit)', 'duration', 'duration'],
  ])('%s has no exact form', (condition, name, type) => {
    const { problems } = rulesOf(
      `permit (principal, action, resource);\npermit (principal, action, resource) when { ${condition} };`,
    )
    const [problem] = problems
    expect(problems).toHaveLength(1)
    expect(problem).toMatchObject({
      code: 'ERR_OPA_CONSTRUCT',
      hint: `give the attribute the type \`${type}\` instead`,
    })
    expect(problem?.message).toContain(`\`${name}\``)
    expect(problem?.span).toMatchObject({ file: 'a.cedar' })
    expect(problem?.span?.start).toBeGreaterThan(38)
  })

  test('every policy without an exact form is named', () => {
    const one = 'permit (principal, action, resource) when { ip(resource.address).isLoopback() };'
    expect(rulesOf(`${one}\n${one}`).problems.map(({ span }) => span?.start)).toHaveLength(2)
  })
})
