// The machinery behind one request's `auth`: every question goes the same way. Is the action known, does the caller still stand, what
// do the policies say; then it is recorded, and a deny becomes an error that shows nothing.

import {
  checkEntity,
  type Entity,
  formatEntityUid,
  type Residual,
  residual,
  unknownEntity,
  type Value,
} from '@cardea/policy'
import { type EntityMapping, type MappedEntity } from '@cardea/policy/mapping'
import { formatRemedy } from '@cardea/policy/annotation'
import type { ActionRule } from '../edition/action-rule.ts'
import type { DeniedError } from '../errors.ts'
import type { Ledger } from '../gate/ledger.ts'
import { type Kernel, record, type RecordFacts, refuse, type RefusalFacts } from '../kernel.ts'
import type { Caller } from './caller.ts'
import { explain } from './explain.ts'
import { judge, judgeLater } from './consult.ts'
import { noFilter } from './decider.ts'
import { type Allowance, askedAs, type Asking, type Denial, type Judgement, missingClaims } from './judge.ts'
import { kindsOf, mismatchLapse } from './mismatch.ts'
import { contextFor, handlerContext, type RequestFacts } from './request-context.ts'
import { checkRoute } from './route-check.ts'
import { type Lapse, type Standing, standingOf } from './standing.ts'

export interface RequestParts {
  readonly kernel: Kernel
  readonly caller: Caller
  readonly facts: RequestFacts
  readonly correlation: string
  readonly ledger: Ledger
  readonly toleranceSeconds: number
}

/** A row or nothing, together with the entity that it is. */
export type Resource = MappedEntity<string, unknown> | undefined

/** A deny with the error that answers it. */
export type Refused = Denial & { readonly error: DeniedError }

/** What a handler asks: an action that exists, and the context that it gave. */
export interface Question {
  readonly rule: ActionRule
  readonly said: ReadonlyMap<string, Value>
}

/** What a record says besides the outcome. */
interface Where {
  readonly rule: ActionRule
  readonly checkpoint: RecordFacts['checkpoint']
  readonly standing: Standing
  readonly resource?: Resource
}
type Outcome = Pick<RecordFacts, 'decision' | 'reason' | 'policies' | 'remedy' | 'code' | 'decider'>

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
        const error = this.#refuseLapse(standing.lapse, where)
        // another action of the route may say otherwise of the same mismatch
        if (mismatchLapse(facts.mismatches, rule) === undefined) throw error
        denied ??= error
        continue
      }
      const denial = checkRoute(this.asking, rule)
      if (denial === undefined) return
      this.#record({ ...denial, decision: 'deny' }, where)
      denied ??= refuse(kernel, { ...denial, correlation, ...told(denial) })
    }
    if (denied !== undefined) throw denied
  }

  /** Checkpoint two, recorded. An allow counts for the route. Throws `ERR_GUARD_DECIDER_LATER`. */
  check({ rule, said }: Question, resource: Resource): Allowance | Refused {
    const where = this.#whereOf(rule, resource)
    const refused = this.#refuseBefore(where)
    if (refused !== undefined || resource === undefined) return refused ?? this.#deny(NOT_FOUND, where)
    return this.#conclude(judge(this.asking, rule, resource.entity, said), where)
  }

  /** The same with the time that a decider takes; whether the caller still stands is asked before and after. */
  async checkLater({ rule, said }: Question, resource: Resource): Promise<Allowance | Refused> {
    const where = this.#whereOf(rule, resource)
    const refused = this.#refuseBefore(where)
    if (refused !== undefined || resource === undefined) return refused ?? this.#deny(NOT_FOUND, where)
    const { schedule } = this.parts.kernel.setting
    const judgement = await judgeLater(this.asking, rule, resource.entity, said, schedule)
    const now = this.#whereOf(rule, resource)
    return this.#refuseBefore(now) ?? this.#conclude(judgement, now)
  }

  /** What is left of the policies for all resources of the mapping's type, recorded. Throws `DeniedError` for a lapse, or where it cannot be, and `ERR_GUARD_DECIDER_FILTER`. */
  residual({ rule, said }: Question, { type }: EntityMapping): Residual {
    if (this.parts.kernel.deciders?.has(rule.name) === true) throw noFilter(rule.name)
    const standing = this.standing(rule)
    const where: Where = { rule, checkpoint: 'filter', standing }
    if (standing.lapse !== undefined) {
      const error = this.#refuseLapse(standing.lapse, where)
      this.parts.ledger.deny(error)
      throw error
    }
    this.checkType(rule, type)
    const { program } = this.parts.caller.edition
    const { context, isIncomplete } = contextFor(rule, this.parts.facts, said)
    const left: Residual = isIncomplete
      ? { kind: 'always-deny', reason: 'no-permit', determining: [] }
      : residual(program, {
          ...askedAs(this.asking),
          action: rule.uid,
          resource: unknownEntity(type),
          context,
        })
    const isKept = this.#record(filterOutcome(left, isIncomplete), where, type)
    if (!isKept && left.kind !== 'always-deny') {
      const error = this.#refuseLapse(UNRECORDABLE, where)
      this.parts.ledger.deny(error)
      throw error
    }
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
    if (lapse !== undefined) {
      const error = this.#refuseLapse(lapse, { rule, checkpoint: 'resource', standing })
      this.parts.ledger.deny(error)
      throw error
    }
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
    if (problems.length > 0) this.#complain(problems)
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
      const error = this.#refuseLapse(lapse, where)
      return { ...lapse, decision: 'deny', policies: [], error }
    }
    if (resource !== undefined) this.checkType(rule, resource.entity.uid.type)
    return undefined
  }

  #conclude(judgement: Judgement, where: Where): Allowance | Refused {
    if (judgement.decision === 'deny') return this.#deny(judgement, where)
    if (!this.#record(judgement, where)) return this.#deny(UNRECORDABLE, where)
    this.allow(where.rule)
    return judgement
  }

  #deny(denial: Denial, where: Where): Refused {
    const { kernel, caller, correlation } = this.parts
    this.#record(denial, where)
    if (denial.reason === 'decider_failed') this.#warn(denial, where)
    if (denial.problems !== undefined) this.#complain(denial.problems)
    const explanation = kernel.setting.development ? explain(caller.edition, denial) : undefined
    const error = refuse(kernel, { ...denial, correlation, explanation, ...told(denial) })
    if (denial.misuse === undefined) return { ...denial, error }
    // whoever catches it has still been denied
    this.parts.ledger.deny(error)
    throw denial.misuse
  }

  /** An operator must see it, as what it answers looks to callers like any other deny. */
  #warn({ code = '', misuse }: Denial, { rule: { name } }: Where): void {
    const { kernel, correlation } = this.parts
    const hint = misuse?.hint ?? 'is it running and reachable from here? the code says what failed'
    const message =
      misuse?.message ?? `denied because the decider of action \`${name}\` gave no answer that can be used`
    kernel.operator.warn(`decider ${name} ${code}`, message, { action: name, code, hint, correlation })
  }

  #refuseLapse(lapse: Lapse, where: Where): DeniedError {
    const { kernel, correlation } = this.parts
    this.#record({ ...lapse, decision: 'deny', policies: [] }, where)
    return refuse(kernel, { ...lapse, correlation, ...told(lapse) })
  }

  #complain(problems: NonNullable<Denial['problems']>): void {
    const { kernel, correlation } = this.parts
    const messages = problems.map(({ message }) => message)
    kernel.setting.log.error('a loaded entity does not fit the schema', { correlation, problems: messages })
  }

  #record(
    { decision, reason, policies, remedy, code, decider }: Outcome,
    { rule: { name }, checkpoint, standing: { breakGlass }, resource: one }: Where,
    resource: string | undefined = textOf(one),
  ): boolean {
    const { kernel, caller, correlation, facts } = this.parts
    const { mismatches } = facts
    const outcome = { decision, reason, policies, checkpoint, correlation, action: name }
    return record(
      kernel,
      {
        ...outcome,
        ...(resource === undefined ? {} : { resource }),
        ...(remedy === undefined ? {} : { remedy }),
        ...(code === undefined ? {} : { code }),
        ...(decider === undefined ? {} : { decider }),
        ...(breakGlass === undefined ? {} : { breakGlass: breakGlass.jti }),
        ...(mismatches.length === 0 ? {} : { mismatches: kindsOf(mismatches) }),
      },
      caller,
    )
  }
}

const CLAIMS_OUTDATED: Lapse = { reason: 'claims_outdated', answer: 'claims_outdated' }
const UNRECORDABLE: Denial = { decision: 'deny', reason: 'unrecordable', answer: 'unavailable', policies: [] }
const NOT_FOUND: Denial = { decision: 'deny', reason: 'not_found', answer: 'not_found', policies: [] }

/** What an answer may say of the remedy: nothing, where nothing may be known. */
function told({ answer, remedy }: Pick<Denial, 'answer' | 'remedy'>): Pick<RefusalFacts, 'stepUp' | 'advice'> {
  if (remedy === undefined || answer === 'not_found') return {}
  if (remedy.kind !== 'step-up') return { advice: formatRemedy(remedy) }
  return answer === 'step_up' ? { stepUp: remedy } : {}
}

function filterOutcome(left: Residual, isIncomplete: boolean): Pick<RecordFacts, 'decision' | 'reason' | 'policies'> {
  if (left.kind !== 'always-deny') return { decision: 'allow', reason: 'permit', policies: [] }
  return { decision: 'deny', reason: isIncomplete ? 'context_missing' : 'no_permit', policies: left.determining }
}

function textOf(resource: Resource): string | undefined {
  return resource === undefined ? undefined : formatEntityUid(resource.entity.uid)
}
