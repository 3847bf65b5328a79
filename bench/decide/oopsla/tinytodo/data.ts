// TinyTodo: users in teams, teams in teams, lists with an owner and with a team of readers and one of editors.

import type { Random } from '../../../random.ts'
import { balanced, closure, names } from '../hierarchy.ts'

export interface TinyTodo {
  readonly users: readonly TodoUser[]
  readonly requests: readonly TodoRequest[]
}

export interface TodoUser {
  readonly id: string
  /** All teams, also through other teams. */
  readonly teams: ReadonlySet<string>
}

export interface TodoList {
  readonly id: string
  readonly owner: string
  readonly readers: string
  readonly editors: string
}

/** Without a list, it is about the application. */
export interface TodoRequest {
  readonly user: TodoUser
  readonly action: ListAction | ApplicationAction
  readonly list: TodoList | undefined
}

export type ApplicationAction = 'CreateList' | 'GetLists'
export type ListAction = (typeof LIST_ACTIONS)[number]

export const APPLICATION = 'TinyTodo'
export const APPLICATION_ACTIONS: readonly ApplicationAction[] = ['CreateList', 'GetLists']
export const EDITOR_ACTIONS = ['UpdateList', 'CreateTask', 'UpdateTask', 'DeleteTask'] as const
export const LIST_ACTIONS = ['GetList', ...EDITOR_ACTIONS, 'DeleteList', 'EditShares'] as const

export function tinytodoOf(size: number, random: Random): TinyTodo {
  const teams = names('team', size)
  // a team may be in teams before it, so that there is no circle
  const parents = new Map(teams.map((team, at) => [team, random.some(teams.slice(0, at), 1 / size)]))
  const users = names('user', size).map((id) => {
    const direct = random.some(teams, 3 / size)
    return { id, teams: new Set([...direct, ...closure(direct, (team) => parents.get(team) ?? [])]) }
  })
  const lists = names('list', size).map((id) => ({
    id,
    owner: random.pick(users).id,
    readers: random.pick(teams),
    editors: random.pick(teams),
  }))
  const draw = (): TodoRequest => {
    const user = random.pick(users)
    if (random.chance(0.1)) return { user, action: random.pick(APPLICATION_ACTIONS), list: undefined }
    return { user, action: random.pick(LIST_ACTIONS), list: random.pick(lists) }
  }
  return { users, requests: balanced(draw, mayTodo) }
}

const EDITING: ReadonlySet<string> = new Set(EDITOR_ACTIONS)

/** The policies by hand. */
export function mayTodo({ user, action, list }: TodoRequest): boolean {
  if (list === undefined) return action === 'CreateList' || action === 'GetLists'
  if (list.owner === user.id) return true
  if (action === 'GetList') return user.teams.has(list.readers) || user.teams.has(list.editors)
  return EDITING.has(action) && user.teams.has(list.editors)
}
