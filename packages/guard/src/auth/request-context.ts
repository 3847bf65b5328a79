// The context of a decision: the reserved facts, each verified by the guard itself, and what the handler says, checked against
// the schema. What is not known is left out, never guessed.

import {
  contextValues,
  type DatetimeValue,
  parseIp,
  PolicyError,
  RESERVED_CONTEXT,
  type ReservedContext,
  type Value,
} from '@cardea/policy'
import type { TokenClaims } from '@cardea/token'
import type { ActionRule } from '../edition/action-rule.ts'

/** The reserved facts that are known of a request. */
export type RequestFacts = ReadonlyMap<ReservedContext, Value>

export interface FactSources {
  readonly address: string | undefined
  readonly nowSeconds: number
  readonly claims: TokenClaims
  readonly tenant: string | undefined
}

/** `now` is the moment of the request: all decisions of a request see the same. */
export function requestFacts({ address, nowSeconds, claims, tenant }: FactSources): RequestFacts {
  const device = claims['device']
  const facts: { readonly [Name in ReservedContext]: Value | undefined } = {
    ip: address === undefined ? undefined : parseIp(address),
    now: datetime(nowSeconds),
    acr: claims.acr,
    authTime: claims.auth_time === undefined ? undefined : datetime(claims.auth_time),
    device: typeof device === 'string' ? device : undefined,
    tenant,
    client: claims.client_id,
  }
  const known = new Map<ReservedContext, Value>()
  for (const name of RESERVED_CONTEXT) {
    const value = facts[name]
    if (value !== undefined) known.set(name, value)
  }
  return known
}

export function datetime(seconds: number): DatetimeValue {
  return { kind: 'datetime', milliseconds: BigInt(Math.floor(seconds * 1000)) }
}

const NOTHING: ReadonlyMap<string, Value> = new Map<string, Value>()

/** What the handler says. A reserved name, an unknown one, a missing one and a wrong type are a `TypeError`. */
export function handlerContext(rule: ActionRule, input: object | undefined): ReadonlyMap<string, Value> {
  if (input === undefined && !rule.takesHandlerContext) return NOTHING
  try {
    return contextValues(rule.definition, input)
  } catch (cause) {
    const message = cause instanceof PolicyError ? cause.message : 'the context cannot be read'
    throw new TypeError(`the context of action \`${rule.name}\`: ${message}`, { cause })
  }
}

export interface ContextResult {
  readonly context: ReadonlyMap<string, Value>
  /** A reserved fact that the action requires is not known. */
  readonly isIncomplete: boolean
}

/** The facts that the action declares, and what the handler said. */
export function contextFor(
  rule: ActionRule,
  facts: ReadonlyMap<string, Value>,
  said: ReadonlyMap<string, Value>,
): ContextResult {
  if (rule.reserved.length === 0) return { context: said, isIncomplete: false }
  const context = new Map(said)
  let isIncomplete = false
  for (const { name, required } of rule.reserved) {
    const value = facts.get(name)
    if (value !== undefined) context.set(name, value)
    else if (required) isIncomplete = true
  }
  return { context, isIncomplete }
}
