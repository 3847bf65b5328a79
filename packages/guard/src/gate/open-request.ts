// One guarded request of an adapter, from the first hook to the last byte: who was let in, what was decided, how it ends. The rule by
// which an answer goes out is here once; adapters only bring the moments.

import type { RequestAuth } from '../auth/request-auth.ts'
import type { GuardRequest } from '../authenticate/request.ts'
import { DeniedError } from '../errors.ts'
import type { GuardInternals } from '../guard.ts'
import { record } from '../kernel.ts'
import { PROBLEM_TYPE, problemBody, type ProblemDetails, problemOf } from '../problem.ts'
import { Ledger, type Verdict } from './ledger.ts'

/** What a route says of itself. */
export interface Route {
  /** For the log: `GET /documents/:id`. */
  readonly name: string
  /** One of them must be allowed. */
  readonly actions: readonly string[]
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export class OpenRequest {
  readonly correlation: string
  readonly route: Route
  readonly #guard: GuardInternals
  readonly #ledger = new Ledger()
  #auth: RequestAuth | undefined
  /** What ended the handler, if something did. */
  #error: { readonly thrown: unknown } | undefined
  #isReleased = false

  constructor(guard: GuardInternals, route: Route) {
    this.#guard = guard
    this.route = route
    this.correlation = guard.kernel.setting.createId()
  }

  /** Lets the caller in and asks checkpoint one. Throws `DeniedError`. */
  async enter(request: GuardRequest): Promise<RequestAuth> {
    const auth = await this.#guard.enter(request, this.correlation, this.#ledger)
    auth.checkRoute(this.route.actions)
    this.#auth = auth
    return auth
  }

  get auth(): RequestAuth | undefined {
    return this.#auth
  }

  /** The handler, or something before it, ended with an error. */
  fail(thrown: unknown): void {
    this.#error ??= { thrown }
  }

  /** The answer of the deny that ended the handler, whoever caught it on the way to an error answer. */
  get refusal(): Answer | undefined {
    if (this.#error === undefined) return undefined
    const { thrown } = this.#error
    const denied = thrown instanceof DeniedError ? thrown : this.#ledger.denial
    return denied === undefined ? undefined : answerOf(denied.problem, denied.headers)
  }

  /** Whether an answer with this status may go out. Once yes, always yes. */
  mayPass(status: number): boolean {
    if (this.#isReleased) return true
    this.#isReleased = this.#verdict(status) === 'release'
    return this.#isReleased
  }

  /** Whether something may run ahead of the answer, which is judged by itself. */
  mayInform(): boolean {
    return this.#isReleased || this.#verdict(200) === 'release'
  }

  /** The answer that goes out instead; written down, and loud: somebody forgot a check. */
  withhold(status: number): Answer {
    const verdict = this.#verdict(status)
    const reason = verdict === 'release' ? 'unchecked' : verdict
    const { kernel } = this.#guard
    const [action = ''] = this.route.actions
    const facts = { decision: 'deny', reason, checkpoint: 'resource', policies: [], action } as const
    record(kernel, { ...facts, correlation: this.correlation }, this.#auth?.caller)
    kernel.setting.log.error(MESSAGES[reason], { route: this.route.name, correlation: this.correlation })
    this.#isReleased = true
    return answerOf(problemOf('internal', this.correlation), { 'cache-control': 'no-store' })
  }

  /** The answer is our own problem: it passes. */
  release(): void {
    this.#isReleased = true
  }

  close(): void {
    this.#auth?.close()
  }

  /** An error answer needs no check, unless it is one in the place of a deny; that is what `refusal` is for. */
  #verdict(status: number): Verdict {
    if (this.#error === undefined) return this.#ledger.verdict(this.route.actions)
    if (this.#ledger.denial !== undefined || this.#error.thrown instanceof DeniedError) return 'ignored_deny'
    return status >= 400 ? 'release' : 'unchecked'
  }
}

const MESSAGES = {
  unchecked: 'an answer was withheld: its handler made no decision for the action of the route',
  ignored_deny: 'an answer was withheld: its handler ignored a deny',
} as const

function answerOf(problem: ProblemDetails, headers: Readonly<Record<string, string>>): Answer {
  return { status: problem.status, headers: { ...headers, 'content-type': PROBLEM_TYPE }, body: problemBody(problem) }
}

/** The answer for what does not exist, and for what nobody may know. */
export function notFoundAnswer(correlation: string): Answer {
  return answerOf(problemOf('not_found', correlation), { 'cache-control': 'no-store' })
}
