// What a program refuses, and that its size does not matter to a request.

import { describe, expect, it } from 'vitest'
import { checkGrants } from '../../src/check/program.ts'
import { actionIndexOf, compileProgram } from '../../src/compile/program.ts'
import type { TemplateLink } from '../../src/compile/links.ts'
import { decide } from '../../src/decide/decide.ts'
import { createEntities, NO_ENTITIES } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { PolicyError } from '../../src/errors.ts'
import { unknownEntity } from '../../src/residual/request.ts'
import { residual } from '../../src/residual/residual.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'
import type { Expression, Policy } from '../../src/syntax/tree.ts'
import { NOWHERE } from '../generate/expressions.ts'

const USER = entityUid('User', 'ann')
const VIEWER = '@id("viewer") permit (principal == ?principal, action, resource in ?resource);'

function codesOf(policies: readonly Policy[], links: readonly TemplateLink[] = []): string[] {
  try {
    compileProgram(policies, { links })
    return []
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    expect(error.code).toBe('ERR_POLICY_SOURCES')
    return error.problems.map(({ code }) => code)
  }
}

/** `!(!(... true))`, made by hand: the parser would refuse it. */
function nested(depth: number): Policy {
  let body: Expression = { kind: 'literal', value: true, span: NOWHERE }
  for (let level = 1; level < depth; level++) body = { kind: 'not', operand: body, span: NOWHERE }
  const [policy] = parsePolicies('permit (principal, action, resource);').policies
  if (policy === undefined) throw new Error('the policy parses')
  return { ...policy, conditions: [{ kind: 'when', body, span: NOWHERE }] }
}

describe('a program refuses', () => {
  it.each<[string, string, TemplateLink[], string[]]>([
    ['nothing', VIEWER, [{ id: 'l', template: 'viewer', principal: USER, resource: USER }], []],
    [
      'a link with the id of a policy',
      VIEWER,
      [{ id: 'viewer', template: 'viewer', principal: USER, resource: USER }],
      ['ERR_POLICY_DUPLICATE_ID'],
    ],
    ['a link to nothing', VIEWER, [{ id: 'l', template: 'absent', principal: USER }], ['ERR_POLICY_LINK_TEMPLATE']],
    [
      'a link to a static policy',
      '@id("p") permit (principal, action, resource);',
      [{ id: 'l', template: 'p' }],
      ['ERR_POLICY_LINK_TEMPLATE'],
    ],
    ['an empty slot', VIEWER, [{ id: 'l', template: 'viewer', principal: USER }], ['ERR_POLICY_LINK_SLOT']],
    [
      'a slot too many',
      '@id("t") permit (principal == ?principal, action, resource);',
      [{ id: 'l', template: 't', principal: USER, resource: USER }],
      ['ERR_POLICY_LINK_SLOT'],
    ],
    [
      'all at once',
      VIEWER,
      [
        { id: 'l', template: 'viewer' },
        { id: 'l', template: 'absent' },
      ],
      ['ERR_POLICY_DUPLICATE_ID', 'ERR_POLICY_LINK_SLOT', 'ERR_POLICY_LINK_SLOT', 'ERR_POLICY_LINK_TEMPLATE'],
    ],
  ])('%s', (_, text, links, codes) =>
    expect(codesOf(parsePolicies(text, { ids: 'annotation' }).policies, links)).toEqual(codes),
  )

  it('two policies with one id, from two files', () => {
    const { policies } = parsePolicies('@id("a") permit (principal, action, resource);')
    expect(codesOf([...policies, ...policies])).toEqual(['ERR_POLICY_DUPLICATE_ID'])
  })

  it('nesting that a stack might not hold, and takes what it holds', () => {
    expect(codesOf([nested(1001)])).toEqual(['ERR_POLICY_DEPTH'])
    expect(codesOf([nested(100_000)])).toEqual(['ERR_POLICY_DEPTH'])
    const program = compileProgram([nested(1000)])
    const request = { principal: USER, action: USER, resource: USER, context: new Map(), entities: NO_ENTITIES }
    expect(decide(program, request).errors).toEqual([])
    expect(residual(program, { ...request, resource: unknownEntity('Doc') }).kind).toBe('always-deny')
  })
})

describe('grants', () => {
  it('are of permit templates only', () => {
    const { policies } = parsePolicies(`${VIEWER} @id("block") forbid (principal == ?principal, action, resource);`)
    const codes = (grant: TemplateLink) => checkGrants(policies, [grant]).map(({ code }) => code)
    expect(codes({ id: 'g', template: 'viewer', principal: USER, resource: USER })).toEqual([])
    expect(codes({ id: 'g', template: 'block', principal: USER })).toEqual(['ERR_POLICY_GRANT_FORBID'])
    expect(codes({ id: 'g', template: 'absent' })).toEqual(['ERR_POLICY_LINK_TEMPLATE'])
  })
})

describe('the index', () => {
  const size = 10_000
  const shapes = {
    'principal ==': (at: number) => `permit (principal == User::"u${at}", action, resource);`,
    'principal in': (at: number) => `permit (principal in Team::"t${at}", action == Action::"view", resource is Doc);`,
    'principal is in': (at: number) => `permit (principal is User in Team::"t${at}", action, resource);`,
    'resource ==': (at: number) => `permit (principal, action in [Action::"view"], resource == Doc::"d${at}");`,
    'resource in': (at: number) => `permit (principal is User, action, resource in Folder::"f${at}");`,
    both: (at: number) => `permit (principal in Team::"t${at}", action, resource in Folder::"f${at}");`,
    'another action': (at: number) => `permit (principal, action == Action::"a${at}", resource);`,
    'another type': (at: number) => `permit (principal, action, resource is T${at});`,
  }

  it.each(Object.entries(shapes))('looks at a few of ten thousand policies: %s', (name, shape) => {
    const text = Array.from({ length: size }, (_, at) => shape(at)).join('\n')
    const program = compileProgram(parsePolicies(text).policies)
    const entities = createEntities([
      { uid: USER, parents: [entityUid('Team', 't7'), entityUid('Team', 't8')] },
      { uid: entityUid('Doc', 'd7'), parents: [entityUid('Folder', 'f7')] },
    ])
    const index = actionIndexOf(program, entityUid('Action', 'view'), entities)
    expect(index.bucket('User', 'Doc').entries).toHaveLength(0)
    const decision = decide(program, {
      principal: USER,
      action: entityUid('Action', 'view'),
      resource: entityUid('Doc', 'd7'),
      context: new Map(),
      entities,
    })
    const isHit = !['principal ==', 'another action', 'another type'].includes(name)
    expect(decision.decision).toBe(isHit ? 'allow' : 'deny')
  })

  it('does not grow with the names in requests', () => {
    const program = compileProgram(parsePolicies('permit (principal, action, resource is Doc);').policies)
    const index = actionIndexOf(program, entityUid('Action', 'x'), NO_ENTITIES)
    const first = index.bucket('Stranger0', 'Thing0')
    for (let at = 1; at < 100; at++) expect(index.bucket(`Stranger${at}`, `Thing${at}`)).toBe(first)
    expect(index.bucket('User', 'Doc')).not.toBe(first)
  })
})
