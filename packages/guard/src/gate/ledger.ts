// What was decided in one request, and whether its answer may go out. An answer is released only if an allow for the route's
// action was made and no deny was ignored. `can` and `allowedActions` write nothing here: they are questions, not checks.

import type { DeniedError } from '../errors.ts'

export type Verdict = 'release' | 'unchecked' | 'ignored_deny'

export class Ledger {
  readonly #allowed = new Set<string>()
  readonly #denials: DeniedError[] = []
  readonly #unread = new Set<object>()
  #pending = 0

  /** The action was allowed on some resource, or a filter for it was given out. */
  allow(action: string): void {
    this.#allowed.add(action)
  }

  /** A deny was thrown to the handler. Answering with it is right; answering otherwise ignores it. */
  deny(error: DeniedError): void {
    this.#denials.push(error)
  }

  /** A deny was given to the handler as a value. It counts as ignored until the handler has looked at it. */
  handOut(decision: object): void {
    this.#unread.add(decision)
  }

  /** The handler looked. */
  markRead(decision: object): void {
    this.#unread.delete(decision)
  }

  /** A question was asked whose answer comes later. Until `settle` nothing goes out: it may be a deny. */
  begin(): void {
    this.#pending += 1
  }

  settle(): void {
    this.#pending -= 1
  }

  /** The first deny that was thrown, if any. */
  get denial(): DeniedError | undefined {
    return this.#denials[0]
  }

  /** What to do with an ordinary answer of the handler. `actions` are those of the route: one of them must have been allowed. */
  verdict(actions: readonly string[]): Verdict {
    if (this.#denials.length > 0 || this.#unread.size > 0) return 'ignored_deny'
    if (this.#pending > 0) return 'unchecked'
    return actions.some((action) => this.#allowed.has(action)) ? 'release' : 'unchecked'
  }
}
