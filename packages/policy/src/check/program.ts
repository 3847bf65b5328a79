// What must hold of policies and links before they are compiled. All problems are collected.

import type { TemplateLink } from '../compile/links.ts'
import type { PolicyErrorCode } from '../errors.ts'
import type { Problem } from '../problem.ts'
import type { Policy, Slot, Span } from '../syntax/tree.ts'
import { isTooDeep, MAXIMUM_DEPTH } from './depth.ts'

/** Problems of a program: duplicate ids, links that fit no template, expressions nested too deeply. */
export function checkProgram(policies: readonly Policy[], links: readonly TemplateLink[]): Problem[] {
  const byId = new Map(policies.map((policy) => [policy.id, policy]))
  return [
    ...checkIds(policies, links),
    ...policies.flatMap(checkDepth),
    ...links.flatMap((link) => checkLink(link, byId.get(link.template))),
  ]
}

/** Problems of links that are offered as grants: besides the slots, only a `permit` template may be granted. */
export function checkGrants(policies: readonly Policy[], grants: readonly TemplateLink[]): Problem[] {
  const byId = new Map(policies.map((policy) => [policy.id, policy]))
  return grants.flatMap((grant) => {
    const template = byId.get(grant.template)
    const problems = checkLink(grant, template)
    if (template?.effect !== 'forbid') return problems
    const message = `template \`${template.id}\` is a \`forbid\` and cannot be granted`
    return [...problems, problem('ERR_POLICY_GRANT_FORBID', message, template.span)]
  })
}

function checkIds(policies: readonly Policy[], links: readonly TemplateLink[]): Problem[] {
  const seen = new Set<string>()
  return [...policies, ...links].flatMap((item) => {
    const isFirst = !seen.has(item.id)
    seen.add(item.id)
    if (isFirst) return []
    const span = 'span' in item ? item.span : undefined
    const hint = 'give each policy its own `@id`'
    return [{ ...problem('ERR_POLICY_DUPLICATE_ID', `the id \`${item.id}\` is taken`, span), hint }]
  })
}

function checkDepth({ id, conditions }: Policy): Problem[] {
  return conditions
    .filter(({ body }) => isTooDeep(body))
    .map(({ span }) =>
      problem('ERR_POLICY_DEPTH', `a condition of \`${id}\` is nested deeper than ${MAXIMUM_DEPTH}`, span),
    )
}

function checkLink(link: TemplateLink, template: Policy | undefined): Problem[] {
  if (template === undefined || template.slots.length === 0) {
    const reason = template === undefined ? 'which does not exist' : 'which is no template'
    return [
      problem('ERR_POLICY_LINK_TEMPLATE', `link \`${link.id}\` names \`${link.template}\`, ${reason}`, template?.span),
    ]
  }
  return (['principal', 'resource'] as const).flatMap((slot: Slot) => {
    const hasSlot = template.slots.includes(slot)
    if (hasSlot === (link[slot] !== undefined)) return []
    const message = hasSlot
      ? `link \`${link.id}\` leaves \`?${slot}\` of \`${template.id}\` empty`
      : `link \`${link.id}\` fills \`?${slot}\`, which \`${template.id}\` has not`
    return [problem('ERR_POLICY_LINK_SLOT', message, template.span)]
  })
}

function problem(code: PolicyErrorCode, message: string, span: Span | undefined): Problem {
  return { severity: 'error', code, message, ...(span === undefined ? {} : { span }) }
}
