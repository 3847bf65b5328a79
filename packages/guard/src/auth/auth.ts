// What a handler is given: who asks, and the questions it can ask about what it has loaded.

import type {
  ActionContext,
  ActionName,
  ActionOn,
  EntityUid,
  HasNoRequiredContext,
  ResourceType,
  SchemaDefinition,
} from '@cardea/policy'
import type { Authorization, EntityMapping, Filter, MappedEntity, RowOf, TypeOf } from '@cardea/policy/mapping'
import type { Remedy } from '@cardea/policy/annotation'
import type { DeniedError } from '../errors.ts'
import type { Explanation } from '../problem.ts'
import type { RegisteredSchema } from '../register.ts'
import type { Reason } from '../reason.ts'

/** One caller in one request. `S` is the schema that `cardea generate` wrote; the registered one by default. */
export interface Auth<S extends SchemaDefinition = RegisteredSchema> {
  readonly principal: EntityUid
  readonly tenant: string | undefined
  /** The token's `jti`; tokens of some identity providers have none. */
  readonly tokenId: string | undefined
  /** Stands in every decision record and every refused answer of this request. */
  readonly correlation: string
  /** Aborts when the token expires, when it is revoked, or when the news get too old: for streams and long work. */
  readonly signal: AbortSignal

  /**
   * The row, proven allowed, or `DeniedError`: for a resource that does not exist exactly as for one that must not be known.
   * Synchronous; costs one decision. A reserved context name is a `TypeError`. `ERR_GUARD_DECIDER_LATER` where the action has a decider
   * that answers later, and so for `authorizeEach`, `decide` and `can`.
   */
  authorize<A extends ActionName<S>, T extends ResourceType<S, A>, R>(
    action: A,
    resource: MappedEntity<T, R> | undefined,
    ...context: ContextArguments<S, A>
  ): R & Authorization<A, T>

  /** All rows, proven allowed, or `DeniedError` at the first that is not. */
  authorizeEach<A extends ActionName<S>, T extends ResourceType<S, A>, R>(
    action: A,
    resources: readonly (MappedEntity<T, R> | undefined)[],
    ...context: ContextArguments<S, A>
  ): readonly (R & Authorization<A, T>)[]

  /** The decision as a value. A deny that the handler never looks at keeps the answer from going out. */
  decide<A extends ActionName<S>, T extends ResourceType<S, A>>(
    action: A,
    resource: MappedEntity<T, unknown> | undefined,
    ...context: ContextArguments<S, A>
  ): AuthDecision

  /** Whether it would be allowed: for buttons and menus. Never counts as a check, is not recorded. */
  can<A extends ActionName<S>, T extends ResourceType<S, A>>(
    action: A,
    resource: MappedEntity<T, unknown> | undefined,
    ...context: ContextArguments<S, A>
  ): boolean

  /**
   * `authorize` with the time that the decider of the action takes; for every action, also without one. Until it is settled no answer goes
   * out: who does not wait for it is not allowed.
   */
  ask<A extends ActionName<S>, T extends ResourceType<S, A>, R>(
    action: A,
    resource: MappedEntity<T, R> | undefined,
    ...context: ContextArguments<S, A>
  ): Promise<R & Authorization<A, T>>

  /** `authorizeEach` in the same way, sixteen rows at once. */
  askEach<A extends ActionName<S>, T extends ResourceType<S, A>, R>(
    action: A,
    resources: readonly (MappedEntity<T, R> | undefined)[],
    ...context: ContextArguments<S, A>
  ): Promise<readonly (R & Authorization<A, T>)[]>

  /** `decide` in the same way. There is no such `can`: a promise is truthy. */
  askDecision<A extends ActionName<S>, T extends ResourceType<S, A>>(
    action: A,
    resource: MappedEntity<T, unknown> | undefined,
    ...context: ContextArguments<S, A>
  ): Promise<AuthDecision>

  /**
   * What a query must ask for, so that it gives the rows that `authorize` would allow. May match nothing; never throws for that.
   * `ERR_GUARD_DECIDER_FILTER` for an action that has a decider, and so for `select`.
   */
  filter<A extends ActionName<S>, M extends EntityMapping<ResourceType<S, A>>>(
    action: A,
    mapping: M,
    ...context: ContextArguments<S, A>
  ): Filter<M>

  /** Those of the loaded rows that are allowed, proven so. */
  select<A extends ActionName<S>, M extends EntityMapping<ResourceType<S, A>>, R extends RowOf<M>>(
    action: A,
    mapping: M,
    rows: readonly R[],
    ...context: ContextArguments<S, A>
  ): readonly (R & Authorization<A, TypeOf<M>>)[]

  /**
   * The actions that are allowed on the resource, of those that need no word of the handler and have no decider that answers later. Never
   * counts as a check.
   */
  allowedActions<T extends ResourceType<S, ActionName<S>>>(
    resource: MappedEntity<T, unknown>,
  ): readonly ActionOn<S, T>[]

  /** The same with those whose decider answers later. */
  askActions<T extends ResourceType<S, ActionName<S>>>(
    resource: MappedEntity<T, unknown>,
  ): Promise<readonly ActionOn<S, T>[]>
}

/** The context is an argument where the action needs one. */
export type ContextArguments<S extends SchemaDefinition, A extends ActionName<S>> =
  HasNoRequiredContext<S, A> extends true ? [context?: ActionContext<S, A>] : [context: ActionContext<S, A>]

export interface AuthDecision {
  readonly decision: 'allow' | 'deny'
  readonly reason: 'permit' | Reason
  /** Ids of the policies that determined it. For logs, not for callers. */
  readonly policies: readonly string[]
  readonly remedy?: Remedy
  /** Of a deny: why, and what would change it. Made when it is looked at. For logs and tests, not for callers. */
  readonly explanation?: Explanation
  /** Of a deny: throw it to answer as `authorize` would have. */
  readonly error?: DeniedError
}
