// What is remembered of a caller never outlives what it was made of: grants that are replaced, a link that ends between two decisions,
// one entity given for two principals. Each is asked often enough that everything that is remembered has been made.

import { describe, expect, it } from 'vitest'
import { codegen } from '../../src/codegen/codegen.ts'
import { closures } from '../../src/compile/evaluator.ts'
import { createLinks } from '../../src/compile/links.ts'
import type { TemplateLink } from '../../src/compile/links.ts'
import { compileProgram } from '../../src/compile/program.ts'
import type { Program } from '../../src/compile/program.ts'
import { decide } from '../../src/decide/decide.ts'
import type { Request } from '../../src/decide/request.ts'
import { createEntities } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { parsePolicies } from '../../src/syntax/parse-policies.ts'

const OFTEN = 20
const NOW = 1_700_000_000
const ANN = entityUid('User', 'ann')
const BOB = entityUid('User', 'bob')
const TEAM = entityUid('Team', 't')
const DOCUMENT = entityUid('Doc', '1')
const FOLDER = entityUid('Folder', 'f')
const ENTITIES = createEntities([
  { uid: ANN, parents: [TEAM] },
  { uid: DOCUMENT, parents: [FOLDER] },
])
const REQUEST: Request = {
  principal: ANN,
  principalEntity: ENTITIES.get(ANN),
  action: entityUid('Action', 'view'),
  resource: DOCUMENT,
  context: new Map(),
  entities: ENTITIES,
  nowSeconds: NOW,
}
const TEXT = `
@id("both") permit (principal == ?principal, action, resource in ?resource);
@id("team") permit (principal in ?principal, action, resource == ?resource);
@id("everywhere") permit (principal == ?principal, action, resource);
@id("ban") forbid (principal == ?principal, action, resource in ?resource);`

/** A link of each kind that lets Ann view the document. */
const GRANTS: readonly TemplateLink[] = [
  { id: 'exact', template: 'both', principal: ANN, resource: DOCUMENT },
  { id: 'folder', template: 'both', principal: ANN, resource: FOLDER },
  { id: 'group', template: 'team', principal: TEAM, resource: DOCUMENT },
  { id: 'everywhere', template: 'everywhere', principal: ANN },
]
const OTHERS: readonly TemplateLink[] = [
  { id: 'other document', template: 'both', principal: ANN, resource: entityUid('Doc', '2') },
  { id: 'other user', template: 'both', principal: BOB, resource: FOLDER },
]

describe.each([closures, codegen])('with $name', (evaluator) => {
  const program = compileProgram(parsePolicies(TEXT).policies, { evaluator })

  it.each(GRANTS)('a revoked grant ($id) does not count from the next decision on', (grant) => {
    const [full, fewer, none] = [createLinks([grant, ...OTHERS]), createLinks(OTHERS), createLinks([])]
    expect(often(program, { links: full })).toEqual(['allow'])
    expect(decisionOf(program, { links: fewer })).toBe('deny')
    expect(often(program, { links: full })).toEqual(['allow'])
    expect(decisionOf(program, { links: none })).toBe('deny')
    expect(often(program, { links: full })).toEqual(['allow'])
    expect(decisionOf(program, {})).toBe('deny')
  })

  it.each(GRANTS)('a new grant ($id) counts from the next decision on', (grant) => {
    expect(often(program, { links: createLinks(OTHERS) })).toEqual(['deny'])
    expect(decisionOf(program, { links: createLinks([...OTHERS, grant]) })).toBe('allow')
  })

  it.each(GRANTS)('of two tokens that take turns each has its own grants ($id)', (grant) => {
    const [full, none] = [createLinks([grant]), createLinks([])]
    for (let turn = 0; turn < OFTEN; turn++) {
      expect(decisionOf(program, { links: full })).toBe('allow')
      expect(decisionOf(program, { links: none })).toBe('deny')
    }
  })

  it.each(GRANTS)('a grant ($id) ends between two decisions', (grant) => {
    const links = createLinks([{ ...grant, untilSeconds: NOW + 1 }])
    expect(often(program, { links })).toEqual(['allow'])
    expect(decisionOf(program, { links, nowSeconds: NOW + 1 })).toBe('deny')
    expect(decisionOf(program, { links, nowSeconds: undefined })).toBe('deny')
    expect(decisionOf(program, { links, nowSeconds: NOW })).toBe('allow')
  })

  it('a ban ends between two decisions, and is not lost without a clock', () => {
    const ban = { id: 'ban', template: 'ban', principal: ANN, resource: FOLDER, untilSeconds: NOW + 1 }
    const links = createLinks([...GRANTS, ban])
    expect(often(program, { links })).toEqual(['deny'])
    expect(often(program, { links, nowSeconds: undefined })).toEqual(['deny'])
    expect(decisionOf(program, { links, nowSeconds: NOW + 1 })).toBe('allow')
  })

  it.each(GRANTS.filter(({ principal }) => principal === ANN))(
    'one entity given for two principals: the other has nothing of the first ($id)',
    (grant) => {
      const links = createLinks([grant])
      expect(often(program, { links })).toEqual(['allow'])
      expect(often(program, { links, principal: BOB })).toEqual(['deny'])
      expect(often(program, { links })).toEqual(['allow'])
    },
  )

  it('policies that name a principal are not those of another who is given the same entity', () => {
    const named = compileProgram(
      parsePolicies('permit (principal == User::"ann", action, resource in Folder::"f");').policies,
      { evaluator },
    )
    const links = createLinks([])
    for (const own of [{}, { links }]) {
      expect(often(named, own)).toEqual(['allow'])
      expect(often(named, { ...own, principal: BOB })).toEqual(['deny'])
    }
  })
})

function decisionOf(program: Program, request: Partial<Request>): string {
  return decide(program, { ...REQUEST, ...request }).decision
}

/** Every answer that was given, each once. */
function often(program: Program, request: Partial<Request>): readonly string[] {
  return [...new Set(Array.from({ length: OFTEN }, () => decisionOf(program, request)))]
}
