// What the project's own mappings leave out: an attribute or a membership that a policy asks for, and that neither the claims of the
// identity provider nor the rows ever say.

import { childrenOf, type Expression } from '@cardea/policy'
import type { PolicyForm } from '../form/policy-form.ts'
import type { Typing } from '../form/typing.ts'
import type { Supply } from '../supply.ts'
import type { Check, Finding } from './check.ts'

export const unmapped: Check = {
  name: 'unmapped',
  code: 'ERR_VALIDATE_UNMAPPED',
  needsSupply: true,
  find: ({ forms, supply }) => forms.flatMap((form) => findingsOf(form, supply)),
}

type Reason = Pick<Finding, 'message' | 'hint'>

/** Of each thing that is read, its first place. */
function findingsOf({ policy, typing, parts }: PolicyForm, supply: Supply): Finding[] {
  const found = new Map<string, Finding>()
  for (const { node } of parts) walk(node)
  return [...found.values()]

  function walk(node: Expression): void {
    const reason = reasonFor(node, typing, supply)
    if (reason === undefined) {
      for (const child of childrenOf(node)) walk(child)
    } else if (!found.has(reason.message)) {
      found.set(reason.message, { ...reason, policy, span: node.span })
    }
  }
}

/** Of the canonical form, in which `is` and a `has` of a path are taken apart. */
function reasonFor(node: Expression, typing: Typing, supply: Supply): Reason | undefined {
  switch (node.kind) {
    case 'attribute':
      return ofOwn(node.of, node.name, typing, supply)
    case 'has':
      return ofOwn(node.of, node.path[0] ?? '', typing, supply)
    case 'in':
      return ofMembership(node.left, node.right, typing, supply)
    default:
      return undefined
  }
}

/** What the mappings leave out, of every type that the variable can have. */
function ofOwn(of: Expression, name: string, { domain }: Typing, supply: Supply): Reason | undefined {
  if (of.kind !== 'variable') return undefined
  if (of.name === 'context') {
    if (name !== 'tenant' || supply.principal === undefined || supply.principal.hasTenant) return undefined
    return {
      message: '`context.tenant` is never there: the claim mapping names no `tenant`',
      hint: 'name the claim that holds it: `tenant: "org_id"`',
    }
  }
  if (of.name === 'principal' && supply.principal !== undefined) {
    const { type, attributes } = supply.principal
    if (domain.principals.size !== 1 || !domain.principals.has(type) || attributes.has(name)) return undefined
    return {
      message: `\`principal.${name}\` is never there: the claim mapping of \`${type}\` names no claim for it`,
      hint: 'name the claim, or leave the attribute out of the policy',
    }
  }
  if (of.name !== 'resource' || domain.resources.size === 0) return undefined
  const isMapped = [...domain.resources].some((type) => supply.resources?.get(type)?.attributes.has(name) !== false)
  if (isMapped) return undefined
  return {
    message: `\`resource.${name}\` is never there: the mapping of ${listed(domain.resources)} has no column for it`,
    hint: 'map the attribute to a column, or leave it out of the policy',
  }
}

/** A membership that no claim and no column names. An entity that is not loaded is in nothing but itself. */
function ofMembership(left: Expression, right: Expression, { domain }: Typing, supply: Supply): Reason | undefined {
  if (left.kind !== 'variable' || right.kind !== 'literal') return undefined
  const { value } = right
  if (typeof value !== 'object' || value.kind !== 'entity') return undefined
  if (left.name === 'principal' && supply.principal !== undefined) {
    const { type, ancestors } = supply.principal
    const isOther = domain.principals.size !== 1 || !domain.principals.has(type) || value.type === type
    if (isOther || ancestors.has(value.type)) return undefined
    return {
      message: `the principal is never in a \`${value.type}\`: the claim mapping of \`${type}\` names no claim for it`,
      hint: 'name the claim that holds its memberships',
    }
  }
  if (left.name !== 'resource' || domain.resources.size === 0 || domain.resources.has(value.type)) return undefined
  const isMapped = [...domain.resources].some(
    (type) => supply.resources?.get(type)?.ancestors.has(value.type) !== false,
  )
  if (isMapped) return undefined
  return {
    message: `the resource is never in a \`${value.type}\`: the mapping of ${listed(domain.resources)} has no column for it`,
    hint: 'map the parent to a column',
  }
}

function listed(types: ReadonlySet<string>): string {
  return [...types].map((type) => `\`${type}\``).join(' and ')
}
