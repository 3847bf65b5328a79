// Where a guard's policies, keys and news come from. Two implementations: a folder and an identity provider (standalone), or the
// authority's feed. The rest of the guard knows only this.

import type { ClaimsPlan, Grant, OpenGrantSet, PrincipalFacts } from '@cardea/claims'
import type { BreakGlass, DecisionRecord, DecisionReport, Position } from '@cardea/feed'
import type { TokenClaims, VerifiedToken, Verifier } from '@cardea/token'
import type { Edition } from '../edition/edition.ts'
import type { GrantSets } from './grant-sets.ts'

export interface Source {
  readonly mode: 'standalone' | 'authority'
  readonly verifier: Verifier
  /** Unix seconds; never behind what was heard from the authority. */
  readonly now: () => number
  /** The policies in force, or `undefined` while there are none. */
  edition(): Edition | undefined
  /** How old the news are; 0 where there are none to follow, `Infinity` before the first. */
  ageSeconds(): number
  /** What lets the news be older than the action accepts, if anything does; without an action, for any of them. */
  breakGlass(action?: string): BreakGlass | undefined
  position(): Position | undefined
  /** Another number than before whenever a grant may have been revoked. */
  readonly grantVersion: number
  isRevoked(token: VerifiedToken): boolean
  /** Whether it hears of what is revoked in the tenant; those of others must not be let in. */
  serves(tenant: string | undefined): boolean
  isGrantRevoked(token: VerifiedToken, grant: Grant): boolean
  /** Waits, briefly, until the position is reached. False: it was not. */
  waitFor(position: Position): Promise<boolean>
  /** The plan that the token was packed with; `'none'` where tokens have none, `undefined` for an unknown one. */
  planOf(claims: TokenClaims, edition: Edition): ClaimsPlan | 'none' | undefined
  /** Where grants by reference are had; `undefined` where nobody has them, and tokens that name some are refused. */
  readonly grantSets: GrantSets | undefined
  /** Throws `ClaimsError`. Called once per token and edition. `grantSet`: what the token names, if it does. */
  readPrincipal(claims: TokenClaims, edition: Edition, grantSet: OpenGrantSet | undefined): PrincipalFacts
  /** Called after every change of policies, keys or revocations, and when the news may have become too old. */
  subscribe(listener: () => void): () => void
  /** Numbers and keeps it. `undefined`: an allow that must not be given, as its record cannot be kept. Never throws and never waits. */
  record(report: DecisionReport): DecisionRecord | undefined
  close(): Promise<void>
}
