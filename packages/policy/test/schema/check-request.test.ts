import { describe, expect, it } from 'vitest'
import { type CheckableRequest, checkRequest, createSchema, entityUid, parseIp, type Value } from '../../src/index.ts'
import { documents } from './documents.ts'

const schema = createSchema(documents)
const ip = parseIp('10.1.2.3') ?? false
const view: CheckableRequest = {
  principal: entityUid('User', 'ann'),
  action: entityUid('Action', 'view'),
  resource: entityUid('Document', 'plan'),
  context: new Map<string, Value>([['ip', ip]]),
}

describe('checkRequest', () => {
  const { resource: _, ...forAll } = view
  const good: readonly (readonly [string, CheckableRequest])[] = [
    ['a complete request', view],
    ['the other type of resource', { ...view, resource: entityUid('Folder', 'f') }],
    ['a request for all resources', forAll],
    [
      'an action of a namespace',
      {
        ...view,
        action: entityUid('Billing::Action', 'pay'),
        resource: entityUid('Billing::Invoice', 'i'),
        context: new Map(),
      },
    ],
  ]
  it.each(good)('finds nothing wrong with %s', (_, request) => expect(checkRequest(schema, request)).toEqual([]))

  const bad: readonly (readonly [string, CheckableRequest, readonly string[]])[] = [
    ['an unknown action', { ...view, action: entityUid('Action', 'look') }, ['ERR_POLICY_REQUEST_ACTION']],
    [
      'an action of another namespace',
      { ...view, action: entityUid('Billing::Action', 'view') },
      ['ERR_POLICY_REQUEST_ACTION'],
    ],
    ['a principal of another type', { ...view, principal: entityUid('Team', 'red') }, ['ERR_POLICY_REQUEST_PRINCIPAL']],
    ['a resource of another type', { ...view, resource: entityUid('Tenant', 'a') }, ['ERR_POLICY_REQUEST_RESOURCE']],
    ['a missing context', { ...view, context: new Map() }, ['ERR_POLICY_REQUEST_CONTEXT']],
    [
      'an unknown context',
      {
        ...view,
        context: new Map([
          ['ip', ip],
          ['x', true],
        ]),
      },
      ['ERR_POLICY_REQUEST_CONTEXT'],
    ],
    ['a context of another type', { ...view, context: new Map([['ip', '10.1.2.3']]) }, ['ERR_POLICY_REQUEST_CONTEXT']],
    [
      'a group, which applies to nothing',
      { ...view, action: entityUid('Action', 'reading'), context: new Map() },
      ['ERR_POLICY_REQUEST_PRINCIPAL', 'ERR_POLICY_REQUEST_RESOURCE'],
    ],
    [
      'all of it at once',
      { ...view, principal: entityUid('Team', 'x'), resource: entityUid('Team', 'x'), context: new Map() },
      ['ERR_POLICY_REQUEST_PRINCIPAL', 'ERR_POLICY_REQUEST_RESOURCE', 'ERR_POLICY_REQUEST_CONTEXT'],
    ],
  ]
  it.each(bad)('finds %s', (_, request, codes) => {
    expect(checkRequest(schema, request).map(({ code }) => code)).toEqual(codes)
  })

  it('finds an id that the type does not enumerate', () => {
    const roles = createSchema({
      entities: { Role: { parents: [], attributes: {}, enum: ['admin'] } },
      actions: {
        be: { uid: { type: 'Action', id: 'be' }, memberOf: [], principals: ['Role'], resources: ['Role'], context: {} },
      },
    })
    const be = { action: entityUid('Action', 'be'), context: new Map<string, Value>() }
    const admin = entityUid('Role', 'admin')
    const root = entityUid('Role', 'root')
    expect(checkRequest(roles, { ...be, principal: admin, resource: admin })).toEqual([])
    expect(checkRequest(roles, { ...be, principal: root, resource: root })).toHaveLength(2)
  })
})
