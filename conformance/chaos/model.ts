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
  wrongAllow({ token, document, began, ended }: Check): string | undefined {
    const known = began - this.#boundMilliseconds
    // whole seconds, and the moment in which the answer is made
    if (token.expiresSeconds * 1000 + 1000 <= began) return 'the token had expired'
    const revoked = this.revocations.find((one) => this.#matches(one, token) && isAcked(one.asked, known))
    if (revoked !== undefined) return `the ${revoked.key.kind} had been revoked`
    if (this.#isFrozen(document, known, ended)) return 'a published policy forbade it'
    const isGranted = this.grants.some(
      (grant) =>
        grant.user === token.user &&
        grant.document === document &&
        grant.granted.began < token.got &&
        !isAcked(grant.taken, token.asked) &&
        !isAcked(grant.taken, known),
    )
    return isGranted ? undefined : 'it had not been granted, or had been taken back'
  }

  /** Why the token should not have been given out. Of a key that another authority has killed one may still hear a moment later. */
  wrongToken({ sid, asked }: TokenHistory): string | undefined {
    const isEnded = this.revocations.some(
      ({ key, asked: revoked }) => key.kind === 'session' && key.value === sid && isAcked(revoked, asked),
    )
    return isEnded ? 'its session had been revoked' : undefined
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

function isAcked(asked: Asked | undefined, at: number): boolean {
  return asked?.acked !== undefined && asked.acked <= at
}
