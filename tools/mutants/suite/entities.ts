// What entities guarantee before anything is decided: ancestors are closed, through parents that come later too; cycles and
// duplicates are refused; a layer hides the one below.

import { createEntities, type EntityInput, type EntityUid, entityUid, layerEntities, PolicyError } from '@cardea/policy'
import { compileProgram, decide, parsePolicies } from '@cardea/policy'
import type { Check } from './check.ts'

const uid = (id: string): EntityUid => entityUid('Team', id)
const entity = (id: string, ...parents: readonly string[]): EntityInput => ({ uid: uid(id), parents: parents.map(uid) })

const PROGRAM = compileProgram(parsePolicies('permit (principal in Team::"top", action, resource);').policies)

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
      [
        'a layer hides',
        layerEntities(createEntities([entity('a', 'x')]), createEntities([entity('a', 'y')])).get(uid('a')) !==
          undefined,
      ],
      [
        'a layer shows what it does not hide',
        layerEntities(createEntities([]), createEntities([entity('a')])).get(uid('a')) !== undefined,
      ],
    ]
    return rows.find(([, holds]) => !holds)?.[0]
  },
}

function isWithin(id: string, inputs: readonly EntityInput[]): boolean {
  const request = { principal: uid(id), action: entityUid('Action', 'view'), resource: uid('r'), context: new Map() }
  return decide(PROGRAM, { ...request, entities: createEntities(inputs) }).decision === 'allow'
}

function codeOf(inputs: readonly EntityInput[]): string {
  try {
    createEntities(inputs)
    return ''
  } catch (error) {
    return error instanceof PolicyError ? error.code : String(error)
  }
}
