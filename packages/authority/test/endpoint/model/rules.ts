// The rules in plain words: what a token may hold, and what a revocation takes away. Everything here is about the model alone.

import {
  type AccessToken,
  type Chain,
  type Client,
  grantOf,
  type Model,
  type Person,
  type RefreshToken,
  type SignIn,
} from './model.ts'

export const IDLE_SECONDS = 3600
const RETRY_SECONDS = 10

/** One grant that is to be kept; of whichever grantee, unless it says. */
export interface Asked {
  readonly template: string
  readonly document: string
  readonly grantee?: string | undefined
}

export type Asking = readonly Asked[] | undefined

export function isOver({ ended, endsAt }: SignIn, now: number): boolean {
  return ended !== undefined || now >= endsAt
}

/** What the rules say of a use of a refresh token, before it happens. */
export function useOf(
  { signIn }: Chain,
  token: RefreshToken,
  now: number,
): 'ended' | 'idle' | 'reused' | 'retry' | 'fresh' {
  if (isOver(signIn, now)) return 'ended'
  if (token.spentAt !== undefined) {
    const isRetry = Math.abs(now - token.spentAt) < RETRY_SECONDS && token.successor?.spentAt === undefined
    return isRetry ? 'retry' : 'reused'
  }
  return now >= token.usedAt + IDLE_SECONDS ? 'idle' : 'fresh'
}

/** Of the grants of now, those of the person and of their team, within every bound that there is. */
export function holds(
  { grants }: Model,
  { tenant, id }: Person,
  bounds: readonly (ReadonlySet<string> | undefined)[],
  asking: Asking,
): ReadonlySet<string> {
  const own = [...grants.keys()].filter((key) => {
    const grant = grantOf(key)
    return grant.tenant === tenant && [`User::"${id}"`, 'Team::"blue"'].includes(grant.grantee)
  })
  return new Set(
    own.filter((key) => bounds.every((bound) => bound === undefined || bound.has(key)) && isAsked(key, asking)),
  )
}

function isAsked(key: string, asking: Asking): boolean {
  if (asking === undefined) return true
  const { template, resource, grantee } = grantOf(key)
  return asking.some(
    (one) =>
      one.template === template &&
      `Document::"${one.document}"` === resource &&
      (one.grantee === undefined || one.grantee === grantee),
  )
}

/** What is taken away with everything of it that there is. `service` is a client that passes tokens on. */
export type Meant =
  | { readonly kind: 'session'; readonly signIn: SignIn }
  | { readonly kind: 'principal'; readonly person: Person }
  | { readonly kind: 'client'; readonly client: Client }
  | { readonly kind: 'service'; readonly client: 'docs' | 'mail' }
  | { readonly kind: 'tenant'; readonly tenant: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'token'; readonly token: AccessToken }
  | { readonly kind: 'key'; readonly keyId: string }

/** Everything that the model knows was there before it; what comes later is not touched. */
export function revokeIn(model: Model, meant: Meant, now: number, why: string = meant.kind): void {
  for (const token of model.accessTokens) if (touches(meant, token)) token.revoked ??= why
  if (meant.kind === 'key') model.killed.add(meant.keyId)
  if (meant.kind === 'token' || meant.kind === 'key') return
  for (const signIn of model.signIns) {
    if (signIn.isOpen && isOf(meant, signIn)) signIn.ended ??= why
  }
  // a sign-in of before it brings nothing back; one session is ended by its row alone
  if (meant.kind !== 'session') model.revocations.push({ at: now, meant: (signIn) => isOf(meant, signIn) })
}

/** By what it is itself, or by what any token was that it came of. */
function touches(meant: Meant, token: AccessToken): boolean {
  const line = [...token.from, token]
  switch (meant.kind) {
    case 'token':
      return line.includes(meant.token)
    case 'key':
      return line.some(({ keyId }) => keyId === meant.keyId)
    case 'client':
    case 'service':
      return line.some(({ claims }) => claims.client_id === meant.client)
    case 'session':
    case 'principal':
    case 'tenant':
    case 'all':
      return isOf(meant, token.signIn)
    default:
      return meant satisfies never
  }
}

function isOf(meant: Exclude<Meant, { readonly kind: 'token' | 'key' }>, signIn: SignIn): boolean {
  switch (meant.kind) {
    case 'session':
      return meant.signIn === signIn
    case 'principal':
      return meant.person === signIn.person
    case 'client':
    case 'service':
      return meant.client === signIn.client
    case 'tenant':
      return meant.tenant === signIn.person.tenant
    case 'all':
      return true
    default:
      return meant satisfies never
  }
}

/** Taken back: every token that was there has lost it, and none that comes later. */
export function takeBackIn(model: Model, key: string): void {
  model.grants.delete(key)
  for (const token of model.accessTokens) if (token.held.has(key)) token.lost.add(key)
}
