// The scopes of policies as data: how a row looks, as docs/rego.md says it, and where it stands.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { entityUid, parsePolicies, type Policy, type TemplateLink } from '@cardea/policy'
import { describe, expect, test } from 'vitest'
import { printOpaJson } from '../../src/index.ts'
import { scopeTable } from '../../src/rego/scope-table.ts'

const page = await readFile(join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'rego.md'), 'utf8')
const section = page.slice(page.indexOf('## Scopes'), page.indexOf('## What is refused'))
const documented = [...section.matchAll(/^\| `(.*)` \| `(.*)`.* \|$/gm)].map(([, cedar = '', tests = '']) => [
  cedar,
  tests,
])

function policiesOf(text: string): readonly Policy[] {
  const { policies, problems } = parsePolicies(text, { file: 'a.cedar' })
  expect(problems).toEqual([])
  return policies
}

interface Row {
  readonly id?: string
  readonly place: number
  readonly tests: unknown
  readonly slots?: unknown
}

/** Every row with the names that it stands below. */
function rowsOf(
  policies: string,
  links: readonly TemplateLink[] = [],
): readonly (readonly [place: string, row: Row])[] {
  const table: unknown = JSON.parse(printOpaJson(scopeTable(policiesOf(policies), links)))
  const found: (readonly [string, Row])[] = []
  collect(table, [])
  return found.toSorted(([, left], [, right]) => left.place - right.place)

  function collect(branch: unknown, names: readonly string[]): void {
    if (Array.isArray(branch)) found.push(...(branch as Row[]).map((row) => [names.join(' '), row] as const))
    else for (const [name, inner] of Object.entries(branch as object)) collect(inner, [...names, name])
  }
}

function placesOf(policies: string, links: readonly TemplateLink[] = []): readonly string[] {
  return rowsOf(policies, links).map(([place]) => place)
}

describe('the table of tests', () => {
  test('is compared', () => {
    expect(documented.length).toBeGreaterThan(6)
  })

  test.each(documented)('%s', (scope, tests) => {
    const [[, row] = []] = rowsOf(`permit (${scope});`)
    expect(JSON.stringify(row?.tests)).toBe(tests)
  })
})

describe('a row', () => {
  test.each([
    ['every action', 'permit (principal, action, resource);', ['* * principal * *']],
    [
      'each of its actions',
      'permit (principal, action in [Action::"a", Action::"b"], resource);',
      ['Action a principal * *', 'Action b principal * *'],
    ],
    ['no action', 'permit (principal, action in [], resource);', []],
    ['its principal', 'permit (principal in T::"t", action, resource);', ['* * principal T t']],
    ['its resource', 'permit (principal, action, resource == D::"d");', ['* * resource D d']],
    ['the entity beside its type', 'permit (principal, action, resource is D in F::"f");', ['* * resource F f']],
    ['neither slot', 'permit (principal in ?principal, action, resource in ?resource);', ['* * principal * *']],
    [
      'the entity that is rarer',
      `permit (principal in T::"all", action, resource == D::"d");
       permit (principal in T::"all", action, resource == D::"e");
       forbid (principal == U::"u", action, resource == D::"e");`,
      ['* * resource D d', '* * principal T all', '* * principal U u'],
    ],
    [
      'a name that objects have',
      'permit (principal == U::"__proto__", action, resource);',
      ['* * principal U __proto__'],
    ],
  ])('stands below %s', (_name, policies, places) => {
    expect(placesOf(policies)).toEqual(places)
  })

  test('of a link stands below what fills the slots, and needs it', () => {
    const link = { id: 'l', template: 't', principal: entityUid('U', 'u'), resource: entityUid('D', 'd') }
    const [template, ofLink] = rowsOf('@id("t") permit (principal == ?principal, action, resource in ?resource);', [
      link,
    ])
    expect(template?.[1]).toMatchObject({ tests: [], slots: { principal: '==', resource: 'in' } })
    expect(ofLink).toEqual([
      '* * principal U u',
      {
        id: 'l',
        place: 0,
        policy: 't',
        effect: 'permit',
        tests: [
          ['principal', '==', ['U', 'u']],
          ['resource', 'in', ['D', 'd']],
        ],
      },
    ])
  })

  test('of a link that fills other slots is none', () => {
    const link = { id: 'l', template: 't', principal: entityUid('U', 'u') }
    const template = '@id("t") permit (principal == ?principal, action, resource in ?resource);'
    expect(placesOf(template, [link])).toEqual(placesOf(template))
  })
})
