// The links of a template as one condition on the resource: a thousand grants are one `resource in [...]`.

import { counts } from '../compile/links.ts'
import type { TemplateLink } from '../compile/links.ts'
import type { Program } from '../compile/program.ts'
import type { Rule } from '../compile/rule.ts'
import type { Request } from '../decide/request.ts'
import type { PartialEvaluation } from '../operator/operator.ts'
import type { Binary, Expression, Policy } from '../syntax/tree.ts'
import { granteeExpression, linkExpression } from './scope.ts'

/** The links of a template that count now. */
export function liveLinks(
  { id, effect }: Rule,
  program: Program,
  { links, nowSeconds }: Pick<Request, 'links' | 'nowSeconds'>,
): TemplateLink[] {
  const all = [...(program.links.byTemplate.get(id) ?? []), ...(links?.byTemplate.get(id) ?? [])]
  return all.filter((link) => counts(link, effect, nowSeconds))
}

/** The condition, and the ids of the links that can make it true. */
export function linkedCondition(
  policy: Policy,
  links: readonly TemplateLink[],
  resourceType: string,
  partial: PartialEvaluation,
): { condition: Expression; links: readonly string[] } {
  const ours: TemplateLink[] = []
  const unsure: Expression[] = []
  const ids: string[] = []
  for (const link of links) {
    const grantee = partial.condition(granteeExpression(policy, link))
    if (grantee.kind === 'literal' && grantee.value !== true) continue
    ids.push(link.id)
    if (grantee.kind === 'literal') ours.push(link)
    else unsure.push(and(grantee, linkExpression(policy, [link], resourceType)))
  }
  // a principal that may be the resource itself is in groups that only the resource's entity tells
  const condition = unsure.reduce(or, linkExpression(policy, ours, resourceType))
  return { condition, links: ids }
}

function and(left: Expression, right: Expression): Binary {
  return { kind: 'and', left, right, span: left.span }
}

function or(left: Expression, right: Expression): Binary {
  return { kind: 'or', left, right, span: left.span }
}
