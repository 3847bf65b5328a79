// One caller in one request, as a handler sees it. It has the lifetime of the request: its edition of the policies, its facts and its
// ledger do not change hands.

import { type EntityUid, evaluateResidual, type SchemaDefinition } from '@cardea/policy'
import { createFilter, type EntityMapping, type Filter, type MappedEntity } from '@cardea/policy/mapping'
import type { Auth, AuthDecision } from './auth.ts'
import type { Caller } from './caller.ts'
import { explain } from './explain.ts'
import { allowedOf, canBeAsked, isAllowed } from './judge.ts'
import { createLifetime, type Lifetime } from './lifetime.ts'
import { type Question, type Refused, RequestChecks, type RequestParts, type Resource } from './request-checks.ts'

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
    const result = this.#checks.check(this.#checks.question(action, context), resource)
    if (result.decision === 'deny') return this.#asValue(result)
    return Object.freeze({ decision: 'allow', reason: 'permit', policies: result.policies })
  }

  can(action: string, resource: Resource, context?: object): boolean {
    const { rule, said } = this.#checks.question(action, context)
    if (resource === undefined || this.#checks.lapse(rule) !== undefined) return false
    const { entity } = resource
    this.#checks.checkType(rule, entity.uid.type)
    return this.#checks.isValid(entity) && isAllowed(this.#checks.asking, rule, entity, said)
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
    const rules = [...this.caller.edition.actions.values()].filter(
      (rule) =>
        rule.definition.resources.includes(resource.type) && canBeAsked(rule) && this.#checks.lapse(rule) === undefined,
    )
    const { entity } = resource
    if (rules.length === 0 || !this.#checks.isValid(entity)) return []
    return proven(allowedOf(this.#checks.asking, rules, entity).map(({ name }) => name))
  }

  #authorize(question: Question, resource: Resource): unknown {
    const result = this.#checks.check(question, resource)
    if (result.decision === 'allow') return resource?.row
    this.#checks.parts.ledger.deny(result.error)
    throw result.error
  }

  /** A deny that counts as ignored until its `decision` has been read: an object is truthy in an `if`. */
  #asValue(refused: Refused): AuthDecision {
    const { reason, policies, remedy, error } = refused
    const { ledger, caller } = this.#checks.parts
    const decision: AuthDecision = Object.freeze({
      get decision() {
        ledger.markRead(decision)
        return 'deny' as const
      },
      get explanation() {
        return explain(caller.edition, refused)
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

/** The typed view of a request's auth. The types of `Auth<S>` are those of the schema that the guard was made with. */
export function typedAuth<S extends SchemaDefinition>(auth: RequestAuth): Auth<S> {
  return proven(auth)
}

/** Asserts what only `Auth` can say in types: called right after an allow, or where the value's own type is the question. */
function proven(value: unknown): never {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where a check becomes a proof
  return value as never
}
