// One caller in one request, as a handler sees it. It has the lifetime of the request: its edition of the policies, its facts and its
// ledger do not change hands.

import { type EntityUid, evaluateResidual, type SchemaDefinition, type Value } from '@cardea/policy'
import { createFilter, type EntityMapping, type Filter, type MappedEntity } from '@cardea/policy/mapping'
import type { ActionRule } from '../edition/action-rule.ts'
import type { Auth, AuthDecision } from './auth.ts'
import type { Caller } from './caller.ts'
import { explain } from './explain.ts'
import { isAllowed, isAllowedLater } from './consult.ts'
import { answersLater, type Deciders } from './decider.ts'
import { allowedOf, type Allowance, canBeAsked } from './judge.ts'
import { createLifetime, type Lifetime } from './lifetime.ts'
import type { Refused } from './outcome.ts'
import { RequestChecks } from './request-checks.ts'
import type { Question, RequestParts, Resource } from './request-parts.ts'

/**
 * The implementation of `Auth`. Untyped inside: the proofs that it returns are types only, and `Auth<S>` says what they prove.
 */
export class RequestAuth implements Auth {
  readonly correlation: string
  readonly #checks: RequestChecks
  #lifetime: Lifetime | undefined

  constructor(parts: RequestParts) {
    this.#checks = new RequestChecks(parts, () => this.#lifetime?.look())
    this.correlation = parts.correlation
  }

  get principal(): EntityUid {
    return this.caller.facts.principal
  }

  get tenant(): string | undefined {
    return this.caller.facts.tenant
  }

  get tokenId(): string | undefined {
    return this.caller.token.claims.jti
  }

  get signal(): AbortSignal {
    const { kernel, caller, toleranceSeconds } = this.#checks.parts
    this.#lifetime ??= createLifetime({
      token: caller.token,
      source: kernel.source,
      schedule: kernel.setting.schedule,
      toleranceSeconds,
      rules: () => this.#checks.allowed,
    })
    return this.#lifetime.signal
  }

  /** For adapters: whom to write down. */
  get caller(): Caller {
    return this.#checks.parts.caller
  }

  /** For adapters: checkpoint one. Throws `DeniedError`. */
  checkRoute(actions: readonly string[]): void {
    this.#checks.checkRoute(actions)
  }

  /** For adapters: the request is over. */
  close(): void {
    this.#lifetime?.close()
  }

  authorize(action: string, resource: Resource, context?: object): never {
    return proven(this.#authorize(this.#checks.question(action, context), resource))
  }

  authorizeEach(action: string, resources: readonly Resource[], context?: object): readonly never[] {
    const question = this.#checks.question(action, context)
    const rows = resources.map((resource) => this.#authorize(question, resource))
    if (rows.length === 0) this.#checks.checkNothing(question.rule)
    return proven(rows)
  }

  decide(action: string, resource: Resource, context?: object): AuthDecision {
    return this.#asValue(this.#checks.check(this.#checks.question(action, context), resource))
  }

  can(action: string, resource: Resource, context?: object): boolean {
    const { rule, said } = this.#checks.question(action, context)
    if (resource === undefined || this.#checks.lapse(rule) !== undefined) return false
    const { entity } = resource
    this.#checks.checkType(rule, entity.uid.type)
    if (!this.#checks.isValid(entity)) return false
    const isIt = isAllowed(this.#checks.asking, rule, entity, said)
    if (isIt === 'later') throw answersLater(rule.name)
    return isIt
  }

  ask(action: string, resource: Resource, context?: object): Promise<never> {
    return this.#later(async () =>
      proven(this.#released(await this.#checks.checkLater(this.#checks.question(action, context), resource), resource)),
    )
  }

  askEach(action: string, resources: readonly Resource[], context?: object): Promise<readonly never[]> {
    return this.#later(async () => {
      const question = this.#checks.question(action, context)
      const rows: unknown[] = []
      for (let at = 0; at < resources.length; at += AT_ONCE) {
        const some = resources.slice(at, at + AT_ONCE)
        const results = await Promise.all(some.map((resource) => this.#checks.checkLater(question, resource)))
        rows.push(...results.map((result, index) => this.#released(result, some[index])))
      }
      if (rows.length === 0) this.#checks.checkNothing(question.rule)
      return proven(rows)
    })
  }

  askDecision(action: string, resource: Resource, context?: object): Promise<AuthDecision> {
    return this.#later(async () =>
      this.#asValue(await this.#checks.checkLater(this.#checks.question(action, context), resource)),
    )
  }

  askActions(resource: MappedEntity<string, unknown>): Promise<readonly never[]> {
    return this.#later(async () => {
      const { entity } = resource
      const rules = this.#rulesFor(resource)
      const allowed = new Set(this.#policiesAllow(rules, resource))
      const { schedule } = this.#checks.parts.kernel.setting
      const others = rules.filter(({ name }) => this.#deciders?.has(name) === true)
      for (let at = 0; at < others.length; at += AT_ONCE) {
        await Promise.all(
          others.slice(at, at + AT_ONCE).map(async (rule) => {
            const isIt = await isAllowedLater(this.#checks.asking, rule, entity, NOTHING_SAID, schedule)
            if (isIt && this.#checks.lapse(rule) === undefined) allowed.add(rule)
          }),
        )
      }
      return proven(rules.filter((rule) => allowed.has(rule)).map(({ name }) => name))
    })
  }

  filter<M extends EntityMapping>(action: string, mapping: M, context?: object): Filter<M> {
    const question = this.#checks.question(action, context)
    return createFilter(mapping, this.#checks.residual(question, mapping), question.rule.name)
  }

  select(action: string, mapping: EntityMapping, rows: readonly unknown[], context?: object): readonly never[] {
    const left = this.#checks.residual(this.#checks.question(action, context), mapping)
    const { entities } = this.caller.facts
    const map: (row: never) => Resource = mapping
    const allowed = rows.filter((row) => {
      const entity = map(proven(row))?.entity
      return (
        entity !== undefined &&
        this.#checks.isValid(entity) &&
        evaluateResidual(left, { resourceEntity: entity, entities }).decision === 'allow'
      )
    })
    return proven(allowed)
  }

  allowedActions(resource: MappedEntity<string, unknown>): readonly never[] {
    const rules = this.#rulesFor(resource)
    const allowed = this.#policiesAllow(rules, resource)
    if (this.#deciders === undefined) return proven(allowed.map(({ name }) => name))
    const all = new Set(allowed)
    for (const rule of rules) {
      if (!this.#deciders.has(rule.name)) continue
      if (isAllowed(this.#checks.asking, rule, resource.entity, NOTHING_SAID) === true) all.add(rule)
    }
    return proven(rules.filter((rule) => all.has(rule)).map(({ name }) => name))
  }

  get #deciders(): Deciders | undefined {
    return this.#checks.parts.kernel.deciders
  }

  /** The actions that may be asked for; none for an entity that does not fit the schema. */
  #rulesFor({ type, entity }: MappedEntity<string, unknown>): readonly ActionRule[] {
    const rules = [...this.caller.edition.actions.values()].filter(
      (rule) => rule.definition.resources.includes(type) && canBeAsked(rule) && this.#checks.lapse(rule) === undefined,
    )
    return rules.length === 0 || !this.#checks.isValid(entity) ? [] : rules
  }

  /** Those of them that have no decider and are allowed. */
  #policiesAllow(rules: readonly ActionRule[], { entity }: MappedEntity<string, unknown>): ActionRule[] {
    const deciders = this.#deciders
    const plain = deciders === undefined ? rules : rules.filter(({ name }) => !deciders.has(name))
    return plain.length === 0 ? [] : allowedOf(this.#checks.asking, plain, entity)
  }

  #authorize(question: Question, resource: Resource): unknown {
    return this.#released(this.#checks.check(question, resource), resource)
  }

  #released(result: Allowance | Refused, resource: Resource): unknown {
    if (result.decision === 'allow') return resource?.row
    this.#checks.parts.ledger.deny(result.error)
    throw result.error
  }

  /**
   * Until the answer is there nothing goes out. Who does not wait for it is denied by that, and must not end the process by a rejection that
   * nobody hears.
   */
  #later<T>(work: () => Promise<T>): Promise<T> {
    const { ledger } = this.#checks.parts
    ledger.begin()
    const answer = work().finally(() => ledger.settle())
    answer.catch(() => undefined)
    return answer
  }

  /** A deny that counts as ignored until its `decision` has been read: an object is truthy in an `if`. */
  #asValue(result: Allowance | Refused): AuthDecision {
    if (result.decision === 'allow') {
      return Object.freeze({ decision: 'allow', reason: 'permit', policies: result.policies })
    }
    const { reason, policies, remedy, error } = result
    const { ledger, caller } = this.#checks.parts
    const decision: AuthDecision = Object.freeze({
      get decision() {
        ledger.markRead(decision)
        return 'deny' as const
      },
      get explanation() {
        return explain(caller.edition, result)
      },
      reason,
      policies,
      error,
      ...(remedy === undefined ? {} : { remedy }),
    })
    ledger.handOut(decision)
    return decision
  }
}

const NOTHING_SAID: ReadonlyMap<string, Value> = new Map<string, Value>()

/** Questions of one call that wait for a decider at the same time. */
const AT_ONCE = 16

/** The typed view of a request's auth. The types of `Auth<S>` are those of the schema that the guard was made with. */
export function typedAuth<S extends SchemaDefinition>(auth: RequestAuth): Auth<S> {
  return proven(auth)
}

/** Asserts what only `Auth` can say in types: called right after an allow, or where the value's own type is the question. */
function proven(value: unknown): never {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where a check becomes a proof
  return value as never
}
