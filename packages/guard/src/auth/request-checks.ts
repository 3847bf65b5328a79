// The machinery behind one request's `auth`: every question goes the same way. Is the action known, does the caller still stand, what
// do the policies say; what comes of it is in outcome.ts.

import { checkEntity, type Entity, type Residual } from '@cardea/policy'
import type { EntityMapping } from '@cardea/policy/mapping'
import type { ActionRule } from '../edition/action-rule.ts'
import type { DeniedError } from '../errors.ts'
import { refuse } from '../kernel.ts'
import { judge, judgeLater } from './consult.ts'
import { noFilter } from './decider.ts'
import { checkFilter } from './filter-check.ts'
import { type Allowance, type Asking, type Denial, type Judgement, missingClaims } from './judge.ts'
import { mismatchLapse } from './mismatch.ts'
import { complain, deny, recordOutcome, refuseLapse, type Refused, throwLapse, told, type Where } from './outcome.ts'
import { handlerContext } from './request-context.ts'
import type { Question, RequestParts, Resource } from './request-parts.ts'
import { checkRoute } from './route-check.ts'
import { type Lapse, type Standing, standingOf } from './standing.ts'

export class RequestChecks {
  readonly parts: RequestParts
  readonly #allowed: ActionRule[] = []
  readonly #onAllowed: () => void

  /** `allowed` hears of each action that is allowed for the first time. */
  constructor(parts: RequestParts, allowed: () => void) {
    this.parts = parts
    this.#onAllowed = allowed
  }

  /** The actions allowed so far, each once. */
  get allowed(): readonly ActionRule[] {
    return this.#allowed
  }

  get asking(): Asking {
    const { caller, facts, kernel } = this.parts
    return { caller, facts, nowSeconds: kernel.source.now(), source: kernel.source, deciders: kernel.deciders }
  }

  /** `TypeError` for an action that the schema does not have, and for a context that it does not fit. */
  question(action: string, context: object | undefined): Question {
    const rule = this.parts.caller.edition.actions.get(action)
    if (rule === undefined) throw new TypeError(`the schema has no action \`${action}\` that can be asked for`)
    return { rule, said: handlerContext(rule, context) }
  }

  /** `TypeError` for a type that the action cannot be done on. */
  checkType({ name, definition }: ActionRule, type: string): void {
    if (!definition.resources.includes(type)) throw new TypeError(`action \`${name}\` cannot be done on a \`${type}\``)
  }

  /** Whether the token may be used from here for the action, whether the caller still stands, whether the token says what it reads. */
  standing(rule: ActionRule): Standing {
    const { kernel, caller, facts, toleranceSeconds } = this.parts
    const mismatch = mismatchLapse(facts.mismatches, rule)
    if (mismatch !== undefined) return { lapse: mismatch }
    const standing = standingOf(caller.token, kernel.source, toleranceSeconds, rule)
    if (standing.lapse !== undefined || missingClaims(this.asking, rule).length === 0) return standing
    return { ...standing, lapse: CLAIMS_OUTDATED }
  }

  /** The same for who asks only whether something is wrong. */
  lapse(rule: ActionRule): Lapse | undefined {
    return this.standing(rule).lapse
  }

  /** Checkpoint one. Throws `DeniedError` when none of the actions can be allowed on anything. */
  checkRoute(actions: readonly string[]): void {
    const { kernel, correlation, facts } = this.parts
    let denied: DeniedError | undefined
    for (const action of actions) {
      const rule = this.parts.caller.edition.actions.get(action)
      if (rule === undefined) throw new TypeError(`the policies in force have no action \`${action}\``)
      const standing = this.standing(rule)
      const where: Where = { rule, checkpoint: 'route', standing }
      if (standing.lapse !== undefined) {
        const error = refuseLapse(this.parts, standing.lapse, where)
        // another action of the route may say otherwise of the same mismatch
        if (mismatchLapse(facts.mismatches, rule) === undefined) throw error
        denied ??= error
        continue
      }
      const denial = checkRoute(this.asking, rule)
      if (denial === undefined) return
      recordOutcome(this.parts, { ...denial, decision: 'deny' }, where)
      denied ??= refuse(kernel, { ...denial, correlation, ...told(denial) })
    }
    if (denied !== undefined) throw denied
  }

  /** Checkpoint two, recorded. An allow counts for the route. Throws `ERR_GUARD_DECIDER_LATER`. */
  check({ rule, said }: Question, resource: Resource): Allowance | Refused {
    const where = this.#whereOf(rule, resource)
    const refused = this.#refuseBefore(where)
    if (refused !== undefined || resource === undefined) return refused ?? deny(this.parts, NOT_FOUND, where)
    return this.#conclude(judge(this.asking, rule, resource.entity, said), where)
  }

  /** The same with the time that a decider takes; whether the caller still stands is asked before and after. */
  async checkLater({ rule, said }: Question, resource: Resource): Promise<Allowance | Refused> {
    const where = this.#whereOf(rule, resource)
    const refused = this.#refuseBefore(where)
    if (refused !== undefined || resource === undefined) return refused ?? deny(this.parts, NOT_FOUND, where)
    const { schedule } = this.parts.kernel.setting
    const judgement = await judgeLater(this.asking, rule, resource.entity, said, schedule)
    const now = this.#whereOf(rule, resource)
    return this.#refuseBefore(now) ?? this.#conclude(judgement, now)
  }

  /** What is left of the policies for all resources of the mapping's type, recorded. Throws `DeniedError` for a lapse, or where it cannot be, and `ERR_GUARD_DECIDER_FILTER`. */
  residual(question: Question, { type }: EntityMapping): Residual {
    const { rule } = question
    if (this.parts.kernel.deciders?.has(rule.name) === true) throw noFilter(rule.name)
    const standing = this.standing(rule)
    const where: Where = { rule, checkpoint: 'filter', standing }
    if (standing.lapse !== undefined) throwLapse(this.parts, standing.lapse, where)
    this.checkType(rule, type)
    const { left, outcome } = checkFilter(this.asking, question, type)
    const isKept = recordOutcome(this.parts, outcome, where, type)
    if (!isKept && left.kind !== 'always-deny') throwLapse(this.parts, UNRECORDABLE, where)
    // A filter that matches nothing is a right answer: an empty list.
    this.allow(rule)
    return left
  }

  /**
   * For a question about no resource at all: nothing was touched, and checkpoint one was passed. What let the token in for the sake of
   * another action (a word about its binding, break-glass) does not count for this one. Throws `DeniedError`.
   */
  checkNothing(rule: ActionRule): void {
    const { caller, facts, kernel, toleranceSeconds } = this.parts
    const standing = standingOf(caller.token, kernel.source, toleranceSeconds, rule)
    const lapse = mismatchLapse(facts.mismatches, rule) ?? standing.lapse
    if (lapse !== undefined) throwLapse(this.parts, lapse, { rule, checkpoint: 'resource', standing })
    this.allow(rule)
  }

  /** The action counts as checked. */
  allow(rule: ActionRule): void {
    this.parts.ledger.allow(rule.name)
    if (this.#allowed.includes(rule)) return
    this.#allowed.push(rule)
    this.#onAllowed()
  }

  /** Whether the entity fits the schema; if not, that is loud, as it is a mistake in the service or its data. */
  isValid(entity: Entity): boolean {
    const problems = checkEntity(this.parts.caller.edition.schema, entity)
    if (problems.length > 0) complain(this.parts, problems)
    return problems.length === 0
  }

  #whereOf(rule: ActionRule, resource: Resource): Where {
    return { rule, checkpoint: 'resource', standing: this.standing(rule), resource }
  }

  /** What denies whatever the policies say. */
  #refuseBefore(where: Where): Refused | undefined {
    const { rule, resource, standing } = where
    const { lapse } = standing
    if (lapse !== undefined) {
      const error = refuseLapse(this.parts, lapse, where)
      return { ...lapse, decision: 'deny', policies: [], error }
    }
    if (resource !== undefined) this.checkType(rule, resource.entity.uid.type)
    return undefined
  }

  #conclude(judgement: Judgement, where: Where): Allowance | Refused {
    if (judgement.decision === 'deny') return deny(this.parts, judgement, where)
    if (!recordOutcome(this.parts, judgement, where)) return deny(this.parts, UNRECORDABLE, where)
    this.allow(where.rule)
    return judgement
  }
}

const CLAIMS_OUTDATED: Lapse = { reason: 'claims_outdated', answer: 'claims_outdated' }
const UNRECORDABLE: Denial = { decision: 'deny', reason: 'unrecordable', answer: 'unavailable', policies: [] }
const NOT_FOUND: Denial = { decision: 'deny', reason: 'not_found', answer: 'not_found', policies: [] }
