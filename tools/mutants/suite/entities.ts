// What entities guarantee before anything is decided: ancestors are closed, through parents that come later too; cycles and
// duplicates are refused; a layer hides the one below.

import {
  compileProgram,
  createEntities,
  decide,
  type Entities,
  type EntityInput,
  type EntityUid,
  entityUid,
  layerEntities,
  parsePolicies,
  PolicyError,
} from '@cardea/policy'
import type { Check } from './check.ts'

const uid = (id: string): EntityUid => entityUid('Team', id)
const entity = (id: string, ...parents: readonly string[]): EntityInput => ({ uid: uid(id), parents: parents.map(uid) })

const PROGRAM = compileProgram(parsePolicies('permit (principal in Team::"top", action, resource);').policies)
const TEAMS = compileProgram(
  Array.from({ length: 10 }, (_, n) => `@id("n${n}") permit (principal in Team::"n${n}", action, resource);`).flatMap(
    (text) => parsePolicies(text).policies,
  ),
)
const REQUEST = { action: entityUid('Action', 'view'), resource: uid('r'), context: new Map() }

export const entities: Check = {
  name: 'entities',
  run() {
    const rows: readonly (readonly [string, boolean])[] = [
      ['a chain given from the bottom', isWithin('a', [entity('a', 'b'), entity('b', 'c'), entity('c', 'top')])],
      ['a chain given from the top', isWithin('a', [entity('c', 'top'), entity('b', 'c'), entity('a', 'b')])],
      ['a second parent', isWithin('a', [entity('a', 'x', 'b'), entity('b', 'top')])],
      ['a diamond', isWithin('a', [entity('a', 'b', 'c'), entity('b', 'd'), entity('c', 'd'), entity('d', 'top')])],
      ['not a sibling', !isWithin('s', [entity('a', 'top'), entity('s', 'x')])],
      ['no cycle', codeOf([entity('a', 'b'), entity('b', 'a')]) === 'ERR_POLICY_ENTITY_CYCLE'],
      ['not its own parent', codeOf([entity('a', 'a')]) === 'ERR_POLICY_ENTITY_CYCLE'],
      ['no duplicate', codeOf([entity('a'), entity('a')]) === 'ERR_POLICY_ENTITY_DUPLICATE'],
      ['a hierarchy of many levels', isWithin('n0', [...numbered(20), entity('n20', 'top')])],
      ['not what is beside many', !isWithin('n0', [...numbered(20), entity('n20', 'x'), entity('y', 'top')])],
      ['many types', isWithin('a', [entity('a', 'top'), ...TYPES.map((type) => ({ uid: entityUid(type, 'a') }))])],
      [
        'a layer hides',
        decides('a', layerEntities(createEntities([entity('a', 'top')]), createEntities([entity('a')]))),
      ],
      ['a layer shows the rest', decides('a', layerEntities(createEntities([]), createEntities([entity('a', 'top')])))],
      ['policies for many teams', namesOf(['n3', 'n5', 'x']) === 'n3,n5'],
      [
        'a policy for one of many teams',
        namesOf(Array.from({ length: 30 }, (_, index) => `m${index}`).concat('n7')) === 'n7',
      ],
    ]
    return rows.find(([, holds]) => !holds)?.[0]
  },
}

function numbered(count: number): readonly EntityInput[] {
  return Array.from({ length: count }, (_, index) => entity(`n${index}`, `n${index + 1}`))
}

const TYPES = ['A', 'B', 'C', 'D', 'E', 'F', 'G']

function isWithin(id: string, inputs: readonly EntityInput[]): boolean {
  return decides(id, createEntities(inputs))
}

function decides(id: string, entities: Entities): boolean {
  return decide(PROGRAM, { ...REQUEST, principal: uid(id), entities }).decision === 'allow'
}

/** Of ten policies for a team each, those that count for a member of these. */
function namesOf(teams: readonly string[]): string {
  const request = { ...REQUEST, principal: uid('member'), entities: createEntities([entity('member', ...teams)]) }
  return decide(TEAMS, request).determining.toSorted().join()
}

function codeOf(inputs: readonly EntityInput[]): string {
  try {
    createEntities(inputs)
    return ''
  } catch (error) {
    return error instanceof PolicyError ? error.code : String(error)
  }
}
