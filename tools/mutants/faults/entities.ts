// Faults in entities: ancestors that are lost or invented, entities that are not found.

import { type Fault, faultsIn } from '../fault.ts'

const ENTITY = 'packages/policy/src/entity'

export const ENTITY_FAULTS: readonly Fault[] = [
  ...faultsIn(`${ENTITY}/entities.ts`, [
    [
      'ancestors-direct',
      'further.length === 0 ? parents : [...parents, ...further]',
      'parents',
      'only parents are ancestors',
    ],
    [
      'ancestors-late',
      'const waiting = (input.parents ?? []).filter(',
      'const waiting = [].filter(',
      'a parent that comes later has no ancestors',
    ],
    [
      'entity-duplicate',
      'if (inputs.get(input.uid) !== undefined) {',
      'if (inputs.get(input.uid) === input) {',
      'an entity may stand twice',
    ],
    ['entity-layer', 'over.get(uid) ?? under.get(uid)', 'under.get(uid) ?? over.get(uid)', 'the wrong layer wins'],
    ['entity-tags', 'tags: tags === undefined ? NO_FIELDS : fieldMap(tags)', 'tags: NO_FIELDS', 'tags are lost'],
  ]),
  ...faultsIn(`${ENTITY}/uid.ts`, [
    [
      'same-entity-type',
      'left.id === right.id && left.type === right.type',
      'left.id === right.id',
      'entities of other types are the same',
    ],
    ['same-entity-id', 'return left.id === right.id &&', 'return', 'all entities of a type are the same'],
  ]),
  ...faultsIn(`${ENTITY}/ancestors.ts`, [
    [
      'ancestors-many',
      'return this.get(uid.type)?.has(uid.id) === true',
      'return this.get(uid.type) !== undefined',
      'of many ancestors only the type counts',
    ],
    [
      'ancestors-scan',
      'for (const uid of uids) if (sameEntity(uid, wanted)) return true',
      'for (const uid of uids.slice(1)) if (sameEntity(uid, wanted)) return true',
      'the first ancestor is lost',
    ],
  ]),
  ...faultsIn(`${ENTITY}/uid-map.ts`, [
    [
      'uid-map-walk',
      'if (ancestors.includes(uid)) found = append(found, value)',
      'found = append(found, value)',
      'policies for teams that the principal is not in',
    ],
    [
      'uid-map-ancestors',
      'for (const uid of ancestors.uids) {',
      'for (const uid of ancestors.uids.slice(1)) {',
      'policies for one ancestor are lost',
    ],
    [
      'uid-map-type',
      'while (node !== undefined && node.type !== uid.type) node = node.next',
      '',
      'entities of another type are found',
    ],
    ['uid-map-chain', '{ ...added, next: first }', 'added', 'of entities with one id only the last is kept'],
  ]),
]
