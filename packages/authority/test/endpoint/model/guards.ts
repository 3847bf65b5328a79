// What a guard that hears now must do with every access token that the model knows: refuse what was taken away, by whatever of its line,
// and nothing else; and the same for each grant in it.

import { entityUid, parseEntityUid } from '@cardea/policy'
import { expect } from 'vitest'
import { type Heard, hear } from '../../fixture.ts'
import { type AccessToken, grantOf, type Model } from './model.ts'
import type { Command, Real } from './real.ts'
import { see } from './seen.ts'

export function listen(): Command {
  return {
    check: ({ accessTokens }) => accessTokens.length > 0,
    toString: () => 'a guard hears',
    run: (model, real) => checkGuards(real, model),
  }
}

export async function checkGuards({ world }: Real, model: Model): Promise<void> {
  const heard = await hear(world)
  for (const token of model.accessTokens) {
    if (token.claims.exp <= world.clock.seconds) continue
    checkToken(token, heard, model)
    if (token.revoked === undefined) checkGrants(token, heard)
  }
}

function checkToken(token: AccessToken, { revocations, keyIds }: Heard, { killed, latest }: Model): void {
  const { claims, keyId, revoked, signIn } = token
  const isRevoked = revocations.matchToken({ claims: { ...claims, jti: String(claims.jti) }, keyId }) !== undefined
  // a killed key is in no key set, so what it signs after its end is refused as well
  const isOfKilled = killed.has(keyId)
  if (isOfKilled || latest - claims.iat <= 300) expect([keyId, keyIds.includes(keyId)]).toEqual([keyId, !isOfKilled])
  const isDead = isRevoked || isOfKilled
  const mustBeDead = revoked !== undefined || isOfKilled
  if (signIn.ended !== undefined) expect(mustBeDead).toBe(true)
  expect({ revoked, isDead }).toEqual({ revoked, isDead: mustBeDead })
  // what was there is touched by the entry as well, whatever key set somebody still has
  if (revoked !== undefined) expect({ revoked, isRevoked }).toEqual({ revoked, isRevoked: true })
  if (!isDead) {
    see('alive')
    if (killed.size > 0) see('alive beside a dead key')
    if (signIn.person.tenant === 'other') see('alive elsewhere')
    return
  }
  see('dead')
  if (isOfKilled) see('dead of a key')
  else if (token.from.some((one) => killed.has(one.keyId))) see('dead of an older key')
  if (token.from.some((one) => one.revoked !== undefined && one.revoked === revoked)) see('dead of an ancestor')
}

function checkGrants(token: AccessToken, { revocations }: Heard): void {
  const { claims, keyId, held, lost } = token
  for (const key of held) {
    const { tenant, template, ...named } = grantOf(key)
    const [grantee, resource] = [named.grantee, named.resource].map((text) => parseEntityUid(text) ?? entityUid('', ''))
    if (grantee === undefined || resource === undefined) throw new Error('a grant has a grantee and a resource')
    const of = { claims: { ...claims, jti: String(claims.jti) }, keyId }
    const isLost = revocations.matchGrant(of, { tenant, template, grantee, resource }) !== undefined
    see(isLost ? 'lost' : 'kept')
    expect({ key, isLost }).toEqual({ key, isLost: lost.has(key) })
  }
}
