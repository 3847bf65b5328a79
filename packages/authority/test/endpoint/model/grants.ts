// Commands: something is granted, to a person or a team, and taken back, by its id or by what it says.

import { expect } from 'vitest'
import type { World } from '../../fixture.ts'
import { type Grant, grantKey, grantOf, type Model, PEOPLE, pick } from './model.ts'
import type { Command } from './real.ts'
import { takeBackIn } from './rules.ts'
import { see } from './seen.ts'

export const TEMPLATES = ['viewer', 'editor'] as const
export const DOCUMENTS = ['a', 'b', 'c'] as const

export interface Granting {
  readonly person: number
  readonly isTeam: boolean
  readonly template: (typeof TEMPLATES)[number]
  readonly document: (typeof DOCUMENTS)[number]
}

export function grant(granting: Granting): Command {
  const key = grantKey(grantFor(granting))
  return {
    check: () => true,
    toString: () => `grant ${key}`,
    run: (model, { world }) => give(key, model, world),
  }
}

/** One that a token has lost. */
export function grantAgain(seed: number): Command {
  return {
    check: ({ accessTokens }) => accessTokens.some(({ lost }) => lost.size > 0),
    toString: () => `grant ${seed} of those that were taken back`,
    async run(model, { world }) {
      const key = pick([...new Set(model.accessTokens.flatMap(({ lost }) => [...lost]))], seed)
      if (key !== undefined) await give(key, model, world)
    },
  }
}

async function give(key: string, model: Model, { authority }: World): Promise<void> {
  const body = grantOf(key)
  const { id } = await authority.service.grant(body)
  // the same again is the one that is there
  if (model.grants.has(key)) expect(model.grants.get(key)).toBe(id)
  model.grants.set(key, id)
  see(body.grantee.startsWith('Team') ? 'team granted' : 'granted')
  if (model.accessTokens.some(({ lost }) => lost.has(key))) see('granted again')
}

/** `how`: by its id, or as a revocation, which also takes away what is not there. */
export function takeBack(seed: number, how: 'id' | 'revocation'): Command {
  return {
    check: ({ grants }) => grants.size > 0,
    toString: () => `take back grant ${seed} by its ${how}`,
    async run(model, { world }) {
      const [key, id] = pick([...model.grants], seed) ?? []
      if (key === undefined || id === undefined) return
      const { service } = world.authority
      if (how === 'id') await service.removeGrant(id)
      else await service.revoke({ kind: 'grant', ...grantOf(key) })
      see('taken back')
      takeBackIn(model, key)
    },
  }
}

function grantFor({ person, isTeam, template, document }: Granting): Grant {
  const { id, tenant } = pick(PEOPLE, person) ?? PEOPLE[0]
  const grantee = isTeam ? 'Team::"blue"' : `User::"${id}"`
  return { tenant, grantee, template, resource: `Document::"${document}"` }
}
