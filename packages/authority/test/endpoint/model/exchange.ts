// Commands: a person signs in, and the same ID token is exchanged again, also for less.

import { expect } from 'vitest'
import { DOCS, EXCHANGE, ID_TOKEN, type World } from '../../fixture.ts'
import { expectRefused, takeIssued } from './issued.ts'
import { type Client, type Model, PEOPLE, type Person, pick, type SignIn } from './model.ts'
import { type Answer, askToken, type Command } from './real.ts'
import { type Asking, holds, isOver } from './rules.ts'
import { see } from './seen.ts'

const SESSION_SECONDS = 28_800
/** An ID token is five seconds old when it comes, and lives for ten minutes from there. */
const AGE_SECONDS = 5
const ID_TOKEN_SECONDS = 600
const MOST_SIGN_INS = 5

export function signIn(client: Client, seed: number, asking: Asking): Command {
  return {
    check: ({ signIns }) => signIns.length < MOST_SIGN_INS,
    toString: () => `sign in at ${client} (${seed})${said(asking)}`,
    async run(model, { world }) {
      const person: Person = pick(PEOPLE, seed) ?? PEOPLE[0]
      const issuedAt = world.clock.seconds - AGE_SECONDS
      const { subject: sub, organisation } = person
      const claims = { aud: client, sub, org_id: organisation, nonce: crypto.randomUUID() }
      const subjectToken = await world.provider.idToken(claims)
      const times = { issuedAt, endsAt: issuedAt + SESSION_SECONDS }
      const opened = { client, person, subjectToken, ...times, isOpen: false, ended: undefined, sid: undefined }
      model.signIns.push(opened)
      await exchange(model, world, opened, asking)
    },
  }
}

export function exchangeAgain(seed: number, asking: Asking): Command {
  return {
    check: ({ signIns }) => signIns.length > 0,
    toString: () => `exchange the ID token of sign-in ${seed} again${said(asking)}`,
    async run(model, { world }) {
      const signedIn = pick(model.signIns, seed)
      if (signedIn !== undefined) await exchange(model, world, signedIn, asking)
    },
  }
}

async function exchange(model: Model, world: World, signedIn: SignIn, asking: Asking): Promise<void> {
  const form = { subject_token: signedIn.subjectToken, subject_token_type: ID_TOKEN, audience: DOCS }
  const answer = await askToken(world, signedIn.client, { grant_type: EXCHANGE, ...form }, asking)
  followExchange(model, signedIn, asking, answer, world.clock.seconds)
}

function followExchange(model: Model, signedIn: SignIn, asking: Asking, answer: Answer, now: number): void {
  const { client, person, issuedAt } = signedIn
  const isReadable = issuedAt <= now && now < issuedAt + AGE_SECONDS + ID_TOKEN_SECONDS
  const code = answer.body['code']
  if (code === 'ERR_AUTHORITY_SUBJECT_TOKEN' || code === 'ERR_AUTHORITY_SUBJECT_AGE') {
    expect(isReadable).toBe(false)
    return
  }
  if (isOver(signedIn, now)) {
    see('exchange ended')
    return expectRefused(answer, 'ERR_AUTHORITY_SESSION_ENDED')
  }
  const held = holds(model, person, [], asking)
  if (asking !== undefined && held.size === 0) {
    see('nothing left')
    return expectRefused(answer, 'ERR_AUTHORITY_DETAILS')
  }
  const isFirst = !signedIn.isOpen
  signedIn.isOpen = true
  if (model.revocations.some(({ at, meant }) => issuedAt <= at && meant(signedIn))) {
    see('exchange revoked')
    return expectRefused(answer, 'ERR_AUTHORITY_SUBJECT_REVOKED')
  }
  see(isFirst ? 'signed in' : 'exchanged again')
  const isNarrowed = asking !== undefined
  if (isNarrowed) see('narrowed at exchange')
  takeIssued(model, answer, { signIn: signedIn, client, isNarrowed, held })
  const text = String(answer.body['refresh_token'])
  const token = { text, usedAt: now, spentAt: undefined, successor: undefined }
  model.chains.push({ signIn: signedIn, recorded: isNarrowed ? held : undefined, tokens: [token] })
}

export function said(asking: Asking): string {
  if (asking === undefined) return ''
  const parts = asking.map(({ template, document, grantee = '' }) => `${template} of ${document} ${grantee}`.trim())
  return `, for ${parts.join(' and ')} alone`
}
