// The policy that ships: it passes the strict check against its schema, and the generated schema is that schema.

import { readFileSync } from 'node:fs'
import type { ActionDefinition } from '@cardea/policy'
import { ANNOTATIONS } from '@cardea/policy/annotation'
import { checkSources, createValidator, type Validator } from '@cardea/validate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOwnPolicy, ownSources } from '../../src/own-policy/own-policy.ts'
import { schema } from '../../src/own-policy/schema.gen.ts'
import type { ClientRecord } from '../../src/store/records.ts'

const file = 'schema.cedarschema'
const text = readFileSync(new URL(`../../src/own-policy/${file}`, import.meta.url), 'utf8')

let validator: Validator
beforeAll(() => {
  validator = createValidator()
})
afterAll(() => validator.close())

describe("the authority's own policy", () => {
  test('passes the check, and its schema is the one that is compiled in', async () => {
    const { definition, problems } = await checkSources(
      { schema: { file, text }, policies: [...ownSources] },
      validator,
    )
    expect(problems).toEqual([])
    expect(withoutAnnotations(definition)).toEqual(schema)
  })

  test('softens no binding: a token that does not fit is refused at this door', async () => {
    const { definition } = await checkSources({ schema: { file, text }, policies: [...ownSources] }, validator)
    const names = Object.keys(ANNOTATIONS).filter((name) => name.endsWith('Mismatch'))
    const said = [definition, schema].flatMap((one) => Object.values(one?.actions ?? {})).flatMap(annotationsOf)
    expect(names).toHaveLength(4)
    expect(said).toContain('doc')
    expect(said.filter((name) => names.includes(name))).toEqual([])
  })

  const client = (changes: Partial<ClientRecord>): ClientRecord => ({
    id: 'c',
    secretHash: undefined,
    hasKeys: false,
    certificate: undefined,
    certificateBound: false,
    exchanges: [],
    roles: [],
    audiences: [],
    tenants: [],
    templates: [],
    refresh: undefined,
    ...changes,
  })
  const cases: readonly [string, Partial<ClientRecord>, string, 'allow' | 'deny'][] = [
    ['its audience', { audiences: ['a'] }, 'a', 'allow'],
    ['another audience', { audiences: ['a'] }, 'b', 'deny'],
    ['any audience without one', {}, 'a', 'deny'],
    ['any audience as an administrator', { roles: ['admin'] }, 'a', 'deny'],
    ['an audience named like a wildcard', { audiences: ['*'] }, 'a', 'deny'],
  ]
  test.each(cases)('a client obtains a token for %s: %s', (_, changes, audience, decision) => {
    expect(createOwnPolicy().obtainsToken(client(changes), audience).decision).toBe(decision)
  })

  const exchanges = [{ from: 'a', to: 'b' }]
  const passed: readonly [string, Partial<ClientRecord>, string, string, 'allow' | 'deny'][] = [
    ['as it may', { exchanges }, 'a', 'b', 'allow'],
    ['the other way round', { exchanges }, 'b', 'a', 'deny'],
    ['for the same audience', { exchanges }, 'a', 'a', 'deny'],
    ['for a third one', { exchanges }, 'a', 'c', 'deny'],
    ['of a third one', { exchanges }, 'c', 'b', 'deny'],
    ['by two steps at once', { exchanges: [...exchanges, { from: 'b', to: 'c' }] }, 'a', 'c', 'deny'],
    ['between audiences of its own', { audiences: ['a', 'b'] }, 'a', 'b', 'deny'],
    ['as an administrator', { roles: ['admin'] }, 'a', 'b', 'deny'],
  ]
  test.each(passed)('a client exchanges a token %s: %s', (_, changes, from, to, decision) => {
    expect(createOwnPolicy().exchangesToken(client(changes), from, to).decision).toBe(decision)
  })
})

/** The documentation of an action is in the schema text alone. */
function annotationsOf({ annotations = {} }: ActionDefinition): readonly string[] {
  return Object.keys(annotations)
}

function withoutAnnotations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAnnotations)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([name]) => name !== 'annotations')
  return Object.fromEntries(members.map(([name, member]) => [name, withoutAnnotations(member)]))
}
