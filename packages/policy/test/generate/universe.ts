// A small world in which generated policies mean something: users in teams, documents in folders, some attributes absent and some
// of an unexpected type. Teams may be resources, and users too.

import { createEntities, createEntity } from '../../src/entity/entities.ts'
import type { Entities, Entity, EntityInput } from '../../src/entity/entities.ts'
import { entityUid } from '../../src/entity/uid.ts'
import { parseDatetime } from '../../src/value/datetime.ts'
import { setValue } from '../../src/value/equality.ts'
import { parseIp } from '../../src/value/ip.ts'
import { recordValue } from '../../src/value/record.ts'
import type { EntityUid, Value } from '../../src/value/value.ts'

export const ANN: EntityUid = entityUid('User', 'ann')
export const ACTIONS: readonly EntityUid[] = ['view', 'edit', 'share', 'unknown'].map((id) => entityUid('Action', id))
export const GROUP: EntityUid = entityUid('Action', 'writing')
export const TEAMS = ['x', 'y', 'z'].map((id) => entityUid('Team', id))
export const FOLDERS = ['f', 'g', 'h'].map((id) => entityUid('Folder', id))
export const DOCUMENTS = ['1', '2', '3', '4'].map((id) => entityUid('Doc', id))
export const USERS = [ANN, entityUid('User', 'bob'), entityUid('User', 'ghost')]
export const EVERYTHING = [...TEAMS, ...FOLDERS, ...DOCUMENTS, ...USERS]

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the universe is broken')
  return value
}

const user = (
  id: string,
  parents: readonly EntityUid[],
  attributes: { readonly [name: string]: Value },
): EntityInput => ({
  uid: entityUid('User', id),
  parents,
  attributes,
  tags: { clearance: 3 },
})

const document = (
  id: string,
  parents: readonly EntityUid[],
  attributes: { readonly [name: string]: Value },
): EntityInput => ({
  uid: entityUid('Doc', id),
  parents,
  attributes,
  tags: id === '1' ? { label: 'a', clearance: 2 } : {},
})

const [x, y] = TEAMS.map(present)
const [f, g] = FOLDERS.map(present)

export const INPUTS: readonly EntityInput[] = [
  user('ann', [present(x)], {
    name: 'ann',
    level: 3,
    roles: setValue(['a', 'b']),
    manager: entityUid('User', 'bob'),
    profile: recordValue({ city: 'oslo', level: 2 }),
    active: true,
  }),
  user('bob', [present(y)], { name: 'bob', level: 9007199254740991, roles: setValue([]), active: false }),
  { uid: present(x), parents: [present(y)], attributes: { name: 'x', level: 1 } },
  { uid: present(f), parents: [present(g)], attributes: { owner: ANN } },
  document('1', [present(f)], {
    owner: ANN,
    name: 'ann',
    level: 1,
    public: true,
    readers: setValue([ANN, present(x)]),
  }),
  document('2', [present(g)], {
    owner: entityUid('User', 'bob'),
    name: 'b*b',
    level: 9007199254740991,
    public: false,
  }),
  document('3', [], {
    owner: 'nobody',
    level: -1,
    readers: setValue([present(y), 'text']),
    profile: recordValue({ city: 'oslo' }),
  }),
  { uid: entityUid('Action', 'edit'), parents: [GROUP] },
  { uid: entityUid('Action', 'share'), parents: [GROUP] },
]

export const ENTITIES: Entities = createEntities(INPUTS)
export const RESOURCES: readonly EntityUid[] = [...DOCUMENTS, ...TEAMS, ...FOLDERS, ...USERS]

/** The entity of a resource; one that is nowhere is empty. */
export function entityOf(uid: EntityUid): Entity {
  return ENTITIES.get(uid) ?? createEntity({ uid })
}

export const CONTEXTS: readonly ReadonlyMap<string, Value>[] = [
  new Map<string, Value>([
    ['mfa', true],
    ['level', 2],
    ['name', 'ann'],
    ['ip', present(parseIp('10.1.2.3'))],
    ['now', present(parseDatetime('1969-07-20T20:17:40Z'))],
    ['team', present(x)],
  ]),
  new Map<string, Value>([['mfa', false]]),
]
