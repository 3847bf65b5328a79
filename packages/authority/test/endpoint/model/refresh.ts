// Commands: a refresh token is used, once or at the same time as itself, by its client or by another, or given back.

import { expect } from 'vitest'
import { expectRefused, takeIssued } from './issued.ts'
import { said } from './exchange.ts'
import { type AccessToken, type Chain, type Model, pick, type RefreshToken } from './model.ts'
import { type Answer, ask, askToken, type Command } from './real.ts'
import { type Asking, holds, revokeIn, useOf } from './rules.ts'
import { see } from './seen.ts'

const CODES = {
  ended: 'ERR_AUTHORITY_SESSION_ENDED',
  idle: 'ERR_AUTHORITY_REFRESH_IDLE',
  reused: 'ERR_AUTHORITY_REFRESH_REUSED',
} as const

/** `age` 0 is the token that goes on; a greater one is a retry or a theft. `times` uses at once. */
export function refresh(seed: number, age: number, times: number, asking: Asking): Command {
  return {
    check: ({ chains }) => chains.length > 0,
    toString: () => `refresh chain ${seed} with the token ${age} before its last, ${times} at once${said(asking)}`,
    async run(model, real) {
      const { chain, token } = find(model, seed, age)
      const form = { grant_type: 'refresh_token', refresh_token: token.text }
      const { client } = chain.signIn
      const answers = await Promise.all(Array.from({ length: times }, () => askToken(real.world, client, form, asking)))
      // one wins; which one cannot be known beforehand, so those that detected the reuse come first, then as the rules say
      const inOrder = answers.toSorted((left, right) => order(left) - order(right))
      for (const answer of inOrder) followRefresh(model, chain, token, asking, answer, real.worlds[0]?.clock.seconds)
      const texts = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body['refresh_token']))
      expect(texts.size).toBeLessThanOrEqual(1)
    },
  }
}

/** `unsure`: a grant that is taken back in the same moment. */
export function followRefresh(
  model: Model,
  chain: Chain,
  token: RefreshToken,
  asking: Asking,
  answer: Answer,
  now = 0,
  unsure?: string,
): AccessToken | undefined {
  const { signIn, recorded } = chain
  const wanted = useOf(chain, token, now)
  if (wanted === 'ended' || wanted === 'idle' || wanted === 'reused') {
    see(wanted)
    expectRefused(answer, CODES[wanted])
    if (wanted === 'reused') revokeIn(model, { kind: 'session', signIn }, now, 'reuse')
    return undefined
  }
  const held = holds(model, signIn.person, [recorded], asking)
  if (asking !== undefined && held.size === 0) {
    see('nothing left')
    // and nothing is spent
    expectRefused(answer, 'ERR_AUTHORITY_DETAILS')
    return undefined
  }
  see(wanted)
  if (asking !== undefined) see('narrowed at refresh')
  if (recorded !== undefined && holds(model, signIn.person, [], asking).size > held.size) see('more granted')
  const isNarrowed = asking !== undefined || recorded !== undefined
  const { client } = signIn
  const issued = takeIssued(model, answer, { signIn, client, isNarrowed, held, ...(unsure && { unsure }) })
  rotate(chain, token, wanted, answer, now)
  return issued
}

function rotate(chain: Chain, token: RefreshToken, use: 'retry' | 'fresh', { body }: Answer, now: number): void {
  if (chain.signIn.client === 'backend') {
    expect(body).not.toHaveProperty('refresh_token')
    token.usedAt = now
    return
  }
  const text = String(body['refresh_token'])
  if (use === 'retry') {
    expect(text).toBe(token.successor?.text)
    return
  }
  expect(chain.tokens.map((one) => one.text)).not.toContain(text)
  token.spentAt = now
  token.successor = { text, usedAt: now, spentAt: undefined, successor: undefined }
  chain.tokens.push(token.successor)
}

function order({ body }: Answer): number {
  return body['code'] === CODES.reused ? 0 : 1
}

export function steal(seed: number, age: number): Command {
  return {
    check: ({ chains }) => chains.length > 0,
    toString: () => `another client presents the token ${age} before the last of chain ${seed}`,
    async run(model, { world }) {
      const { chain, token } = find(model, seed, age)
      const other = chain.signIn.client === 'app' ? 'backend' : 'app'
      see('stolen')
      const form = { grant_type: 'refresh_token', refresh_token: token.text }
      expectRefused(await askToken(world, other, form, undefined), 'ERR_AUTHORITY_REFRESH_TOKEN')
    },
  }
}

export function giveBack(seed: number, age: number): Command {
  return {
    check: ({ chains }) => chains.length > 0,
    toString: () => `its client gives back the token ${age} before the last of chain ${seed}`,
    async run(model, { world }) {
      const { chain, token } = find(model, seed, age)
      const { signIn } = chain
      expect((await ask(world, '/revoke', signIn.client, { token: token.text })).status).toBe(200)
      see('given back')
      if (signIn.ended === undefined) revokeIn(model, { kind: 'session', signIn }, world.clock.seconds, 'given back')
    },
  }
}

export function find({ chains }: Model, seed: number, age: number): { chain: Chain; token: RefreshToken } {
  const chain = pick(chains, seed)
  const token = chain?.tokens.at(-1 - Math.min(age, chain.tokens.length - 1))
  if (chain === undefined || token === undefined) throw new Error('a chain has a token')
  return { chain, token }
}
