// What the model knows: people, sign-ins, chains of refresh tokens, access tokens and grants, in plain values. Nothing in it asks
// an authority; the rules that change it are in `rules.ts`.

import type { TokenClaims } from '@cardea/token'

/** A client at which people sign in. The first one rotates its refresh tokens. */
export type Client = 'app' | 'backend'

export interface Person {
  readonly id: string
  readonly tenant: string
  /** As the provider names them. */
  readonly subject: string
  readonly organisation: string
}

/** Two of one tenant and one of another, each in the team `blue` of their own. */
export const PEOPLE = [
  { id: 'ann', tenant: 'acme', subject: 'auth0|1', organisation: 'org_acme' },
  { id: 'bob', tenant: 'acme', subject: 'auth0|2', organisation: 'org_acme' },
  { id: 'cat', tenant: 'other', subject: 'auth0|3', organisation: 'org_other' },
] as const satisfies readonly Person[]

export interface RefreshToken {
  readonly text: string
  usedAt: number
  spentAt: number | undefined
  successor: RefreshToken | undefined
}

export interface Chain {
  readonly signIn: SignIn
  /** The grants of the exchange, if it asked for less than there was. */
  readonly recorded: ReadonlySet<string> | undefined
  /** In the order in which they were made; the last one goes on. */
  readonly tokens: RefreshToken[]
}

export interface SignIn {
  readonly client: Client
  readonly person: Person
  readonly subjectToken: string
  readonly issuedAt: number
  readonly endsAt: number
  /** Whether the authority has a row of it; a refused exchange may leave one. */
  isOpen: boolean
  /** Why it is over, or `undefined`. */
  ended: string | undefined
  sid: string | undefined
}

export interface AccessToken {
  readonly text: string
  readonly claims: TokenClaims
  readonly keyId: string
  readonly signIn: SignIn
  /** The tokens that it came of, the first one first. */
  readonly from: readonly AccessToken[]
  readonly isNarrowed: boolean
  /** The grants in it: see `grantKey`. */
  readonly held: ReadonlySet<string>
  /** Those of them that were taken back since. */
  readonly lost: Set<string>
  /** What took it away, or `undefined`. */
  revoked: string | undefined
}

export interface Grant {
  readonly tenant: string
  readonly grantee: string
  readonly template: string
  readonly resource: string
}

/** A revocation as it meets tokens without a number: by the second. */
export interface Revoked {
  readonly at: number
  readonly meant: (signIn: SignIn) => boolean
}

export interface Model {
  readonly signIns: SignIn[]
  readonly chains: Chain[]
  readonly accessTokens: AccessToken[]
  /** By `grantKey`, with the id that the authority gave it. */
  readonly grants: Map<string, string>
  readonly revocations: Revoked[]
  /** Ids of keys. */
  readonly killed: Set<string>
  /** Whether one authority is asked: several hear a moment later that another key signs. */
  readonly isAlone: boolean
  /** The key that signs, once it was changed. */
  activeKey: string | undefined
  /** The latest that it ever was. */
  latest: number
}

export function createModel(now: number, isAlone: boolean): Model {
  const lists = { signIns: [], chains: [], accessTokens: [], revocations: [] }
  return { ...lists, grants: new Map(), killed: new Set(), isAlone, activeKey: undefined, latest: now }
}

export function grantKey({ tenant, grantee, template, resource }: Grant): string {
  return JSON.stringify([tenant, grantee, template, resource])
}

export function grantOf(key: string): Grant {
  const [tenant = '', grantee = '', template = '', resource = '']: string[] = JSON.parse(key)
  return { tenant, grantee, template, resource }
}

export function pick<T>(from: readonly T[], seed: number): T | undefined {
  return from[seed % Math.max(1, from.length)]
}
