// The context of a decision: the reserved facts, each verified by the guard itself, and what the handler says, checked against
// the schema. What is not known is left out, never guessed.

import {
  contextValues,
  type DatetimeValue,
  fieldMap,
  type IpValue,
  parseIp,
  PolicyError,
  type ReservedContext,
  type Value,
} from '@cardea/policy'
import type { TokenClaims } from '@cardea/token'
import type { ActionRule } from '../edition/action-rule.ts'
import type { Mismatch } from './mismatch.ts'

/** The reserved facts that are known of a request. */
export interface RequestFacts {
  get(name: ReservedContext): Value | undefined
  /** What of the token's binding does not fit the request. Mostly nothing; no policy sees it. */
  readonly mismatches: readonly Mismatch[]
}

/** What a token says of its own requests: made once per token. */
export type TokenFacts = ReadonlyMap<ReservedContext, Value>

export function tokenFacts(claims: TokenClaims, tenant: string | undefined): TokenFacts {
  const { acr, auth_time: authTime, client_id: client, device } = claims
  const facts = new Map<ReservedContext, Value>()
  if (acr !== undefined) facts.set('acr', acr)
  if (authTime !== undefined) facts.set('authTime', datetime(authTime))
  if (typeof device === 'string') facts.set('device', device)
  if (tenant !== undefined) facts.set('tenant', tenant)
  if (client !== undefined) facts.set('client', client)
  return facts
}

/** `now` is the moment of each decision, not of the request's beginning: a body that is sent slowly stretches no time window. */
export function requestFacts(
  token: TokenFacts,
  ip: IpValue | undefined,
  now: () => number,
  mismatches: readonly Mismatch[],
): RequestFacts {
  return {
    mismatches,
    get(name) {
      if (name === 'ip') return ip
      if (name === 'now') return datetime(now())
      return token.get(name)
    },
  }
}

/** Reads addresses, and remembers the last one: a caller mostly stays where it is. The same text is the same object. */
export function createAddressMemory(): (address: string | undefined) => IpValue | undefined {
  let last: { readonly address: string; readonly ip: IpValue | undefined } | undefined
  return (address) => {
    if (address === undefined) return undefined
    if (last?.address !== address) last = { address, ip: parseIp(address) }
    return last.ip
  }
}

function datetime(seconds: number): DatetimeValue {
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
export function contextFor(rule: ActionRule, facts: RequestFacts, said: ReadonlyMap<string, Value>): ContextResult {
  if (rule.reserved.length === 0) return { context: said, isIncomplete: false }
  const context = [...said]
  let isIncomplete = false
  for (const { name, required } of rule.reserved) {
    const value = facts.get(name)
    if (value !== undefined) context.push([name, value])
    else if (required) isIncomplete = true
  }
  return { context: fieldMap(context), isIncomplete }
}
