// Commands: a use and what takes it away, at once. Nobody knows beforehand which comes first; the numbers of the log say it afterwards. What
// was read before the revocation is touched by it, and what was read after it must not be there.

import { setImmediate } from 'node:timers/promises'
import type { Position, RevocationKey } from '@cardea/feed'
import { expect } from 'vitest'
import { ISSUER, type World } from '../../fixture.ts'
import { type AccessToken, grantOf, type Model, pick } from './model.ts'
import { askPassing, followPassing, isReadable } from './pass-on.ts'
import { type Answer, askToken, type Command, type Real } from './real.ts'
import { find, followRefresh } from './refresh.ts'
import { type Meant, revokeIn, takeBackIn, useOf } from './rules.ts'
import { see } from './seen.ts'

export type Race = 'session' | 'grant' | 'token' | 'key'

/** `turns`: how far the use has come when the other begins. */
export function race(seed: number, kind: Race, turns: number): Command {
  const runs: { readonly [K in Race]: (model: Model, real: Real) => Promise<void> } = {
    session: (model, real) => refreshAndEnd(model, real, seed, turns),
    grant: (model, real) => refreshAndTakeBack(model, real, seed, turns),
    token: (model, real) => passOnAndRevoke(model, real, turns, (token) => ({ kind: 'token', token })),
    key: (model, real) => passOnAndRevoke(model, real, turns, ({ keyId }) => ({ kind: 'key', keyId })),
  }
  return {
    check: ({ chains, accessTokens }) => chains.length > 0 && accessTokens.length > 0,
    toString: () => `use ${seed} while its ${kind} is taken away, ${turns} turns later`,
    run: runs[kind],
  }
}

async function refreshAndEnd(model: Model, real: Real, seed: number, turns: number): Promise<void> {
  const { chain, token } = find(model, seed, 0)
  const { signIn } = chain
  const { clock } = real.world
  if (useOf(chain, token, clock.seconds) !== 'fresh' || signIn.sid === undefined) return
  const key = { kind: 'session', sid: signIn.sid } as const
  const [answer, { position }] = await Promise.all([
    askToken(real.world, signIn.client, refreshForm(token.text), undefined),
    revokeLater(real.world, key, turns),
  ])
  if (answer.status === 200) {
    const issued = followRefresh(model, chain, token, undefined, answer, clock.seconds)
    expect(issued?.claims.seq).toBeLessThan(position.seq)
  } else expectRaced(answer, 'ERR_AUTHORITY_SESSION_ENDED')
  see(answer.status === 200 ? 'race touched' : 'race refused')
  revokeIn(model, { kind: 'session', signIn }, clock.seconds)
}

async function refreshAndTakeBack(model: Model, real: Real, seed: number, turns: number): Promise<void> {
  const { chain, token } = find(model, seed, 0)
  const key = pick([...model.grants.keys()], seed)
  const { clock } = real.world
  if (key === undefined || useOf(chain, token, clock.seconds) !== 'fresh') return
  const [answer, { position }] = await Promise.all([
    askToken(real.world, chain.signIn.client, refreshForm(token.text), undefined),
    revokeLater(real.world, { kind: 'grant', ...grantOf(key) }, turns),
  ])
  const issued = followRefresh(model, chain, token, undefined, answer, clock.seconds, key)
  const isHeld = issued?.held.has(key) === true
  if (isHeld) expect(issued.claims.seq).toBeLessThan(position.seq)
  takeBackIn(model, key)
  see('race lost')
}

type Whole = Extract<Meant, { readonly kind: 'token' | 'key' }>

async function passOnAndRevoke(
  model: Model,
  real: Real,
  turns: number,
  meantOf: (subject: AccessToken) => Whole,
): Promise<void> {
  const { clock } = real.world
  const subject = model.accessTokens.findLast(
    ({ claims, revoked }) => revoked === undefined && clock.seconds < claims.exp,
  )
  if (subject === undefined || !isReadable(model, subject, clock.seconds)) return
  const meant = meantOf(subject)
  const { jti = '' } = subject.claims
  const key =
    meant.kind === 'key' ? ({ kind: 'key', kid: meant.keyId } as const) : ({ kind: 'token', iss: ISSUER, jti } as const)
  const [answer, { position }] = await Promise.all([
    askPassing(real.world, subject, undefined),
    revokeLater(real.world, key, turns),
  ])
  const code = answer.body['code']
  const isRaced =
    code === 'ERR_AUTHORITY_SUBJECT_REVOKED' || (meant.kind === 'key' && code === 'ERR_AUTHORITY_SUBJECT_TOKEN')
  if (isRaced) expectRaced(answer, code)
  else {
    const issued = followPassing(model, subject, undefined, answer, clock.seconds)
    if (issued !== undefined) expect(issued.claims.seq).toBeLessThan(position.seq)
  }
  see(answer.status === 200 ? 'race touched' : 'race refused')
  if (meant.kind === 'key') model.activeKey = undefined
  revokeIn(model, meant, clock.seconds)
}

async function revokeLater(
  { authority }: World,
  key: RevocationKey,
  turns: number,
): Promise<{ readonly position: Position }> {
  for (let turn = 0; turn < turns; turn += 1) await setImmediate()
  return authority.service.revoke(key)
}

function refreshForm(token: string): Record<string, string> {
  return { grant_type: 'refresh_token', refresh_token: token }
}

function expectRaced({ status, body }: Answer, code: string): void {
  expect({ status, code: body['code'] }).toEqual({ status: 400, code })
  expect(body).not.toHaveProperty('access_token')
}
