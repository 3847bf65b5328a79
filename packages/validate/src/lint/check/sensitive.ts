// A `@sensitive` action that somebody may do with neither a second factor nor a grant that ends.
//
// Asks for a second factor: a condition that must hold and reads `context.acr`, `context.authTime` or `context.mfa`; of the permit
// itself, or of a forbid that could not be passed otherwise. A grant that ends: the permit is a template with `@until`, of which the
// authority makes no grant without an end.

import { childrenOf, type Expression } from '@cardea/policy'
import { annotationOf } from '@cardea/policy/annotation'
import { bothOf, type Cube, type Literal } from '../form/cubes.ts'
import { narrow } from '../form/domain.ts'
import { factsOf } from '../form/facts.ts'
import { failingCubes, type PolicyForm } from '../form/policy-form.ts'
import { createTyping, type Typing } from '../form/typing.ts'
import type { Check, Finding, Subject } from './check.ts'

/** What tells of a second factor: the first two are reserved, the third is a name for your own. */
const FACTORS: ReadonlySet<string> = new Set(['acr', 'authTime', 'mfa'])

export const sensitive: Check = {
  name: 'sensitive',
  code: 'ERR_VALIDATE_SENSITIVE',
  find(subject) {
    const actions = sensitiveActions(subject)
    if (actions.length === 0) return []
    const forbids = subject.forms.flatMap(guardOf)
    return subject.forms.flatMap((form): Finding[] => {
      const { policy } = form
      if (policy.effect !== 'permit' || (policy.slots.length > 0 && policy.annotations.has('until'))) return []
      const open = actions.filter((action) => isOpen(form, action, forbids, subject))
      if (open.length === 0) return []
      const isTemplate = policy.slots.length > 0
      return [
        {
          policy,
          message: `\`${policy.id}\` permits ${listed(open)}, which is \`@sensitive\`, without a second factor${isTemplate ? ' and by grants that never end' : ''}`,
          hint: isTemplate
            ? 'give the template `@until`, or ask for `context.acr` or `context.authTime` in it or in a `forbid`'
            : 'ask for `context.acr` or `context.authTime` in it or in a `forbid`',
          span: policy.action.span,
        },
      ]
    })
  },
}

function sensitiveActions({ schema }: Subject): readonly string[] {
  return Object.entries(schema.definition.actions)
    .filter(([, definition]) => annotationOf(definition, 'sensitive') !== undefined)
    .map(([name]) => name)
}

/** The ways past a forbid that reads a second factor at all. */
function guardOf(form: PolicyForm): { readonly form: PolicyForm; readonly passing: readonly Cube[] }[] {
  const { policy, parts } = form
  if (policy.effect !== 'forbid' || policy.slots.length > 0 || !parts.some(({ node }) => readsFactor(node))) return []
  const passing = failingCubes(form)
  return passing === undefined ? [] : [{ form, passing }]
}

/** True when one way of the permit, and one past each forbid, asks for no second factor. */
function isOpen(
  form: PolicyForm,
  action: string,
  forbids: ReturnType<typeof guardOf>,
  { schema, waysOf }: Subject,
): boolean {
  const { domain } = form.typing
  if (!domain.actions.has(action)) return false
  const typing = createTyping(schema, narrow(domain, { actions: new Set([action]) }, schema))
  return (waysOf(form) ?? []).some(({ cube }) => {
    if (asks(cube) || factsOf(cube, typing).areImpossible) return false
    // unsure what it takes to pass a forbid that was not looked at: then nothing is said
    return forbids.every(({ passing }) => isPassable(cube, passing, typing))
  })
}

function isPassable(cube: Cube, passing: readonly Cube[], typing: Typing): boolean {
  const ways = bothOf([cube], passing)
  return ways !== undefined && ways.some((way) => !asks(way) && !factsOf(way, typing).areImpossible)
}

function asks(cube: Cube): boolean {
  return [...cube.values()].some(({ node }: Literal) => readsFactor(node))
}

function readsFactor(node: Expression): boolean {
  if (node.kind === 'attribute' && node.of.kind === 'variable' && node.of.name === 'context') {
    return FACTORS.has(node.name)
  }
  return childrenOf(node).some(readsFactor)
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}
