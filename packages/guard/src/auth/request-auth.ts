// One caller in one request. It has the lifetime of the request: its edition of the policies, its facts and its ledger do not change
// hands. Every question goes the same way: is the action known, is the context right, does the caller still stand, and then
// what do the policies say.

import {
  createFilter,
  type Entity,
  type EntityMapping,
  type EntityUid,
  evaluateResidual,
  checkEntity,
  type Filter,
  formatEntityUid,
  type MappedEntity,
  residual,
  type Residual,
  type SchemaDefinition,
  type Value,
} from '@cardea/policy'
import type { ActionRule } from '../edition/action-rule.ts'
import type { DeniedError } from '../errors.ts'
import type { Ledger } from '../gate/ledger.ts'
import { type Kernel, record, type RecordFacts, refuse, type RefusalFacts } from '../kernel.ts'
import type { DecisionEvent } from '../record.ts'
import type { Auth, AuthDecision } from './auth.ts'
import type { Caller } from './caller.ts'
import { explain } from './explain.ts'
import { type Asking, canBeAsked, type Denial, isAllowed, judge, type Judgement, missingClaims } from './judge.ts'
import { createLifetime, type Lifetime } from './lifetime.ts'
import { contextFor, handlerContext, type RequestFacts } from './request-context.ts'
import { checkRoute } from './route-check.ts'
import { lapseOf } from './standing.ts'

export interface RequestAuthParts {
  readonly kernel: Kernel
  readonly caller: Caller
  readonly facts: RequestFacts
  readonly correlation: string
  readonly ledger: Ledger
  readonly toleranceSeconds: number
}

/** A row or nothing, together with the entity that it is. */
type Resource = MappedEntity<string, unknown> | undefined

/** The implementation of `Auth`, untyped inside: the interface's types are checked where it is used. */
export class RequestAuth implements Auth {
  readonly correlation: string
  readonly #parts: RequestAuthParts
  #tightest: ActionRule | undefined
  #lifetime: Lifetime | undefined

  constructor(parts: RequestAuthParts) {
    this.#parts = parts
    this.correlation = parts.correlation
  }

  get principal(): EntityUid {
    return this.#parts.caller.facts.principal
  }

  get tenant(): string | undefined {
    return this.#parts.caller.facts.tenant
  }

  get tokenId(): string | undefined {
    return this.#parts.caller.token.claims.jti
  }

  get signal(): AbortSignal {
    const { kernel, caller, toleranceSeconds } = this.#parts
    this.#lifetime ??= createLifetime({
      token: caller.token,
      source: kernel.source,
      schedule: kernel.setting.schedule,
      toleranceSeconds,
      rule: () => this.#tightest,
    })
    return this.#lifetime.signal
  }

  /** For adapters: whom to write down. */
  get caller(): Caller {
    return this.#parts.caller
  }

  /** For adapters: the request is over. */
  close(): void {
    this.#lifetime?.close()
  }

  /** For adapters: checkpoint one, for a route that names these actions. One of them must be possible. */
  checkRoute(actions: readonly string[]): void {
    const { caller, kernel, correlation } = this.#parts
    let denied: DeniedError | undefined
    for (const action of actions) {
      const rule = this.#rule(action)
      const lapse = this.#lapse(rule)
      if (lapse !== undefined) throw this.#refuseRecorded(lapse, rule, 'route')
      const asking = this.#asking()
      const denial = checkRoute(asking, rule)
      if (denial === undefined) return
      record(kernel, { ...denial, decision: 'deny', checkpoint: 'route', action, correlation }, caller)
      denied ??= refuse(kernel, { ...denial, correlation, ...offered(denial) })
    }
    if (denied !== undefined) throw denied
  }

  authorize(action: string, resource: Resource, context?: object): never {
    const rule = this.#rule(action)
    const said = handlerContext(rule, context)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this is the one place that asserts the proof, after an allow
    return this.#authorize(rule, resource, said) as never
  }

  authorizeEach(action: string, resources: readonly Resource[], context?: object): readonly never[] {
    const rule = this.#rule(action)
    const said = handlerContext(rule, context)
    const rows = resources.map((resource) => this.#authorize(rule, resource, said))
    // Nothing was touched, and checkpoint one was passed.
    if (rows.length === 0) this.#parts.ledger.allow(action)
    return rows as never[]
  }

  decide(action: string, resource: Resource, context?: object): AuthDecision {
    const rule = this.#rule(action)
    const said = handlerContext(rule, context)
    const result = this.#check(rule, resource, said)
    const { ledger } = this.#parts
    if (result.decision === 'allow') {
      this.#allowed(rule)
      return Object.freeze({ decision: 'allow', reason: 'permit', policies: result.policies })
    }
    return this.#denialAsValue(result, ledger)
  }

  can(action: string, resource: Resource, context?: object): boolean {
    const rule = this.#rule(action)
    const said = handlerContext(rule, context)
    if (resource === undefined || this.#lapse(rule) !== undefined) return false
    this.#checkType(rule, resource)
    const { schema } = this.#parts.caller.edition
    return checkEntity(schema, resource.entity).length === 0 && isAllowed(this.#asking(), rule, resource.entity, said)
  }

  filter<M extends EntityMapping>(action: string, mapping: M, context?: object): Filter<M> {
    const { rule, left } = this.#residual(action, mapping, context)
    return createFilter(mapping, left, rule.name)
  }

  select(action: string, mapping: EntityMapping, rows: readonly unknown[], context?: object): readonly never[] {
    const { left } = this.#residual(action, mapping, context)
    const { entities } = this.#parts.caller.facts
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any mapping takes rows; `Auth` says which
    const map = mapping as unknown as (row: unknown) => Resource
    const allowed = rows.filter((row) => {
      const entity = map(row)?.entity
      return (
        entity !== undefined && this.#isValid(entity) && evaluateResidual(left, entity, entities).decision === 'allow'
      )
    })
    return allowed as never[]
  }

  allowedActions(resource: MappedEntity<string, unknown>): readonly never[] {
    const { actions } = this.#parts.caller.edition
    const names = [...actions.values()]
      .filter((rule) => rule.definition.resources.includes(resource.type) && canBeAsked(rule))
      .filter((rule) => this.can(rule.name, resource))
      .map(({ name }) => name)
    return names as never[]
  }

  #authorize(rule: ActionRule, resource: Resource, said: ReadonlyMap<string, Value>): unknown {
    const result = this.#check(rule, resource, said)
    if (result.decision === 'deny') {
      this.#parts.ledger.deny(result.error)
      throw result.error
    }
    this.#allowed(rule)
    return resource?.row
  }

  /** Decides, and records it. */
  #check(
    rule: ActionRule,
    resource: Resource,
    said: ReadonlyMap<string, Value>,
  ): Extract<Judgement, { decision: 'allow' }> | (Denial & { readonly error: DeniedError }) {
    const lapse = this.#lapse(rule)
    if (lapse !== undefined)
      return {
        ...lapse,
        decision: 'deny',
        policies: [],
        error: this.#refuseRecorded(lapse, rule, 'resource', resource),
      }
    if (resource === undefined) {
      return this.#denied(rule, { decision: 'deny', reason: 'not_found', answer: 'not_found', policies: [] }, resource)
    }
    this.#checkType(rule, resource)
    const judgement = judge(this.#asking(), rule, resource.entity, said)
    if (judgement.decision === 'deny') return this.#denied(rule, judgement, resource)
    this.#record(judgement, rule, 'resource', resource)
    return judgement
  }

  #denied(rule: ActionRule, denial: Denial, resource: Resource): Denial & { readonly error: DeniedError } {
    const { kernel, caller, correlation } = this.#parts
    this.#record(denial, rule, 'resource', resource)
    if (denial.problems !== undefined) {
      const problems = denial.problems.map(({ message }) => message)
      kernel.setting.log.error('a loaded entity does not fit the schema', { correlation, problems })
    }
    const explanation = kernel.setting.development ? explain(caller.edition, denial) : undefined
    const facts: RefusalFacts = { ...denial, correlation, explanation, ...offered(denial) }
    return { ...denial, error: refuse(kernel, facts) }
  }

  #denialAsValue(denial: Denial & { readonly error: DeniedError }, ledger: Ledger): AuthDecision {
    const { reason, policies, remedy, error } = denial
    const { edition } = this.#parts.caller
    const decision: AuthDecision = Object.freeze({
      get decision() {
        ledger.markRead(decision)
        return 'deny' as const
      },
      get explanation() {
        return explain(edition, denial)
      },
      reason,
      policies,
      error,
      ...(remedy === undefined ? {} : { remedy }),
    })
    ledger.handOut(decision)
    return decision
  }

  #residual(action: string, mapping: EntityMapping, context: object | undefined): { rule: ActionRule; left: Residual } {
    const rule = this.#rule(action)
    const said = handlerContext(rule, context)
    const lapse = this.#lapse(rule)
    if (lapse !== undefined) {
      const error = this.#refuseRecorded(lapse, rule, 'filter')
      this.#parts.ledger.deny(error)
      throw error
    }
    if (!rule.definition.resources.includes(mapping.type)) throw wrongType(rule, mapping.type)
    const { caller } = this.#parts
    const asking = this.#asking()
    const complete = contextFor(rule, asking.facts, said)
    const left: Residual = complete.isIncomplete
      ? { kind: 'always-deny', reason: 'no-permit', determining: [] }
      : residual(caller.edition.program, {
          principal: caller.facts.principal,
          action: rule.uid,
          resourceType: mapping.type,
          context: complete.context,
          entities: caller.facts.entities,
          links: caller.links(asking.source),
          nowSeconds: asking.nowSeconds,
        })
    const isDeny = left.kind === 'always-deny'
    const reason = complete.isIncomplete ? 'context_missing' : isDeny ? 'no_permit' : 'permit'
    this.#record(
      { decision: isDeny ? 'deny' : 'allow', reason, policies: isDeny ? left.determining : [] },
      rule,
      'filter',
      undefined,
      `${mapping.type}`,
    )
    // A filter that matches nothing is a right answer: an empty list.
    this.#allowed(rule)
    return { rule, left }
  }

  #asking(): Asking {
    const { caller, facts, kernel } = this.#parts
    return { caller, facts, nowSeconds: kernel.source.now(), source: kernel.source }
  }

  #rule(action: string): ActionRule {
    const rule = this.#parts.caller.edition.actions.get(action)
    if (rule === undefined) throw new TypeError(`the schema has no action \`${action}\` that can be asked for`)
    return rule
  }

  #checkType(rule: ActionRule, resource: MappedEntity<string, unknown>): void {
    if (!rule.definition.resources.includes(resource.entity.uid.type)) throw wrongType(rule, resource.entity.uid.type)
  }

  #isValid(entity: Entity): boolean {
    const problems = checkEntity(this.#parts.caller.edition.schema, entity)
    if (problems.length === 0) return true
    const { kernel, correlation } = this.#parts
    kernel.setting.log.error('a loaded entity does not fit the schema', {
      correlation,
      problems: problems.map(({ message }) => message),
    })
    return false
  }

  /** Whether the caller still stands, and whether the token says what the action reads. */
  #lapse(rule: ActionRule): Pick<Denial, 'reason' | 'answer'> | undefined {
    const { kernel, caller, toleranceSeconds } = this.#parts
    const lapse = lapseOf(caller.token, kernel.source, toleranceSeconds, rule)
    if (lapse !== undefined) return lapse
    return missingClaims(this.#asking(), rule).length === 0
      ? undefined
      : { reason: 'claims_outdated', answer: 'claims_outdated' }
  }

  #refuseRecorded(
    lapse: Pick<Denial, 'reason' | 'answer'>,
    rule: ActionRule,
    checkpoint: DecisionEvent['checkpoint'],
    resource?: Resource,
  ): DeniedError {
    const { kernel, correlation } = this.#parts
    this.#record({ ...lapse, decision: 'deny', policies: [] }, rule, checkpoint, resource)
    return refuse(kernel, { ...lapse, correlation })
  }

  #allowed(rule: ActionRule): void {
    this.#parts.ledger.allow(rule.name)
    if (
      (rule.maxStaleSeconds ?? Number.POSITIVE_INFINITY) < (this.#tightest?.maxStaleSeconds ?? Number.POSITIVE_INFINITY)
    ) {
      this.#tightest = rule
    }
  }

  #record(
    { decision, reason, policies, remedy }: Pick<RecordFacts, 'decision' | 'reason' | 'policies' | 'remedy'>,
    rule: ActionRule,
    checkpoint: DecisionEvent['checkpoint'],
    resource: Resource,
    resourceText: string | undefined = resource === undefined ? undefined : formatEntityUid(resource.entity.uid),
  ): void {
    const { kernel, caller, correlation } = this.#parts
    record(
      kernel,
      {
        decision,
        reason,
        policies,
        checkpoint,
        correlation,
        action: rule.name,
        ...(resourceText === undefined ? {} : { resource: resourceText }),
        ...(remedy === undefined ? {} : { remedy }),
      },
      caller,
    )
  }
}

/** What a revealed answer may say of the remedy. */
function offered({ answer, remedy }: Pick<Denial, 'answer' | 'remedy'>): Pick<RefusalFacts, 'stepUp' | 'advice'> {
  if (remedy === undefined || answer === 'not_found') return {}
  if (remedy.kind === 'advice') return { advice: remedy.name }
  return answer === 'step_up' ? { stepUp: remedy } : {}
}

function wrongType(rule: ActionRule, type: string): TypeError {
  return new TypeError(`action \`${rule.name}\` cannot be done on a \`${type}\``)
}

/** The typed view of a request's auth. The types of `Auth<S>` are those of the schema that the guard was made with. */
export function typedAuth<S extends SchemaDefinition>(auth: RequestAuth): Auth<S> {
  return auth as unknown as Auth<S>
}
