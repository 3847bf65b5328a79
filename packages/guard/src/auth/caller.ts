// What is known of a caller by the token and one edition of the policies. Made once per pair and kept as long as the verifier
// keeps the token: the key is the verified token itself, so no two guards, tokens or editions can share an entry.

import {
  type ClaimsPlan,
  type Grant,
  grantLinks,
  type OpenGrantSet,
  planCovers,
  type PrincipalFacts,
} from '@cardea/claims'
import { type EntityUid, formatEntityUid, type IpValue, type Links } from '@cardea/policy'
import type { VerifiedToken } from '@cardea/token'
import type { ActionRule } from '../edition/action-rule.ts'
import type { Edition } from '../edition/edition.ts'
import type { Source } from '../source/source.ts'
import { createAddressMemory, tokenFacts, type TokenFacts } from './request-context.ts'

export interface Caller {
  readonly token: VerifiedToken
  readonly edition: Edition
  readonly facts: PrincipalFacts
  /** What the token was packed with. `'none'`: a foreign token, whose mapping names everything that the schema can ask. */
  readonly plan: ClaimsPlan | 'none'
  /** The grants that were not revoked, as links. Looked through again whenever something may have been revoked. */
  links(source: Source): Links
  /** `User::"ann"`, for records. */
  readonly name: string
  readonly tokenFacts: TokenFacts
  readAddress(address: string | undefined): IpValue | undefined
  /** Names of what the policies of the action read and the token was not packed with. Computed once per action. */
  missingClaims(rule: ActionRule): readonly string[]
  /** The list itself, or the same one as the last time for the type: the engine remembers by it what concerns the caller. */
  actionList(resourceType: string, actions: readonly EntityUid[]): readonly EntityUid[]
  /** What checkpoint one said of an action the last time: by action. */
  readonly routes: Map<ActionRule, RouteMemory>
}

export interface RouteMemory {
  readonly passes: boolean
  /** What it was said for: the source's version, the context that the policies read, and the time until the next grant ends. */
  readonly version: number
  readonly context: readonly unknown[]
  readonly untilSeconds: number
}

/** What a caller is made of. */
export interface Meeting {
  readonly token: VerifiedToken
  readonly edition: Edition
  readonly plan: ClaimsPlan | 'none'
  /** The grants that the token names, if it does not hold them. */
  readonly grantSet: OpenGrantSet | undefined
  readonly source: Source
}

export interface Callers {
  get(token: VerifiedToken, edition: Edition): Caller | undefined
  /** Throws `ClaimsError`. */
  add(meeting: Meeting): Caller
}

export function createCallers(): Callers {
  const callers = new WeakMap<VerifiedToken, Caller>()
  return {
    get(token, edition) {
      const caller = callers.get(token)
      return caller?.edition === edition ? caller : undefined
    },
    add({ token, edition, plan, grantSet, source }) {
      const caller = createCaller(token, edition, plan, source.readPrincipal(token.claims, edition, grantSet))
      callers.set(token, caller)
      return caller
    },
  }
}

const NOTHING: readonly string[] = Object.freeze([])

function createCaller(
  token: VerifiedToken,
  edition: Edition,
  plan: ClaimsPlan | 'none',
  facts: PrincipalFacts,
): Caller {
  const missing = new Map<ActionRule, readonly string[]>()
  const lists = new Map<string, readonly EntityUid[]>()
  let version: number | undefined
  let links = facts.links
  return Object.freeze({
    token,
    edition,
    facts,
    plan,
    name: formatEntityUid(facts.principal),
    tokenFacts: tokenFacts(token.claims, facts.tenant),
    readAddress: createAddressMemory(),
    routes: new Map<ActionRule, RouteMemory>(),
    missingClaims(rule: ActionRule): readonly string[] {
      if (plan === 'none') return NOTHING
      let names = missing.get(rule)
      if (names === undefined) missing.set(rule, (names = planCovers(plan, rule.requirement, facts.principal.type)))
      return names
    },
    actionList(resourceType: string, actions: readonly EntityUid[]): readonly EntityUid[] {
      const last = lists.get(resourceType)
      if (last?.length === actions.length && last.every((uid, at) => uid === actions[at])) return last
      lists.set(resourceType, actions)
      return actions
    },
    links(source: Source): Links {
      if (facts.grants.length === 0 || version === source.grantVersion) return links
      // Read before the grants are looked at: what changes meanwhile is seen on the next call.
      version = source.grantVersion
      const isLeft = (grant: Grant): boolean => !source.isGrantRevoked(token, grant)
      links = facts.grants.every(isLeft) ? facts.links : grantLinks(facts.grants.filter(isLeft))
      return links
    },
  })
}
