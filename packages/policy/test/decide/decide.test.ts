// Decisions by hand: which rule decides, who determined it, links and their time, and what errs.

import { describe, expect, it } from 'vitest'
import { createLinks } from '../../src/compile/links.ts'
import type { TemplateLink } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import type { ProgramOptions } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import type { Request } from '../../src/decide/request.ts'
import { createEntities } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import type { Policy } from '../../src/syntax/tree.ts'

const ANN = entityUid('User', 'ann')
const DOCUMENT = entityUid('Doc', '1')
const FOLDER = entityUid('Folder', 'f')
const TEAM = entityUid('Team', 't')
const ENTITIES = createEntities([
  { uid: ANN, parents: [TEAM], attributes: { level: 1 } },
  { uid: DOCUMENT, parents: [FOLDER], attributes: { owner: ANN } },
])
const REQUEST: Request = {
  principal: ANN,
  action: entityUid('Action', 'view'),
  resource: DOCUMENT,
  context: new Map(),
  entities: ENTITIES,
}

function policiesOf(text: string): readonly Policy[] {
  const { policies, problems } = parsePolicies(text)
  expect(problems).toEqual([])
  return policies
}

function decideText(text: string, request: Partial<Request> = {}, options: ProgramOptions = {}) {
  return decide(compileProgram(policiesOf(text), options), { ...REQUEST, ...request })
}

const PERMIT = '@id("p") permit (principal, action, resource);'
const ERRING = 'when { principal.absent }'

describe('the rule', () => {
  it.each([
    ['nothing', '', 'skip', 'deny', 'no-permit', []],
    ['a permit', PERMIT, 'skip', 'allow', 'permit', ['p']],
    [
      'a permit that does not hold',
      '@id("p") permit (principal, action, resource) when { false };',
      'skip',
      'deny',
      'no-permit',
      [],
    ],
    [
      'a permit for another action',
      '@id("p") permit (principal, action == Action::"edit", resource);',
      'skip',
      'deny',
      'no-permit',
      [],
    ],
    [
      'two permits',
      `${PERMIT} @id("q") permit (principal == User::"ann", action, resource);`,
      'skip',
      'allow',
      'permit',
      ['p', 'q'],
    ],
    [
      'permits found out of order',
      `@id("a") permit (principal in Team::"t", action, resource); ${PERMIT}`,
      'skip',
      'allow',
      'permit',
      ['a', 'p'],
    ],
    [
      'a forbid over a permit',
      `${PERMIT} @id("f") forbid (principal, action, resource in Folder::"f");`,
      'skip',
      'deny',
      'forbid',
      ['f'],
    ],
    [
      'an erring forbid under skip',
      `${PERMIT} @id("f") forbid (principal, action, resource) ${ERRING};`,
      'skip',
      'allow',
      'permit',
      ['p'],
    ],
    [
      'an erring forbid under deny',
      `${PERMIT} @id("f") forbid (principal, action, resource) ${ERRING};`,
      'deny',
      'deny',
      'forbid-error',
      ['f'],
    ],
    [
      'an erring forbid of another scope',
      `${PERMIT} @id("f") forbid (principal == User::"bob", action, resource) ${ERRING};`,
      'deny',
      'allow',
      'permit',
      ['p'],
    ],
    [
      'a forbid that holds beside one that errs',
      `${PERMIT} @id("e") forbid (principal, action, resource) ${ERRING}; @id("f") forbid (principal, action, resource);`,
      'deny',
      'deny',
      'forbid',
      ['f'],
    ],
    ['an erring permit', `@id("p") permit (principal, action, resource) ${ERRING};`, 'deny', 'deny', 'no-permit', []],
    [
      'a condition that is no Bool',
      '@id("p") permit (principal, action, resource) when { 1 };',
      'deny',
      'deny',
      'no-permit',
      [],
    ],
    [
      'an unless that is no Bool',
      `${PERMIT} @id("f") forbid (principal, action, resource) unless { 1 };`,
      'deny',
      'deny',
      'forbid-error',
      ['f'],
    ],
  ] as const)('%s', (_, text, forbidErrors, decision, reason, determining) => {
    expect(decideText(text, {}, { forbidErrors })).toMatchObject({ decision, reason, determining })
  })

  it('denies on an erring forbid unless told otherwise', () => {
    expect(decideText(`${PERMIT} forbid (principal, action, resource) ${ERRING};`).reason).toBe('forbid-error')
  })

  it('names every policy that erred, with its place and code, in order', () => {
    const text = `${PERMIT} @id("b") permit (principal in Team::"t", action, resource) when { 1 < "a" }; @id("a") permit (principal, action, resource) ${ERRING};`
    const { errors } = decideText(text)
    expect(errors.map(({ policy, code }) => [policy, code])).toEqual([
      ['b', 'ERR_POLICY_EVALUATION_TYPE'],
      ['a', 'ERR_POLICY_EVALUATION_ATTRIBUTE'],
    ])
    expect(errors.map(({ span }) => text.slice(span.start, span.end))).toEqual(['1 < "a"', 'principal.absent'])
  })

  it('evaluates conditions in order and stops at the first that decides', () => {
    const text = '@id("p") permit (principal, action, resource) when { false } when { principal.absent };'
    expect(decideText(text).errors).toEqual([])
    expect(decideText(text.replace('false', 'true')).errors).toHaveLength(1)
  })
})

const VIEWER = '@id("viewer") permit (principal == ?principal, action == Action::"view", resource in ?resource);'
const MEMBER = '@id("member") permit (principal in ?principal, action, resource == ?resource);'
const STAFF = '@id("staff") permit (principal is User in ?principal, action, resource is Doc);'
const link = (template: string, more: Partial<TemplateLink>): TemplateLink => ({ id: 'l', template, ...more })

describe('links', () => {
  it.each<[string, string, TemplateLink, boolean]>([
    ['the resource itself', VIEWER, link('viewer', { principal: ANN, resource: DOCUMENT }), true],
    ['its folder', VIEWER, link('viewer', { principal: ANN, resource: FOLDER }), true],
    ['another resource', VIEWER, link('viewer', { principal: ANN, resource: entityUid('Doc', '2') }), false],
    [
      'the same id of another type',
      VIEWER,
      link('viewer', { principal: ANN, resource: entityUid('Folder', '1') }),
      false,
    ],
    ['another principal', VIEWER, link('viewer', { principal: entityUid('User', 'bob'), resource: DOCUMENT }), false],
    [
      'a team where only the principal itself will do',
      VIEWER,
      link('viewer', { principal: TEAM, resource: DOCUMENT }),
      false,
    ],
    ['a team as grantee', MEMBER, link('member', { principal: TEAM, resource: DOCUMENT }), true],
    ['the principal where a team would do', MEMBER, link('member', { principal: ANN, resource: DOCUMENT }), true],
    [
      'a folder where only the resource itself will do',
      MEMBER,
      link('member', { principal: TEAM, resource: FOLDER }),
      false,
    ],
    ['a team without resource', STAFF, link('staff', { principal: TEAM }), true],
    ['another team without resource', STAFF, link('staff', { principal: entityUid('Team', 'z') }), false],
  ])('count by %s', (_, text, each, counts) => {
    const expected = counts ? { decision: 'allow', determining: ['l'] } : { decision: 'deny', determining: [] }
    expect(decideText(text, { links: createLinks([each]) })).toMatchObject(expected)
    expect(decideText(text, {}, { links: [each] })).toMatchObject(expected)
  })

  it.each<[string, TemplateLink]>([
    ['an unknown template', link('absent', { principal: ANN, resource: DOCUMENT })],
    ['no principal', link('viewer', { resource: DOCUMENT })],
    ['no resource', link('viewer', { principal: ANN })],
    ['a slot too many', link('staff', { principal: TEAM, resource: DOCUMENT })],
  ])('of a caller say nothing with %s', (_, each) => {
    expect(decideText(`${VIEWER} ${STAFF}`, { links: createLinks([each]) }).decision).toBe('deny')
  })

  it('do not make a static policy of what they name', () => {
    const text = '@id("viewer") permit (principal, action, resource) when { false };'
    expect(decideText(text, { links: createLinks([link('viewer', { principal: ANN })]) }).decision).toBe('deny')
  })

  it.each([
    ['no end', undefined, undefined, 'allow'],
    ['before the end', 100, 99, 'allow'],
    ['the very second', 100, 100, 'deny'],
    ['after the end', 100, 101, 'deny'],
    ['no clock', 100, undefined, 'deny'],
    ['a broken clock', 100, Number.NaN, 'deny'],
  ] as const)('end: %s', (_, untilSeconds, nowSeconds, decision) => {
    const each = link('viewer', {
      principal: ANN,
      resource: DOCUMENT,
      ...(untilSeconds === undefined ? {} : { untilSeconds }),
    })
    expect(decideText(VIEWER, { links: createLinks([each]), nowSeconds }).decision).toBe(decision)
  })

  it('of a forbid are not lost for want of a clock', () => {
    const text = `${PERMIT} @id("block") forbid (principal == ?principal, action, resource == ?resource);`
    const links = [link('block', { principal: ANN, resource: DOCUMENT, untilSeconds: 100 })]
    expect(decideText(text, {}, { links }).reason).toBe('forbid')
    expect(decideText(text, { nowSeconds: 99 }, { links }).reason).toBe('forbid')
    expect(decideText(text, { nowSeconds: 100 }, { links }).reason).toBe('permit')
  })

  it('all determine, and their template errs once for each', () => {
    const links = createLinks([
      { id: 'a', template: 'viewer', principal: ANN, resource: DOCUMENT },
      { id: 'b', template: 'viewer', principal: ANN, resource: FOLDER },
    ])
    expect(decideText(VIEWER, { links }).determining).toEqual(['a', 'b'])
    const { errors } = decideText(VIEWER.replace(';', ' when { principal.absent };'), { links })
    expect(errors.map(({ policy }) => policy)).toEqual(['a', 'b'])
  })
})

describe('entities', () => {
  it('are found by the request, and the resource may be given', () => {
    const text = '@id("p") permit (principal, action, resource) when { resource.owner == principal };'
    const resourceEntity = ENTITIES.get(DOCUMENT)
    const entities = createEntities([{ uid: ANN }])
    expect(decideText(text, { entities }).errors).toHaveLength(1)
    expect(decideText(text, { entities, resourceEntity }).decision).toBe('allow')
  })

  it('that are missing are in themselves only', () => {
    const ghost = entityUid('Doc', 'ghost')
    expect(decideText('permit (principal, action, resource in Doc::"ghost");', { resource: ghost }).decision).toBe(
      'allow',
    )
    expect(decideText('permit (principal, action, resource in Folder::"f");', { resource: ghost }).decision).toBe(
      'deny',
    )
  })

  it('whose store throws deny', () => {
    const entities = {
      get: () => {
        throw new Error('no connection')
      },
    }
    const decision = decideText(PERMIT, { entities })
    expect(decision).toMatchObject({ decision: 'deny', reason: 'forbid-error' })
    expect(decision.errors.map(({ code }) => code)).toEqual(['ERR_POLICY_EVALUATION_INTERNAL'])
  })
})

describe('names that bite', () => {
  it.each(['__proto__', 'constructor', 'toString', '"', '::', '\n', ''])('as an id: %j', (id) => {
    const resource = entityUid('Doc', id)
    const quoted = JSON.stringify(id).replaceAll('\\n', '\\n')
    const text = `@id("p") permit (principal, action == Action::${quoted}, resource == Doc::${quoted});`
    const request = { resource, action: entityUid('Action', id) }
    expect(decideText(text, request).determining).toEqual(['p'])
    expect(decideText(text, { ...request, resource: DOCUMENT }).decision).toBe('deny')
    expect(
      decideText(VIEWER, { resource, links: createLinks([link('viewer', { principal: ANN, resource })]) }).determining,
    ).toEqual(['l'])
  })

  it.each(['__proto__', 'constructor', ''])('as a type: %j', (type) => {
    expect(decideText(PERMIT, { resource: entityUid(type, 'x') }).decision).toBe('allow')
    expect(
      decideText('permit (principal, action, resource is Doc);', { resource: entityUid(type, 'x') }).decision,
    ).toBe('deny')
  })
})
