// Which policies changed, whatever moved around them.

import { parsePolicies } from '@cardea/policy'
import { describe, expect, it } from 'vitest'
import { changedPolicies } from '../../src/diff/changed-policies.ts'

const A = '@id("a") permit (principal, action, resource);'
const A2 = '@id("a") permit (principal, action, resource) when { true };'
const NAMELESS = 'forbid (principal, action, resource) when { context.x };'
const OTHER = 'forbid (principal, action, resource) when { context.y };'

const rows: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['nothing', A + NAMELESS, A + NAMELESS, []],
  ['the order and the layout', A + NAMELESS, `${NAMELESS}\n  ${A}`, []],
  ['a condition', A, A2, ['a changed']],
  ['one more', A, A + NAMELESS, ['policy1 new']],
  ['one less', NAMELESS + A, A, ['policy0 gone']],
  ['one in front of others without an id', NAMELESS, OTHER + NAMELESS, ['policy0 new']],
  ['one without an id', NAMELESS, OTHER, ['policy0 new', 'policy0 gone']],
  ['the second of two alike', NAMELESS + NAMELESS, NAMELESS, ['policy1 gone']],
]

describe('changed policies', () => {
  it.each(rows)('%s', (_name, before, after, expected) => {
    const changes = changedPolicies(parsePolicies(before).policies, parsePolicies(after).policies)
    expect(
      changes.map(
        ({ id, before: old, after: now }) =>
          `${id} ${old === undefined ? 'new' : now === undefined ? 'gone' : 'changed'}`,
      ),
    ).toEqual(expected)
  })
})
