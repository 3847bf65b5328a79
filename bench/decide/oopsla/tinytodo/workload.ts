// TinyTodo, for every subject.

import { defineAbility, type MongoAbility, subject } from '@casl/ability'
import { seeded } from '../../../random.ts'
import type { Subject } from '../../../harness.ts'
import { type CedarEntity, type CedarWorkload, reference, uid, type Workload } from '../../workload.ts'
import { readSources } from '../hierarchy.ts'
import {
  APPLICATION,
  APPLICATION_ACTIONS,
  EDITOR_ACTIONS,
  LIST_ACTIONS,
  mayTodo,
  type TinyTodo,
  tinytodoOf,
  type TodoList,
  type TodoUser,
} from './data.ts'

export function tinytodo(size: number): Workload {
  const data = tinytodoOf(size, seeded(size))
  return {
    name: 'tinytodo',
    size,
    cedar: cedarOf(data),
    peers: new Map([
      ['hand-written', () => handWritten(data)],
      ['casl-cached', () => caslCached(data)],
    ]),
  }
}

function cedarOf({ users, requests }: TinyTodo): CedarWorkload {
  const principals = new Map(users.map((user) => [user, userEntity(user)]))
  const lists = new Map<TodoList | undefined, CedarEntity>()
  const resourceOf = (list: TodoList | undefined): CedarEntity => {
    const known = lists.get(list) ?? (list === undefined ? application() : listEntity(list))
    lists.set(list, known)
    return known
  }
  return {
    ...readSources('tinytodo'),
    requests: requests.map(({ user, action, list }) => ({
      principal: principals.get(user) ?? userEntity(user),
      action: uid('Action', action),
      resource: resourceOf(list),
      context: {},
      others: [],
    })),
  }
}

function handWritten({ requests }: TinyTodo): Subject {
  return {
    name: 'hand-written',
    cases: requests.length,
    run(index) {
      const request = requests[index]
      return request !== undefined && mayTodo(request)
    },
  }
}

function caslCached({ users, requests }: TinyTodo): Subject {
  const abilities = new Map(users.map((user) => [user.id, abilityFor(user)]))
  const prepared = requests.map(({ user, action, list }) => ({
    user: user.id,
    action,
    on: list === undefined ? subject('Application', { id: APPLICATION }) : subject('List', { ...list }),
  }))
  return {
    name: 'casl-cached',
    cases: prepared.length,
    run(index) {
      const request = prepared[index]
      return request !== undefined && (abilities.get(request.user)?.can(request.action, request.on) ?? false)
    },
  }
}

function abilityFor({ id, teams }: TodoUser): MongoAbility {
  const mine = { $in: [...teams] }
  return defineAbility((can) => {
    can([...APPLICATION_ACTIONS], 'Application')
    can([...LIST_ACTIONS], 'List', { owner: id })
    can('GetList', 'List', { readers: mine })
    can(['GetList', ...EDITOR_ACTIONS], 'List', { editors: mine })
  })
}

function userEntity({ id, teams }: TodoUser): CedarEntity {
  return {
    uid: uid('User', id),
    attrs: {},
    parents: [...[...teams].map((team) => uid('Team', team)), uid('Application', APPLICATION)],
  }
}

function listEntity({ id, owner, readers, editors }: TodoList): CedarEntity {
  return {
    uid: uid('List', id),
    attrs: {
      owner: reference('User', owner),
      name: id,
      readers: reference('Team', readers),
      editors: reference('Team', editors),
      tasks: [],
    },
    parents: [uid('Application', APPLICATION)],
  }
}

function application(): CedarEntity {
  return { uid: uid('Application', APPLICATION), attrs: {}, parents: [] }
}
