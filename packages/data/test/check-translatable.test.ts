// What has no exact query is refused when policy is built, with its place; and refused again when a query would be made of it.

import { describe, expect, test } from 'vitest'
import type { EntityMapping } from '@cardea/policy/mapping'
import { checkTranslatable } from '../src/check-translatable.ts'
import type { DataErrorCode } from '../src/errors.ts'
import { sqlOf } from '../src/sql-of.ts'
import { Document, filterOf, policiesOf, programOf, schema } from './documents.ts'

type Row = readonly [condition: string, code: DataErrorCode, place: string]

const REFUSED: readonly Row[] = [
  ['resource.level + 1 < 3', 'ERR_DATA_ARITHMETIC', 'resource.level + 1'],
  ['resource.level - 1 < 3', 'ERR_DATA_ARITHMETIC', 'resource.level - 1'],
  ['3 < resource.level * 2', 'ERR_DATA_ARITHMETIC', 'resource.level * 2'],
  ['-resource.level < 3', 'ERR_DATA_ARITHMETIC', '-resource.level'],
  ['resource.net.isInRange(ip("10.0.0.0/8"))', 'ERR_DATA_EXTENSION', 'resource.net.isInRange(ip("10.0.0.0/8"))'],
  [
    'context.now.durationSince(resource.made) < duration("1h")',
    'ERR_DATA_EXTENSION',
    'context.now.durationSince(resource.made)',
  ],
  ['ip(resource.title).isLoopback()', 'ERR_DATA_EXTENSION', 'ip(resource.title)'],
  ['resource.net == ip("10.0.0.1")', 'ERR_DATA_UNSUPPORTED', 'resource.net == ip("10.0.0.1")'],
  ['[ip("10.0.0.1")].contains(resource.net)', 'ERR_DATA_UNSUPPORTED', '[ip("10.0.0.1")].contains(resource.net)'],
  ['resource.labels == ["a"]', 'ERR_DATA_UNSUPPORTED', 'resource.labels == ["a"]'],
  ['resource.meta == {kind: "a"}', 'ERR_DATA_UNSUPPORTED', 'resource.meta == {kind: "a"}'],
  ['resource.meta.kind == "a"', 'ERR_DATA_RECORD', 'resource.meta.kind'],
  ['resource has meta.kind', 'ERR_DATA_RECORD', 'resource has meta.kind'],
  ['{a: resource.title} == {a: "x"}', 'ERR_DATA_RECORD', '{a: resource.title}'],
  ['resource.owner.level == 3', 'ERR_DATA_REACHED', 'resource.owner.level'],
  ['resource.owner has level', 'ERR_DATA_REACHED', 'resource.owner has level'],
  ['resource has owner.level', 'ERR_DATA_REACHED', 'resource has owner.level'],
  ['resource.owner in Team::"red"', 'ERR_DATA_REACHED', 'resource.owner in Team::"red"'],
  ['Document::"x".shared', 'ERR_DATA_REACHED', 'Document::"x".shared'],
  ['Document::"x" in resource.original', 'ERR_DATA_REACHED', 'Document::"x" in resource.original'],
  ['principal.latest.shared', 'ERR_DATA_REACHED', 'principal.latest.shared'],
  ['principal.latest has note', 'ERR_DATA_REACHED', 'principal.latest has note'],
  ['principal.latest in Folder::"f1"', 'ERR_DATA_REACHED', 'principal.latest in Folder::"f1"'],
  ['principal.latest in resource.original', 'ERR_DATA_REACHED', 'principal.latest in resource.original'],
  ['resource in [resource.original]', 'ERR_DATA_UNSUPPORTED', 'resource in [resource.original]'],
  [
    'resource.labels.containsAll([resource.title])',
    'ERR_DATA_UNSUPPORTED',
    'resource.labels.containsAll([resource.title])',
  ],
  ['resource.labels.contains(resource.title)', 'ERR_DATA_UNSUPPORTED', 'resource.labels.contains(resource.title)'],
  ['[resource.title].isEmpty()', 'ERR_DATA_UNSUPPORTED', '[resource.title].isEmpty()'],
  ['resource.hasTag("a")', 'ERR_DATA_UNSUPPORTED', 'resource.hasTag("a")'],
  ['resource.getTag("a") == "b"', 'ERR_DATA_UNSUPPORTED', 'resource.getTag("a")'],
  ['(if resource.shared then 1 else 2) == 1', 'ERR_DATA_UNSUPPORTED', 'if resource.shared then 1 else 2'],
  ['resource.title like "*a*b*c*d*e*"', 'ERR_DATA_PATTERN', 'resource.title like "*a*b*c*d*e*"'],
]

describe('refused, with its place', () => {
  test.each(REFUSED)('%s', (condition, code, place) => {
    const text = `@id("it") permit(principal, action, resource) when { ${condition} };`
    const problems = checkTranslatable(policiesOf(text), schema, [Document])
    expect(problems.map((problem) => problem.code)).toEqual([code])
    const span = problems[0]?.span
    expect(text.slice(span?.start, span?.end)).toBe(place)
    expect(span?.file).toBe('policies.cedar')
  })

  test.each(REFUSED)('no query: %s', (condition, code) => {
    const program = programOf(`permit(principal, action, resource) when { ${condition} };`)
    expect(() => sqlOf(filterOf({ program }))).toThrowError(
      expect.objectContaining({ name: 'DataError', code, span: expect.objectContaining({ file: 'policies.cedar' }) }),
    )
  })

  test('what only some requests could ask', () => {
    // whether a friend is a user or a team is not looked at before there is a request
    const text = 'permit(principal, action, resource) when { resource.owner in principal.friends };'
    const problems = checkTranslatable(policiesOf(text), schema, [Document])
    expect(problems.map(({ code, hint }) => [code, hint?.includes('contains')])).toEqual([['ERR_DATA_REACHED', true]])
  })

  test('all of them, once each, in order of place', () => {
    const text = `
      permit(principal, action, resource) when { resource.meta.kind == "a" || resource.level + 1 < 3 };
      forbid(principal, action, resource) unless { resource.owner.level == 3 };`
    const problems = checkTranslatable(policiesOf(text), schema, [Document, Document])
    expect(problems.map(({ code }) => code)).toEqual(['ERR_DATA_RECORD', 'ERR_DATA_ARITHMETIC', 'ERR_DATA_REACHED'])
    expect(problems.every(({ severity, message }) => severity === 'error' && message.includes('Document'))).toBe(true)
  })
})

describe('not refused', () => {
  test.each([
    ['what never reads the row', 'principal.level + 1 < 3 && context.text like "*a*b*c*d*e*f*"'],
    ['what another type of resource would read', 'resource is Folder && resource.meta.kind == "a"'],
    ['groups of the principal', 'principal in Team::"red" || principal in resource.team'],
    ['a reference that is in nothing', 'resource.team in Team::"red"'],
    ['ancestors of the row, of any type', 'resource in principal.folders && resource in Shelf::"top"'],
    ['sets of the request', 'principal.friends.contains(resource.owner) && resource in principal.folders'],
  ])('%s', (_, condition) => {
    const policies = policiesOf(`permit(principal, action, resource) when { ${condition} };`)
    expect(checkTranslatable(policies, schema, [Document])).toEqual([])
  })

  test('a policy of an action that is not asked for lists', () => {
    const policies = policiesOf(
      'permit(principal, action == Action::"edit", resource) when { resource.level + 1 < 3 };',
    )
    expect(checkTranslatable(policies, schema, [Document], { actions: ['view'] })).toEqual([])
    expect(checkTranslatable(policies, schema, [Document], { actions: ['edit'] })).toHaveLength(1)
    expect(checkTranslatable(policies, schema, [Document])).toHaveLength(1)
  })

  test('a policy of another type of resource', () => {
    const policies = policiesOf('permit(principal, action, resource is Folder) when { resource.meta.kind == "a" };')
    expect(checkTranslatable(policies, schema, [Document])).toEqual([])
  })
})

test('a mapping that does not fit its schema', () => {
  const columns = { ...Document.columns, attributes: new Map([['toString', 'x']]) }
  // as only JavaScript could make it
  const broken: EntityMapping = Object.assign(() => undefined, { ...Document, columns }) as never
  expect(() => checkTranslatable([], schema, [broken])).toThrowError(
    expect.objectContaining({ name: 'DataError', code: 'ERR_DATA_MAPPING' }),
  )
})
