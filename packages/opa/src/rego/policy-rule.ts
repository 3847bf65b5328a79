// A policy as one Rego rule: its id, its text as a comment, the scope as the body and the condition as the outcome. A template is the
// same rule for every link of the request that names it.

import { foldConstants, type Expression, type Policy, type Schema, type TemplateLink } from '@cardea/policy'
import { printPolicy } from '@cardea/policy/print'
import { commentOf } from './comment.ts'
import { expressionTerm, type Parts } from './expression.ts'
import { actionStatements, entityStatements, type Slots } from './scope.ts'
import { entityTerm, textTerm } from './term.ts'

export interface RuleSetting {
  readonly schema: Schema | undefined
  /** Links that always count. */
  readonly links: readonly TemplateLink[]
  /** The policy's own text, where it is at hand. */
  readonly textOf: (policy: Policy) => string | undefined
}

/** The rules of the policy, and `place` as its order among all. Throws `ERR_OPA_CONSTRUCT`. */
export function policyRules(policy: Policy, place: number, setting: RuleSetting): string {
  const rules: string[] = []
  const parts: Parts = {
    add(term) {
      const name = `part_${place}_${rules.length}`
      rules.push(`${name} := ${term}\n`)
      return name
    },
  }
  const outcome = outcomeTerm(policy, parts)
  const comment = commentOf(setting.textOf(policy) ?? printPolicy(policy))
  const action = actionStatements(policy.action, setting.schema)
  if (action === undefined) return `${comment}# It is for no action of the schema.\n`
  const rule = (id: string, slots: Slots, before: readonly string[]): string =>
    verdictRule(`[${place}, ${id}, "${policy.effect}", outcome]`, [
      ...action,
      ...before,
      ...entityStatements(policy.principal, 'principal', slots),
      ...entityStatements(policy.resource, 'resource', slots),
      `outcome := ${outcome}`,
    ])
  const verdicts =
    policy.slots.length === 0
      ? [rule(textTerm(policy.id), {}, [])]
      : [
          rule('link.id', LINK_SLOTS, [`some link in input.links[${textTerm(policy.id)}]`]),
          ...setting.links
            .filter(({ template }) => template === policy.id)
            .map((link) => rule(textTerm(link.id), slotsOf(link), [])),
        ]
  return [comment + verdicts.join('\n'), ...rules].join('\n')
}

const LINK_SLOTS: Slots = { principal: 'link.principal', resource: 'link.resource' }

function verdictRule(verdict: string, statements: readonly string[]): string {
  return `verdicts contains ${verdict} if {\n${statements.map((statement) => `\t${statement}\n`).join('')}}\n`
}

function slotsOf({ principal, resource }: TemplateLink): Slots {
  return {
    principal: principal === undefined ? undefined : entityTerm(principal),
    resource: resource === undefined ? undefined : entityTerm(resource),
  }
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
