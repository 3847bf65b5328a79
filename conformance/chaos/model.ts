// What each guard was allowed to believe at each moment: the history of what was asked and acknowledged, and the rule by which an allow was wrong.
// Times are milliseconds of the machine's one clock, which no fault moves. What was asked and never acknowledged may have happened or not, so it
// excuses an allow and never demands one.

/** What is asked of the authority: it holds at some moment between its beginning and its acknowledgement, if it holds at all. */
export interface Asked {
  readonly began: number
  acked?: number
}

export interface GrantHistory {
  readonly user: string
  readonly document: string
  readonly granted: Asked
  taken?: Asked
  /** Known once it is acknowledged. */
  id?: string
}

export interface TokenHistory {
  readonly text: string
  readonly user: string
  readonly sid: string
  readonly kid: string
  readonly expiresSeconds: number
  /** When its sign-in had been answered: it came of it, then or by a refresh. */
  readonly signedIn: number
  readonly asked: number
  readonly got: number
}

export interface RevocationHistory {
  readonly key: { readonly kind: 'session' | 'principal' | 'key'; readonly value: string }
  readonly asked: Asked
}

export interface FreezeHistory {
  readonly document: string
  readonly frozen: boolean
  readonly asked: Asked
}

/** A question to a guard and when it was answered. */
export interface Check {
  readonly token: TokenHistory
  readonly document: string
  readonly began: number
  readonly ended: number
}

/** `withdrawn`: somebody had been allowed it before, which is what a guard can be late with. */
export interface Wrong {
  readonly kind: 'never' | 'withdrawn'
  readonly text: string
}

export class Model {
  readonly grants: GrantHistory[] = []
  readonly tokens: TokenHistory[] = []
  readonly revocations: RevocationHistory[] = []
  readonly freezes: FreezeHistory[] = []
  readonly #boundMilliseconds: number

  /** `boundMilliseconds`: how old what a guard goes by may be. */
  constructor(boundMilliseconds: number) {
    this.#boundMilliseconds = boundMilliseconds
  }

  /** Why the allow was wrong; `undefined` when a guard that keeps the rules could have given it. */
  wrongAllow({ token, document, began, ended }: Check): Wrong | undefined {
    const known = began - this.#boundMilliseconds
    // whole seconds, and the moment in which the answer is made
    if (token.expiresSeconds * 1000 + 1000 <= began) return { kind: 'never', text: 'the token had expired' }
    const revoked = this.revocations.find((one) => this.#matches(one, token) && isAcked(one.asked, known))
    if (revoked !== undefined) return { kind: 'withdrawn', text: `the ${revoked.key.kind} had been revoked` }
    if (this.#isFrozen(document, known, ended)) return { kind: 'withdrawn', text: 'a published policy forbade it' }
    const granted = this.grants.filter(
      (grant) => grant.user === token.user && grant.document === document && grant.granted.began < token.got,
    )
    if (granted.some(({ taken }) => !isAcked(taken, token.asked) && !isAcked(taken, known))) return undefined
    return granted.length > 0
      ? { kind: 'withdrawn', text: 'it had been taken back' }
      : { kind: 'never', text: 'it had not been granted' }
  }

  /** Why the token should not have been given out. Of a key that another authority has killed one may still hear a moment later. */
  wrongToken({
    sid,
    user,
    signedIn,
    asked,
  }: Pick<TokenHistory, 'sid' | 'user' | 'signedIn' | 'asked'>): string | undefined {
    const ending = this.revocations.find(
      ({ key, asked: revoked }) =>
        isAcked(revoked, asked) &&
        endsSignIn(key, { sid, user }) &&
        (key.kind === 'session' || signedIn < revoked.began),
    )
    return ending === undefined ? undefined : `the ${ending.key.kind} of its sign-in had been revoked`
  }

  /**
   * Whether a sign-in may have ended: of one that cannot have, every refresh is right. A revocation of the person that was not
   * acknowledged before the sign-in was `asked` for may have come after it, and one that never was may still come.
   */
  mayHaveEnded({ asked, ...signIn }: { readonly sid: string; readonly user: string; readonly asked: number }): boolean {
    return this.revocations.some(({ key, asked: revoked }) => endsSignIn(key, signIn) && !isAcked(revoked, asked))
  }

  /** A token from before the revocation. One that was asked for while it was under way may be of either side. */
  #matches({ key, asked }: RevocationHistory, token: TokenHistory): boolean {
    if (key.kind === 'key') return key.value === token.kid
    if (key.kind === 'session') return key.value === token.sid
    return key.value === token.user && token.got < asked.began
  }

  /** True when a publication that forbids was known, and none that lifts it was begun after it. */
  #isFrozen(document: string, known: number, ended: number): boolean {
    const own = this.freezes.filter((freeze) => freeze.document === document && freeze.asked.began <= ended)
    const last = own.findLast(({ frozen, asked }) => frozen && isAcked(asked, known))
    return last !== undefined && !own.some(({ frozen, asked }) => !frozen && asked.began > last.asked.began)
  }
}

function endsSignIn(
  { kind, value }: RevocationHistory['key'],
  { sid, user }: { readonly sid: string; readonly user: string },
): boolean {
  return (kind === 'session' && value === sid) || (kind === 'principal' && value === user)
}

function isAcked(asked: Asked | undefined, at: number): boolean {
  return asked?.acked !== undefined && asked.acked <= at
}
