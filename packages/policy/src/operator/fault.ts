// Faults: what an evaluation has instead of a value when it errs. They are made when a policy is compiled, one for each
// way a node can err, and only passed on at run time: an error costs no allocation and no stack trace.
// INVARIANT: messages name attributes and operators of the policy text, never a value of the request.

import type { PolicyErrorCode } from '../errors.ts'
import type { Expression, Fault, Span } from '../syntax/tree.ts'
import type { Value } from '../value/value.ts'

/** What evaluating an expression gives. */
export type Result = Value | Fault

type EvaluationCode = Extract<PolicyErrorCode, `ERR_POLICY_EVALUATION_${string}`>

export function makeFault(code: EvaluationCode, message: string, { span }: { readonly span: Span }): Fault {
  return Object.freeze({ kind: 'fault', code, message, span } as const)
}

export function typeFault(message: string, node: { readonly span: Span }): Fault {
  return makeFault('ERR_POLICY_EVALUATION_TYPE', message, node)
}

export function isFault(result: Result): result is Fault {
  return typeof result === 'object' && result.kind === 'fault'
}

/** A result as a tree: a literal or the fault itself. */
export function resultNode(result: Result, span: Span): Expression {
  if (!isFault(result)) return { kind: 'literal', value: result, span }
  return result
}
