// The matrix in TypeScript.

import { entityUid } from '@cardea/policy'
import { mapEntity } from '@cardea/policy/mapping'
import { describe, expect, it } from 'vitest'
import { createPolicyTest, TestkitError } from '../src/index.ts'
import { schema, sources } from './fixture.ts'

const p = createPolicyTest({ schema, policies: sources })
const Note = mapEntity(schema, 'Note', { table: 'notes', id: 'id', attributes: { tenant: 'tenant', owner: 'owner' } })

const acme = { attributes: { tenant: 'Tenant::"acme"' } }
const ann = p.principal('User', 'ann', acme)
const bob = p.principal('User', 'bob', { ...acme, grants: [{ template: 'viewer', resource: entityUid('Note', 'n') }] })
const note = Note({ id: 'n', tenant: 'acme', owner: 'ann' })
const OFFICE = { ip: '10.1.2.3' }

describe('a policy test', () => {
  it('passes what is so', () => {
    p.as(ann, OFFICE).allows('edit', note).because('owner')
    p.as(bob).allows('view', note).because('viewer')
    p.as(ann, { ip: '203.0.113.9' }).denies('edit', note).because('office')
    p.as(ann, { ...OFFICE, mfa: false })
      .denies('edit', note, { urgent: true })
      .because('factor')
    p.as(ann, { ...OFFICE, mfa: true }).allows('edit', note, { urgent: true })
  })

  it('fails what is not so, and says what is', () => {
    expect(() => p.as(bob, OFFICE).allows('edit', note)).toThrow(
      /expected allow, got deny: User::"bob" edit Note::"n" \(no policy applied\)/,
    )
    expect(() => p.as(ann, OFFICE).denies('edit', note)).toThrow(/determined by owner/)
    expect(() => p.as(ann, OFFICE).allows('edit', note).because('auditor')).toThrow(TestkitError)
  })

  it('does not let a context name what a guard fills', () => {
    p.as(ann, { ip: '203.0.113.9' }).denies('edit', note, { ip: '10.1.2.3' }).because('office')
  })

  it('refuses a resource that there is not', () => {
    expect(() => p.as(ann).allows('view', Note(undefined))).toThrow(TypeError)
  })

  it('knows what no assertion was determined by', () => {
    const fresh = createPolicyTest({ schema, policies: sources })
    fresh.as(ann).allows('view', note)
    expect(fresh.undetermined()).toEqual(['auditor', 'viewer', 'isolation', 'office', 'factor'])
  })

  it('does not compile with an action or a type that the schema has not', () => {
    // @ts-expect-error -- no such action
    expect(() => p.as(ann).allows('erase', note)).toThrow(TestkitError)
    // @ts-expect-error -- no such type
    expect(() => p.principal('Person', 'x')).toThrow(TestkitError)
  })
})
