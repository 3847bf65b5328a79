// What is read of an entity that a guard never has: it knows the principal of the token and the resource that the handler loaded, and no
// entity behind them. Such a read errs, or finds nothing.

import { childrenOf, type Expression } from '@cardea/policy'
import { printExpression } from '@cardea/policy/print'
import { keyOf } from '../form/key.ts'
import type { PolicyForm } from '../form/policy-form.ts'
import type { Typing } from '../form/typing.ts'
import type { Check, Finding } from './check.ts'

export const unloaded: Check = {
  name: 'unloaded',
  code: 'ERR_VALIDATE_UNLOADED',
  find: ({ forms }) => forms.flatMap(findingsOf),
}

type Reason = Pick<Finding, 'message' | 'hint'>

/** Of each thing that is read, its first place. */
function findingsOf({ policy, typing }: PolicyForm): Finding[] {
  const found = new Map<string, Finding>()
  const equated = new Set<string>()
  for (const { body } of policy.conditions) addEquated(body, equated)
  for (const { body } of policy.conditions) walk(body)
  return [...found.values()]

  function walk(node: Expression): void {
    const reason = reasonFor(node, typing, equated)
    if (reason === undefined) {
      for (const child of childrenOf(node)) walk(child)
    } else if (!found.has(reason.message)) {
      found.set(reason.message, { ...reason, policy, span: node.span })
    }
  }
}

function reasonFor(node: Expression, typing: Typing, equated: ReadonlySet<string>): Reason | undefined {
  switch (node.kind) {
    case 'attribute':
    case 'has':
      return ofOther(node, node.of, typing, equated)
    case 'getTag':
    case 'hasTag':
      return ofTags(node.left) ?? ofOther(node, node.left, typing, equated)
    default:
      return undefined
  }
}

/** What is read of an entity that is neither the principal nor the resource. */
function ofOther(
  node: Expression,
  holder: Expression,
  typing: Typing,
  equated: ReadonlySet<string>,
): Reason | undefined {
  const types = holder.kind === 'variable' ? undefined : typing.entityTypesOf(holder)
  if (types === undefined || equated.has(keyOf(holder))) return undefined
  const { principals, resources } = typing.domain
  const [read, entity] = [printExpression(node), printExpression(holder)]
  const hint = 'make it an attribute of the principal or of the resource: these two are all that a guard knows'
  const [type] = types
  if (types.isDisjointFrom(principals) && types.isDisjointFrom(resources)) {
    return { message: `\`${read}\` is never there: nobody loads a \`${String(type)}\``, hint }
  }
  return {
    message: `\`${read}\` is there only where \`${entity}\` is the principal or the resource itself: nobody loads it`,
    hint,
  }
}

function ofTags(holder: Expression): Reason | undefined {
  if (holder.kind !== 'variable' || holder.name !== 'principal') return undefined
  return {
    message: 'tags of the principal are never there: no token carries them',
    hint: 'make them attributes of the principal',
  }
}

/** Terms that are compared with the principal or the resource: such a policy may know that they are one of them. */
function addEquated(node: Expression, equated: Set<string>): void {
  if (node.kind === 'equal' || node.kind === 'notEqual') {
    for (const [one, other] of [
      [node.left, node.right],
      [node.right, node.left],
    ] as const) {
      if (one.kind === 'variable') equated.add(keyOf(other))
    }
  }
  for (const child of childrenOf(node)) addEquated(child, equated)
}
