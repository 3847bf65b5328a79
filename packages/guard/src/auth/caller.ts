// What is known of a caller by the token and one edition of the policies. Made once per pair and kept as long as the verifier
// keeps the token: the key is the verified token itself, so no two guards, tokens or editions can share an entry.

import { type ClaimsPlan, type Grant, grantLinks, type PrincipalFacts } from '@cardea/claims'
import type { Links } from '@cardea/policy'
import type { VerifiedToken } from '@cardea/token'
import type { Edition } from '../edition/edition.ts'
import type { Source } from '../source/source.ts'

export interface Caller {
  readonly token: VerifiedToken
  readonly edition: Edition
  readonly facts: PrincipalFacts
  /** What the token was packed with. `'none'`: a foreign token, whose mapping names everything that the schema can ask. */
  readonly plan: ClaimsPlan | 'none'
  /** The grants that were not revoked, as links. Looked through again whenever something may have been revoked. */
  links(source: Source): Links
  /** What checkpoint one said of an action whose policies read no context: by action name. */
  readonly routes: Map<string, RouteMemory>
}

export interface RouteMemory {
  readonly passes: boolean
  /** The source's version, and the moment at which a grant ends, that it was said for. */
  readonly version: number
  readonly untilSeconds: number
}

export interface Callers {
  get(token: VerifiedToken, edition: Edition): Caller | undefined
  /** Throws `ClaimsError`. */
  add(token: VerifiedToken, edition: Edition, plan: ClaimsPlan | 'none', source: Source): Caller
}

export function createCallers(): Callers {
  const callers = new WeakMap<VerifiedToken, Caller>()
  return {
    get(token, edition) {
      const caller = callers.get(token)
      return caller?.edition === edition ? caller : undefined
    },
    add(token, edition, plan, source) {
      const caller = createCaller(token, edition, plan, source.readPrincipal(token.claims, edition))
      callers.set(token, caller)
      return caller
    },
  }
}

function createCaller(
  token: VerifiedToken,
  edition: Edition,
  plan: ClaimsPlan | 'none',
  facts: PrincipalFacts,
): Caller {
  let version: number | undefined
  let links = facts.links
  return Object.freeze({
    token,
    edition,
    facts,
    plan,
    routes: new Map<string, RouteMemory>(),
    links(source: Source): Links {
      if (facts.grants.length === 0 || version === source.version) return links
      // Read before the grants are looked at: what changes meanwhile is seen on the next call.
      version = source.version
      const isLeft = (grant: Grant): boolean => !source.isGrantRevoked(token, grant)
      links = facts.grants.every(isLeft) ? facts.links : grantLinks(facts.grants.filter(isLeft))
      return links
    },
  })
}
