// Repositories, for every subject.

import { defineAbility, type MongoAbility, subject } from '@casl/ability'
import type { Subject } from '../../../harness.ts'
import { seeded } from '../../../random.ts'
import { type CedarEntity, type CedarWorkload, reference, uid, type Workload } from '../../workload.ts'
import { readSources } from '../hierarchy.ts'
import {
  type Hub,
  hubOf,
  HUB_ACTIONS,
  type HubUser,
  mayHub,
  needs,
  ORGANIZATION_LEVELS,
  type Repository,
  REPOSITORY_LEVELS,
} from './data.ts'

export function github(size: number): Workload {
  const data = hubOf(size, seeded(size))
  return {
    name: 'github',
    size,
    cedar: cedarOf(data),
    peers: new Map([
      ['hand-written', () => handWritten(data)],
      ['casl-cached', () => caslCached(data)],
    ]),
  }
}

function cedarOf({ users, requests }: Hub): CedarWorkload {
  const principals = new Map(users.map((user) => [user, userEntity(user)]))
  const repositories = new Map<Repository, CedarEntity>()
  const owners = new Map<string, CedarEntity>()
  return {
    ...readSources('github'),
    requests: requests.map(({ user, action, repository }) => ({
      principal: principals.get(user) ?? userEntity(user),
      action: uid('Action', action),
      resource: once(repositories, repository, repositoryEntity),
      context: {},
      others: [once(owners, repository.owner, organizationEntity)],
    })),
  }
}

function once<K>(known: Map<K, CedarEntity>, key: K, make: (key: K) => CedarEntity): CedarEntity {
  const entity = known.get(key) ?? make(key)
  known.set(key, entity)
  return entity
}

function handWritten({ requests }: Hub): Subject {
  return {
    name: 'hand-written',
    cases: requests.length,
    run(index) {
      const request = requests[index]
      return request !== undefined && mayHub(request)
    },
  }
}

function caslCached({ users, requests }: Hub): Subject {
  const abilities = new Map(users.map((user) => [user.id, abilityFor(user)]))
  const prepared = requests.map(({ user, action, repository }) => ({
    user: user.id,
    action,
    repository: subject('Repository', { ...repository }),
  }))
  return {
    name: 'casl-cached',
    cases: prepared.length,
    run(index) {
      const request = prepared[index]
      return request !== undefined && (abilities.get(request.user)?.can(request.action, request.repository) ?? false)
    },
  }
}

function abilityFor({ levels }: HubUser): MongoAbility {
  return defineAbility((can) => {
    for (const action of HUB_ACTIONS) {
      const enough = [...levels].filter(([, level]) => level >= needs(action)).map(([id]) => id)
      can(action, 'Repository', { id: { $in: enough } })
      can(action, 'Repository', { owner: { $in: enough } })
    }
  })
}

function userEntity({ id, organizations, teams, permissions }: HubUser): CedarEntity {
  return {
    uid: uid('User', id),
    attrs: {},
    parents: [
      ...organizations.map((organization) => uid('Organization', organization)),
      ...teams.map((team) => uid('Team', team)),
      ...[...new Set(permissions)].map((level) =>
        uid(level.startsWith('org-') ? 'OrgPermission' : 'RepoPermission', level),
      ),
    ],
  }
}

function repositoryEntity({ id, owner }: Repository): CedarEntity {
  const levels = REPOSITORY_LEVELS.map((level) => [level, reference('RepoPermission', `${id}/${level}`)])
  return {
    uid: uid('Repository', id),
    attrs: { owner: reference('Organization', owner), ...Object.fromEntries(levels) },
    parents: [],
  }
}

function organizationEntity(id: string): CedarEntity {
  const levels = ORGANIZATION_LEVELS.map((level) => [level, reference('OrgPermission', `${id}/${level}`)])
  return { uid: uid('Organization', id), attrs: Object.fromEntries(levels), parents: [] }
}
