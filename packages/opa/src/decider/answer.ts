// What an OPA answered, as a decision. INVARIANT: only `true`, `{ allow: true }` and `{ decision: 'allow' }` are an allow, and whatever
// else stands beside one must be in its form; everything that is not understood is a deny with a code.

import type { Decision, PolicyFault } from '@cardea/policy'
import { OPA_ERRORS, type OpaErrorCode } from '../errors.ts'

/** Reasons or policies that one answer may name. */
const MAX_NAMED = 10_000
/** Characters of one of them. */
const MAX_NAME_LENGTH = 1000

/**
 * The decision of a `result`: a boolean; `{ decision: 'allow' | 'deny', reason?, determining?, errors? }`, which Rego made of Cedar answers;
 * or `{ allow: boolean, reasons? }`. Other members are not looked at. Never throws; what was answered is not in the messages.
 */
export function readAnswer(result: unknown): Decision {
  if (typeof result === 'boolean') return result ? allowed([], []) : denied('no-permit', [], [])
  if (!isObject(result)) return failed('ERR_OPA_ANSWER')
  const hasDecision = Object.hasOwn(result, 'decision')
  // an answer that says it twice could say two things
  if (hasDecision === Object.hasOwn(result, 'allow')) return failed('ERR_OPA_ANSWER')
  return (hasDecision ? readDecision(result) : readAllow(result)) ?? failed('ERR_OPA_ANSWER')
}

/** A deny because no answer could be had or understood. */
export function failed(code: OpaErrorCode): Decision {
  return denied('forbid-error', [], [faultOf('', code, OPA_ERRORS[code])])
}

/** A deny because the Rego says nothing: a usual one, and what a misspelled path looks like. */
export function undefinedAnswer(): Decision {
  return denied('no-permit', [], [faultOf('', 'ERR_OPA_UNDEFINED', OPA_ERRORS.ERR_OPA_UNDEFINED)])
}

function readDecision({ decision, reason, determining, errors }: Answer): Decision | undefined {
  const ids = readNames(determining)
  const faults = readFaults(errors)
  if (ids === undefined || faults === undefined) return undefined
  if (reason !== undefined && typeof reason !== 'string') return undefined
  if (decision === 'allow') return reason === undefined || reason === 'permit' ? allowed(ids, faults) : undefined
  // what the Rego says besides, of a token for instance, is no reason of a policy
  if (decision === 'deny') return denied(isDenial(reason) ? reason : 'no-permit', ids, faults)
  return undefined
}

function readAllow({ allow, reasons }: Answer): Decision | undefined {
  const names = readNames(reasons)
  if (typeof allow !== 'boolean' || names === undefined) return undefined
  return allow ? allowed(names, []) : denied('no-permit', names, [])
}

function readNames(list: unknown): readonly string[] | undefined {
  if (list === undefined) return []
  return Array.isArray(list) && list.length <= MAX_NAMED && list.every(isName) ? list : undefined
}

function readFaults(list: unknown): readonly PolicyFault[] | undefined {
  if (list === undefined) return []
  if (!Array.isArray(list) || list.length > MAX_NAMED) return undefined
  const faults: PolicyFault[] = []
  for (const one of list as readonly unknown[]) {
    if (!isObject(one)) return undefined
    const { policy, code } = one
    if (!isName(policy) || typeof code !== 'string' || !CODE.test(code)) return undefined
    faults.push(faultOf(policy, code, 'the policy could not be evaluated'))
  }
  return faults
}

const CODE = /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/

type Answer = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAME_LENGTH
}

function isDenial(reason: string | undefined): reason is 'forbid' | 'forbid-error' | 'no-permit' {
  return reason === 'forbid' || reason === 'forbid-error' || reason === 'no-permit'
}

function allowed(determining: readonly string[], errors: readonly PolicyFault[]): Decision {
  return { decision: 'allow', reason: 'permit', determining, errors }
}

function denied(
  reason: 'forbid' | 'forbid-error' | 'no-permit',
  determining: readonly string[],
  errors: readonly PolicyFault[],
): Decision {
  return { decision: 'deny', reason, determining, errors }
}

function faultOf(policy: string, code: string, message: string): PolicyFault {
  return { policy, code, message, span: { file: '', start: 0, end: 0 } }
}
