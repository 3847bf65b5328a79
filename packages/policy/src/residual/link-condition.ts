// The links of a template as one condition: a thousand grants are one `resource in [...]`.

import { counts } from '../compile/links.ts'
import type { TemplateLink } from '../compile/links.ts'
import type { Program } from '../compile/program.ts'
import type { Rule } from '../compile/rule.ts'
import type { Side } from '../compile/scope.ts'
import type { Request } from '../decide/request.ts'
import { formatEntityUid } from '../entity/uid.ts'
import type { PartialEvaluation } from '../operator/operator.ts'
import type { Expression, Policy, Slot } from '../syntax/tree.ts'
import { slotExpression } from './scope.ts'

/** The links of a template that count now. */
export function liveLinks(
  { id, effect, policy: { slots } }: Rule,
  program: Program,
  { links, nowSeconds }: Pick<Request, 'links' | 'nowSeconds'>,
): TemplateLink[] {
  const all = [...(program.links.byTemplate.get(id) ?? []), ...(links?.byTemplate.get(id) ?? [])]
  return all.filter((link) => fits(link, slots) && counts(link, effect, nowSeconds))
}

/** A link that fills other slots than its template has says nothing, as when deciding. */
function fits(link: TemplateLink, slots: readonly Slot[]): boolean {
  return (['principal', 'resource'] as const).every((slot) => slots.includes(slot) === (link[slot] !== undefined))
}

/** The condition, and the links that can make it true. */
export function linkedCondition(
  policy: Policy,
  links: readonly TemplateLink[],
  partial: PartialEvaluation,
): { condition: Expression; links: readonly TemplateLink[] } {
  const { span } = policy
  const say = (side: Side, links: readonly TemplateLink[]): Expression =>
    slotExpression(policy, side, links, partial.declaredType({ kind: 'variable', name: side, span }))
  const judged = links.flatMap((link) => {
    const principal = outcomeOf(say('principal', [link]), partial)
    const resource = principal === false ? false : outcomeOf(say('resource', [link]), partial)
    return resource === false ? [] : [{ link, principal, resource }]
  })
  const linksWhere = (isIt: (each: (typeof judged)[number]) => boolean) => judged.filter(isIt).map(({ link }) => link)

  if (judged.some(({ principal, resource }) => principal === true && resource === true)) {
    return { condition: { kind: 'literal', value: true, span }, links: linksWhere(() => true) }
  }
  // of links for our principal the resource is asked, of links for this resource the principal; of the others both together
  const ours = linksWhere(({ principal }) => principal === true)
  const theirs = linksWhere(({ principal, resource }) => principal !== true && resource === true)
  const others = linksWhere(({ principal, resource }) => principal !== true && resource !== true)
  const conditions = [
    ...(ours.length === 0 ? [] : [say('resource', ours)]),
    ...(theirs.length === 0 ? [] : [say('principal', theirs)]),
    ...[
      ...Map.groupBy(others, ({ resource }) => (resource === undefined ? '' : formatEntityUid(resource))).values(),
    ].map((alike): Expression => ({ kind: 'and', left: say('principal', alike), right: say('resource', alike), span })),
  ]
  return { condition: anyOf(conditions, span), links: linksWhere(() => true) }
}

/** What a side of a link comes to; `undefined` when that depends on what is unknown. It never errs. */
function outcomeOf(condition: Expression, partial: PartialEvaluation): boolean | undefined {
  const left = partial.condition(condition)
  return left.kind === 'literal' ? left.value === true : undefined
}

/** A balanced tree: a chain of thousands would be as deep as it is long. */
function anyOf(conditions: readonly Expression[], span: Policy['span']): Expression {
  const [only] = conditions
  if (only === undefined) return { kind: 'literal', value: false, span }
  if (conditions.length === 1) return only
  const half = Math.ceil(conditions.length / 2)
  return { kind: 'or', left: anyOf(conditions.slice(0, half), span), right: anyOf(conditions.slice(half), span), span }
}
