// Repositories with five levels of access each, given to users and to teams; organisations with three, for all their repositories.

import type { Random } from '../../../random.ts'
import { balanced, closure, names } from '../hierarchy.ts'

export interface Hub {
  readonly users: readonly HubUser[]
  readonly requests: readonly HubRequest[]
}

export interface HubUser {
  readonly id: string
  readonly organizations: readonly string[]
  /** All teams, also through other teams. */
  readonly teams: readonly string[]
  /** Levels that the user has, a team of the user has, or an organisation gives to all its members: `repo-1/writers`. */
  readonly permissions: readonly string[]
  /** The same by repository or organisation: the highest level that the user has there. */
  readonly levels: ReadonlyMap<string, number>
}

export interface Repository {
  readonly id: string
  readonly owner: string
}

export interface HubRequest {
  readonly user: HubUser
  readonly action: HubAction
  readonly repository: Repository
}

export const HUB_ACTIONS = ['read', 'triage', 'write', 'maintain', 'admin'] as const
export type HubAction = (typeof HUB_ACTIONS)[number]

export const REPOSITORY_LEVELS = ['readers', 'triagers', 'writers', 'maintainers', 'admins'] as const
export const ORGANIZATION_LEVELS = ['readers', 'writers', 'admins'] as const

/** What a level lets happen, an action that needs as much or less: organisations have the same levels without two of them. */
const LEVEL: Readonly<Record<HubAction | (typeof REPOSITORY_LEVELS)[number], number>> = {
  read: 1,
  readers: 1,
  triage: 2,
  triagers: 2,
  write: 3,
  writers: 3,
  maintain: 4,
  maintainers: 4,
  admin: 5,
  admins: 5,
}

export function hubOf(size: number, random: Random): Hub {
  const organizations = names('org', size)
  const teams = names('team', size)
  const repositories = names('repo', size).map((id): Repository => ({ id, owner: random.pick(organizations) }))
  const all = [
    ...repositories.flatMap(({ id }) => REPOSITORY_LEVELS.map((level) => `${id}/${level}`)),
    ...organizations.flatMap((id) => ORGANIZATION_LEVELS.map((level) => `${id}/${level}`)),
  ]
  // a team may be in teams before it, so that there is no circle
  const parents = new Map(teams.map((team, at) => [team, random.some(teams.slice(0, at), 1 / size)]))
  const given = new Map([...teams, ...organizations].map((id) => [id, random.some(all, 0.4 / size)]))
  const users = names('user', size).map((id): HubUser => {
    const direct = random.some(teams, 2 / size)
    const above = [...new Set([...direct, ...closure(direct, (team) => parents.get(team) ?? [])])]
    const member = random.some(organizations, 2 / size)
    // only an organisation's levels can be given to an organisation
    const ofOrganization = (level: string): boolean => level.startsWith('org-')
    const permissions = [
      ...random.some(all, 2 / size),
      ...above.flatMap((team) => (given.get(team) ?? []).filter((level) => !ofOrganization(level))),
      ...member.flatMap((organization) => (given.get(organization) ?? []).filter(ofOrganization)),
    ]
    return { id, organizations: member, teams: above, permissions, levels: highest(permissions) }
  })
  const draw = (): HubRequest => ({
    user: random.pick(users),
    action: random.pick(HUB_ACTIONS),
    repository: random.pick(repositories),
  })
  return { users, requests: balanced(draw, mayHub) }
}

/** The level that lets the action happen. */
export function needs(action: HubAction): number {
  return LEVEL[action]
}

/** The policies by hand. */
export function mayHub({ user: { levels }, action, repository }: HubRequest): boolean {
  const needed = LEVEL[action]
  return (levels.get(repository.id) ?? 0) >= needed || (levels.get(repository.owner) ?? 0) >= needed
}

function highest(permissions: readonly string[]): ReadonlyMap<string, number> {
  const levels = new Map<string, number>()
  for (const permission of permissions) {
    const [place = '', level = ''] = permission.split('/')
    levels.set(place, Math.max(levels.get(place) ?? 0, LEVEL[level as HubAction]))
  }
  return levels
}
