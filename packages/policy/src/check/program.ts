// What must hold of policies and links before they are compiled. All problems are collected.

import type { TemplateLink } from '../compile/links.ts'
import { problem } from '../errors.ts'
import type { Problem } from '../problem.ts'
import { didYouMean } from '../syntax/near-miss.ts'
import type { Policy, Slot, Span } from '../syntax/tree.ts'
import { isTooDeep, MAXIMUM_DEPTH } from './depth.ts'

/** Problems of a program: duplicate ids, links that fit no template, expressions nested too deeply. */
export function checkProgram(policies: readonly Policy[], links: readonly TemplateLink[]): Problem[] {
  const byId = new Map(policies.map((policy) => [policy.id, policy]))
  return [
    ...checkIds(policies, links),
    ...policies.flatMap(checkDepth),
    ...links.flatMap((link) => checkLink(link, byId.get(link.template), byId)),
  ]
}

/** Problems of links that are offered as grants: besides the slots, only a `permit` template may be granted. */
export function checkGrants(policies: readonly Policy[], grants: readonly TemplateLink[]): Problem[] {
  const byId = new Map(policies.map((policy) => [policy.id, policy]))
  return grants.flatMap((grant) => {
    const template = byId.get(grant.template)
    const problems = checkLink(grant, template, byId)
    if (template?.effect !== 'forbid') return problems
    const message = `template \`${template.id}\` is a \`forbid\` and cannot be granted`
    const hint = 'a grant only allows; what is forbidden stands in a policy of its own'
    return [...problems, problem('ERR_POLICY_GRANT_FORBID', message, { span: scopeOf(template), hint })]
  })
}

function checkIds(policies: readonly Policy[], links: readonly TemplateLink[]): Problem[] {
  const seen = new Map<string, Policy | TemplateLink>()
  return [...policies, ...links].flatMap((item) => {
    const first = seen.get(item.id)
    if (first === undefined) {
      seen.set(item.id, item)
      return []
    }
    const labels = 'span' in first ? [{ span: scopeOf(first), message: 'it is taken by this policy' }] : undefined
    return [
      problem('ERR_POLICY_DUPLICATE_ID', `the id \`${item.id}\` is taken`, {
        ...('span' in item ? { span: scopeOf(item) } : {}),
        ...(labels === undefined ? {} : { labels }),
        hint: 'give each policy its own `@id`',
      }),
    ]
  })
}

function checkDepth({ id, conditions }: Policy): Problem[] {
  return conditions
    .filter(({ body }) => isTooDeep(body))
    .map(({ span }) =>
      problem('ERR_POLICY_DEPTH', `a condition of \`${id}\` is nested deeper than ${MAXIMUM_DEPTH}`, { span }),
    )
}

function checkLink(link: TemplateLink, template: Policy | undefined, byId: ReadonlyMap<string, Policy>): Problem[] {
  if (template === undefined) {
    const hint = byId.size > MOST_NAMES ? undefined : didYouMean(link.template, byId.keys())
    const message = `link \`${link.id}\` names \`${link.template}\`, which does not exist`
    return [problem('ERR_POLICY_LINK_TEMPLATE', message, { hint })]
  }
  if (template.slots.length === 0) {
    const message = `link \`${link.id}\` names \`${link.template}\`, which is no template`
    const hint = 'a template has a slot: `principal == ?principal`, `resource in ?resource`'
    return [problem('ERR_POLICY_LINK_TEMPLATE', message, { span: scopeOf(template), label: 'has no slot', hint })]
  }
  return SLOTS.flatMap((slot) => {
    const hasSlot = template.slots.includes(slot)
    if (hasSlot === (link[slot] !== undefined)) return []
    const message = hasSlot
      ? `link \`${link.id}\` leaves \`?${slot}\` of \`${template.id}\` empty`
      : `link \`${link.id}\` fills \`?${slot}\`, which \`${template.id}\` has not`
    const label = hasSlot ? 'the slot' : 'no slot'
    return [problem('ERR_POLICY_LINK_SLOT', message, { span: template[slot].span, label })]
  })
}

/** Among more ids none is looked for: that would cost their number for each link. */
const MOST_NAMES = 1000

const SLOTS: readonly Slot[] = ['principal', 'resource']

/** A policy by what it is about; its annotations stand before it. */
function scopeOf({ principal, resource }: Policy): Span {
  return { ...principal.span, end: resource.span.end }
}
