// What policies read, and what of it is restrictive.

import { describe, expect, it } from 'vitest'
import { readsOf } from '../../src/check/reads-of.ts'
import type { Reads } from '../../src/check/reads.ts'
import { createSchema } from '../../src/schema/schema.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'

const SCHEMA = createSchema({
  entities: {
    User: {
      parents: ['Team'],
      attributes: {
        name: { type: 'String' },
        roles: { type: 'Set', element: { type: 'String' } },
        manager: { type: 'Entity', name: 'User' },
        address: { type: 'Record', attributes: { city: { type: 'String' }, site: { type: 'Entity', name: 'Site' } } },
      },
    },
    Team: { parents: ['Org'], attributes: {} },
    Org: { parents: [], attributes: {} },
    Site: { parents: [], attributes: {} },
    Doc: {
      parents: ['Folder'],
      attributes: {
        owner: { type: 'Entity', name: 'User' },
        team: { type: 'Entity', name: 'Team' },
        readers: { type: 'Set', element: { type: 'Entity', name: 'Org' } },
      },
    },
    Folder: { parents: [], attributes: {} },
  },
  actions: {
    view: { uid: { type: 'Action', id: 'view' }, memberOf: [], principals: ['User'], resources: ['Doc'], context: {} },
  },
})

function read(text: string, withSchema = true): Reads {
  const [policy] = parsePolicies(text).policies
  if (policy === undefined) throw new Error(`no policy in ${text}`)
  return readsOf(policy, withSchema ? SCHEMA : undefined)
}

const permit = (condition: string, withSchema = true): Reads =>
  read(`permit (principal, action, resource) when { ${condition} };`, withSchema)

/** `a.b` for a path, `a.b!` for a restrictive one. */
const attributes = (reads: Reads): string[] =>
  reads.principalAttributes.map(({ path, restrictive }) => `${path.join('.')}${restrictive ? '!' : ''}`)
const ancestors = (reads: Reads): string[] =>
  reads.principalAncestors.map(({ type, restrictive }) => `${type}${restrictive ? '!' : ''}`)

describe('attributes of the principal', () => {
  it.each([
    ['principal.name == "a"', ['name']],
    ['principal.name like "a*"', ['name']],
    ['resource.owner == principal', []],
    ['principal.address.city == "x"', ['address.city']],
    ['principal has name', ['name']],
    ['principal has address.city', ['address.city']],
    ['principal has name && principal.name == "a"', ['name']],
    ['!(principal.name == "a")', ['name!']],
    ['!(principal has name)', ['name!']],
    ['principal.name == "a" && !(principal.name == "b")', ['name!']],
    ['(principal has name) == false', ['name!']],
    ['if principal has name then false else true', ['name!']],
    ['if context.x then principal.name == "a" else false', ['name']],
    ['principal.roles.contains("a")', ['roles']],
    ['principal.roles.containsAny(["a"])', ['roles']],
    ['principal.roles.containsAll(["a"])', ['roles']],
    ['["a"].containsAll(principal.roles)', ['roles!']],
    ['principal.roles.isEmpty()', ['roles!']],
    ['principal.roles == ["a"]', ['roles!']],
    ['[principal.roles].contains(["a"])', ['roles!']],
    ['principal.address == resource.owner', ['address!']],
    ['(if context.x then principal else resource.owner).name == "a"', ['name']],
    ['{p: principal}.p.name == "a"', ['name']],
    ['{p: principal.name}.p == "a"', ['name']],
  ])('%s', (condition, expected) => expect(attributes(permit(condition))).toEqual(expected))

  it.each([
    ['forbid (principal, action, resource) when { principal.name == "a" };', ['name!']],
    ['permit (principal, action, resource) unless { principal.name == "a" };', ['name!']],
    [
      'permit (principal, action, resource) when { principal.name == "a" } unless { principal.roles.contains("x") };',
      ['name', 'roles!'],
    ],
  ])('%s', (text, expected) => expect(attributes(read(text))).toEqual(expected))
})

describe('ancestors of the principal', () => {
  it.each([
    ['permit (principal in Team::"t", action, resource);', ['Team']],
    ['permit (principal is User in Team::"t", action, resource);', ['Team']],
    ['permit (principal == User::"a", action, resource);', []],
    ['forbid (principal in Team::"t", action, resource);', ['Team!']],
    ['permit (principal, action, resource) when { principal in Team::"t" };', ['Team']],
    ['permit (principal, action, resource) when { principal in [Team::"t", Org::"o"] };', ['Team', 'Org']],
    ['permit (principal, action, resource) when { principal is User in Org::"o" };', ['Org']],
    ['permit (principal, action, resource) unless { principal in Team::"t" };', ['Team!']],
    ['permit (principal, action, resource) when { (principal in Team::"t") == false };', ['Team!']],
    ['permit (principal, action, resource) when { principal in resource.team };', ['Team']],
    ['permit (principal, action, resource) when { principal in resource.readers };', ['Org']],
    ['permit (principal, action, resource) when { principal in resource };', ['Doc']],
    ['permit (principal, action, resource) when { principal in resource.getTag("x") };', ['Team', 'Org']],
  ])('%s', (text, expected) => expect([...ancestors(read(text))].sort()).toEqual([...expected].sort()))

  it('may be of any type without a schema', () => {
    expect(ancestors(permit('principal in resource.team', false))).toEqual(['*'])
  })
})

describe('other reads', () => {
  it.each([
    ['context.ip == context.x.y', ['ip', 'x']],
    ['context has acr', ['acr']],
    ['context == {}', ['*']],
  ])('of the context: %s', (condition, expected) => expect(permit(condition).context).toEqual(expected))

  it.each([
    ['resource.owner == principal', ['owner'], false],
    ['resource.owner.name == "a"', ['owner'], true],
    ['principal.manager.name == "a"', [], true],
    ['principal.manager == resource.owner', ['owner'], false],
    ['principal.manager in Team::"t"', [], true],
    ['User::"x".name == "a"', [], true],
    ['User::"x" in Team::"t"', [], true],
    ['principal.getTag("a").b == 1', [], true],
    ['principal.manager.hasTag("a")', [], true],
    ['principal.address.city == "x"', [], false],
    ['principal.address.site has x', [], true],
  ])('of the resource and of other entities: %s', (condition, resourceAttributes, throughOtherEntities) => {
    const reads = permit(condition)
    expect(reads.resourceAttributes.map((path) => path.join('.'))).toEqual(resourceAttributes)
    expect(reads.throughOtherEntities).toBe(throughOtherEntities)
  })

  it.each([
    ['permit (principal, action, resource) when { resource.owner.name == "a" };', false],
    ['permit (principal, action, resource) when { resource.owner has name };', false],
    ['permit (principal, action, resource) when { resource.owner in Team::"t" };', false],
    ['permit (principal, action, resource) unless { resource.owner has name };', true],
    ['permit (principal, action, resource) when { !(resource.owner has name) };', true],
    ['permit (principal, action, resource) when { !(User::"x" has name) };', true],
    ['permit (principal, action, resource) unless { resource.owner in Team::"t" };', true],
    ['permit (principal, action, resource) unless { User::"x" in Team::"t" };', true],
    ['permit (principal, action, resource) unless { resource.owner.hasTag("a") };', true],
    ['permit (principal, action, resource) when { (resource.owner in Team::"t") == false };', true],
    ['permit (principal, action, resource) when { if resource.owner has name then false else true };', true],
    ['forbid (principal, action, resource) when { resource.owner has name };', true],
  ])('of other entities, where what is not known of them could open: %s', (text, expected) => {
    expect(read(text).restrictiveThroughOtherEntities).toBe(expected)
  })

  it('of tags', () => {
    expect(permit('principal.hasTag("a")').principalTags).toBe(true)
    expect(permit('resource.hasTag("a")').principalTags).toBe(false)
  })

  it('name actions and slots', () => {
    const template = read('permit (principal == ?principal, action in [Action::"view"], resource in ?resource);')
    expect(template.slots).toEqual(['principal', 'resource'])
    expect(template.actions).toEqual([{ kind: 'entity', type: 'Action', id: 'view' }])
    expect(permit('true').actions).toBe('all')
  })
})
