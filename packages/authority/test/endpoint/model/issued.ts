// A token that came out, against what the model says that it must hold; then the model has it too.

import { toAuthorizationDetails, unpackGrants } from '@cardea/claims'
import { formatEntityUid } from '@cardea/policy'
import { decodeToken, type TokenClaims } from '@cardea/token'
import { expect } from 'vitest'
import { type AccessToken, grantKey, grantOf, type Model, type SignIn } from './model.ts'
import type { Answer } from './real.ts'
import { see } from './seen.ts'

export interface Wanted {
  readonly signIn: SignIn
  readonly client: string
  readonly isNarrowed: boolean
  readonly from?: readonly AccessToken[]
  readonly held: ReadonlySet<string>
  /** One that was taken back in the same moment: it may be there or not. */
  readonly unsure?: string
}

export function takeIssued(model: Model, { status, body }: Answer, wanted: Wanted): AccessToken {
  expect({ status, code: body['code'] }).toEqual({ status: 200, code: undefined })
  const { signIn, client, isNarrowed, from = [], unsure } = wanted
  const text = String(body['access_token'])
  const { unverifiedHeader, unverifiedClaims } = decodeToken(text)
  const claims = unverifiedClaims as unknown as TokenClaims
  const { person } = signIn
  signIn.sid ??= claims.sid
  expect(claims).toMatchObject({ sid: signIn.sid, sub: person.id, tenant: person.tenant, client_id: client })
  expect(claims.exp).toBeLessThanOrEqual(Math.min(signIn.endsAt, ...from.map((one) => one.claims.exp)))
  expect((claims.derived_from ?? []).map(({ jti }) => jti)).toEqual(from.map((one) => one.claims.jti))

  const held = heldIn(claims)
  const sure = (keys: ReadonlySet<string>): readonly string[] => [...keys].filter((key) => key !== unsure).toSorted()
  expect(sure(held)).toEqual(sure(wanted.held))
  for (const key of held) see(grantOf(key).grantee.startsWith('Team') ? 'held of a team' : 'held')
  expectWithin(held, from.at(-1))

  expect(claims.narrowed).toBe(isNarrowed ? true : undefined)
  const shown = toAuthorizationDetails(unpackGrants(claims['grants'], claims.tenant))
  expect(inAnyOrder(body['authorization_details'])).toEqual(isNarrowed ? inAnyOrder(shown) : undefined)

  const { isAlone, activeKey, killed } = model
  const keyId = unverifiedHeader['kid'] as string
  if (isAlone) {
    expect(killed.has(keyId)).toBe(false)
    if (activeKey !== undefined) expect(keyId).toBe(activeKey)
  }
  const token = { text, claims, keyId, signIn, from, isNarrowed, held, lost: new Set<string>() }
  const issued: AccessToken = { ...token, revoked: undefined }
  model.accessTokens.push(issued)
  return issued
}

/** Of whatever model: what came of a narrowed token has nothing that this one had not. */
function expectWithin(held: ReadonlySet<string>, parent: AccessToken | undefined): void {
  if (parent?.isNarrowed !== true) return
  see('within')
  expect([...held].filter((key) => !parent.held.has(key))).toEqual([])
}

function inAnyOrder(details: unknown): readonly string[] | undefined {
  return Array.isArray(details) ? details.map((one) => JSON.stringify(one)).toSorted() : undefined
}

function heldIn({ grants, tenant = '' }: TokenClaims): ReadonlySet<string> {
  return new Set(
    unpackGrants(grants, tenant).map(({ template, grantee, resource }) =>
      grantKey({ tenant, template, grantee: formatEntityUid(grantee), resource: formatEntityUid(resource) }),
    ),
  )
}

export function expectRefused({ status, body }: Answer, code: string): void {
  expect({ status, code: body['code'] }).toEqual({ status: 400, code })
  expect(body).not.toHaveProperty('access_token')
  expect(body).not.toHaveProperty('refresh_token')
}
