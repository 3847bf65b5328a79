// A policy as one Rego rule: its id, its text as a comment, and the condition as the outcome. Its scope is a row of the table of scopes.

import { foldConstants, type Expression, type Policy } from '@cardea/policy'
import { printPolicy } from '@cardea/policy/print'
import { commentOf } from './comment.ts'
import { expressionTerm, type Parts } from './expression.ts'
import { textTerm } from './term.ts'

/** `text`: the policy's own, where it is at hand. `place`: its order among all. Throws `ERR_OPA_CONSTRUCT`. */
export function policyRule(policy: Policy, place: number, text: string | undefined): string {
  const rules: string[] = []
  const parts: Parts = {
    add(term) {
      const name = `part_${place}_${rules.length}`
      rules.push(`${name} := ${term}\n`)
      return name
    },
  }
  const outcome = outcomeTerm(policy, parts)
  const comment = commentOf(text ?? printPolicy(policy))
  return [`${comment}outcomes[${textTerm(policy.id)}] := ${outcome}\n`, ...rules].join('\n')
}

/** `[value]`, or `[]` where the condition errs. */
function outcomeTerm({ conditions, span }: Policy, parts: Parts): string {
  const [first, ...rest] = conditions.map(({ kind, body, span }): Expression => {
    const folded = foldConstants(body)
    return kind === 'when' ? folded : { kind: 'not', operand: folded, span }
  })
  if (first === undefined) return '[true]'
  const whole = rest.reduce((left, right): Expression => ({ kind: 'and', left, right, span }), first)
  return `[value | value := ${expressionTerm(whole, parts)}]`
}
