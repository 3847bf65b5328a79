// Command: the service of a token's audience exchanges it for one for the other service, also for less.

import { expect } from 'vitest'
import { ACCESS_TOKEN, DOCS, EXCHANGE, MAIL, type World } from '../../fixture.ts'
import { said } from './exchange.ts'
import { expectRefused, takeIssued } from './issued.ts'
import { type AccessToken, type Model, pick } from './model.ts'
import { type Answer, askToken, type Command } from './real.ts'
import { type Asking, holds, isOver } from './rules.ts'
import { see } from './seen.ts'

const MOST_STEPS = 3
const TOKEN_SECONDS = 300

/** `steps`: what comes out is passed on as well. */
export function passOn(seed: number, steps: number, asking: Asking): Command {
  return {
    check: ({ accessTokens }) => accessTokens.length > 0,
    toString: () => `pass on access token ${seed} from the last, ${steps} times${said(asking)}`,
    async run(model, real) {
      let subject = pick(model.accessTokens.toReversed(), seed)
      for (let step = 0; step < steps && subject !== undefined; step += 1) {
        const { world } = real
        const answer = await askPassing(world, subject, asking)
        subject = followPassing(model, subject, asking, answer, world.clock.seconds)
      }
    },
  }
}

export async function askPassing(world: World, { text, claims }: AccessToken, asking: Asking): Promise<Answer> {
  const audience = claims.aud === DOCS ? MAIL : DOCS
  const form = { grant_type: EXCHANGE, subject_token: text, subject_token_type: ACCESS_TOKEN, audience }
  return askToken(world, serviceOf(claims.aud), form, asking)
}

/** Answers the new token, if there must be one. */
export function followPassing(
  model: Model,
  subject: AccessToken,
  asking: Asking,
  answer: Answer,
  now: number,
): AccessToken | undefined {
  const { signIn, held: bound, isNarrowed, from, claims } = subject
  if (answer.body['code'] === 'ERR_AUTHORITY_SUBJECT_TOKEN') {
    see('subject unreadable')
    expect(isReadable(model, subject, now)).toBe(false)
    return undefined
  }
  const refused = (code: string): undefined => {
    expectRefused(answer, code)
    return undefined
  }
  if (from.length >= MOST_STEPS) {
    see('too deep')
    return refused('ERR_AUTHORITY_DELEGATION_DEPTH')
  }
  if (isOver(signIn, now)) {
    see('subject ended')
    return refused('ERR_AUTHORITY_SESSION_ENDED')
  }
  const held = holds(model, signIn.person, [isNarrowed ? bound : undefined], asking)
  if (asking !== undefined && held.size === 0) {
    see('nothing left')
    return refused('ERR_AUTHORITY_DETAILS')
  }
  if (subject.revoked !== undefined) {
    see('subject revoked')
    return refused('ERR_AUTHORITY_SUBJECT_REVOKED')
  }
  // also of a key that was killed at another authority, by one that signs with it until it hears
  expect(model.killed.has(subject.keyId)).toBe(false)
  see(from.length === 0 ? 'passed on' : 'passed on again')
  if (asking !== undefined) see('narrowed at passing on')
  const line = { from: [...from, subject], isNarrowed: isNarrowed || asking !== undefined }
  return takeIssued(model, answer, { signIn, client: serviceOf(claims.aud), held, ...line })
}

/** Whether the authority must be able to read it: its time, and its key, which is forgotten some time after its last token. */
export function isReadable({ killed, latest }: Model, { claims, keyId }: AccessToken, now: number): boolean {
  const isOfNow = claims.iat <= now && now < claims.exp
  return isOfNow && !killed.has(keyId) && latest - claims.iat <= TOKEN_SECONDS
}

function serviceOf(audience: unknown): 'docs' | 'mail' {
  return audience === DOCS ? 'docs' : 'mail'
}
