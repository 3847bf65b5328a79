// `x in y`: the entity itself or one of its ancestors, for an entity or any member of a set. Every member of the set must be an
// entity, also those after a match. An entity that is not there is in itself only.

import { sameEntity } from '../entity/uid.ts'
import type { TypeDefinition } from '../schema/definition.ts'
import type { Binary, Expression, Fault, Span } from '../syntax/tree.ts'
import { setValue } from '../value/equality.ts'
import type { EntityUid, SetValue, Value } from '../value/value.ts'
import { findEntity, hasAncestor, isWithin } from './evaluation.ts'
import type { Evaluation } from './evaluation.ts'
import { isFault, typeFault } from './fault.ts'
import type { Compile, Evaluate, Operator, PartialEvaluation, Proof } from './operator.ts'
import { isReference } from './reference.ts'
import { BOOL, isEntity } from './type-of.ts'

export const inOperator: Operator<Binary> = {
  compile(node, compile) {
    const fast = compileVariableIn(node)
    if (fast !== undefined) return fast
    return compileGeneral(node, compile)
  },

  residual(node, partial) {
    const left = partial.residual(node.left)
    const right = partial.residual(node.right)
    if (left.kind === 'fault') return left
    if (right.kind === 'fault') return right
    const result: Binary = { ...node, left, right }
    if (right.kind !== 'literal') {
      return left.kind === 'literal' ? residualOfMember(result, left.value, right, partial) : result
    }
    if (!isReferenceOrReferences(right.value)) return rightFault(node)
    if (left.kind === 'literal') return isUnknown(left.value, partial) ? result : partial.evaluate(result)
    if (isNeverWithin(left, right.value, partial)) return { kind: 'literal', value: false, span: node.span }
    // an empty set holds nothing, but what may be no entity still has to err
    const isEmpty = right.value.kind === 'set' && right.value.elements.length === 0
    return isEmpty && isReference(left) ? { kind: 'literal', value: false, span: node.span } : result
  },

  typeOf: () => BOOL,
  neverErrs: ({ left, right }, prove) =>
    isEntity(left, prove) && prove.neverErrs(left) && isHolder(right, prove) && prove.neverErrs(right),
}

/** `principal in Team::"a"` and `resource in Folder::"b"`: the entity was already found. */
function compileVariableIn({ left, right }: Binary): Evaluate | undefined {
  if (left.kind !== 'variable' || right.kind !== 'literal') return undefined
  const { value } = right
  if (typeof value !== 'object' || value.kind !== 'entity') return undefined
  const { type, id } = value
  if (left.name === 'principal') {
    return ({ principal, principalEntity }) =>
      (principal.id === id && principal.type === type) || hasAncestor(principalEntity, value)
  }
  if (left.name === 'resource') {
    return ({ resource, resourceEntity }) =>
      (resource.id === id && resource.type === type) || hasAncestor(resourceEntity, value)
  }
  return undefined
}

function compileGeneral(node: Binary, compile: Compile): Evaluate {
  const left = compile(node.left)
  const right = compile(node.right)
  const faults = inFaults(node)
  return (evaluation) => {
    const member = left(evaluation)
    if (isFault(member)) return member
    const holder = right(evaluation)
    if (isFault(holder)) return holder
    if (typeof member !== 'object' || member.kind !== 'entity') return faults.left
    return isMember(evaluation, member, holder) ?? faults.right
  }
}

/** `undefined` when the holder is neither an entity nor a set of entities. */
export function isMember(evaluation: Evaluation, member: EntityUid, holder: Value): boolean | undefined {
  if (typeof holder !== 'object') return undefined
  if (holder.kind === 'entity') return isWithin(evaluation, member, holder)
  if (holder.kind !== 'set') return undefined
  let found = false
  for (const element of holder.elements) {
    if (typeof element !== 'object' || element.kind !== 'entity') return undefined
    found ||= isWithin(evaluation, member, element)
  }
  return found
}

export function inFaults(node: { readonly span: Span }): { left: Fault; right: Fault } {
  return { left: typeFault('the left side of `in` is not an entity', node), right: rightFault(node) }
}

function isUnknown(value: Value, partial: PartialEvaluation): boolean {
  return typeof value === 'object' && value.kind === 'entity' && !partial.knowsEntity(value)
}

/** A known entity in something that depends on the resource: is that one of the entity and its known ancestors? */
function residualOfMember(node: Binary, member: Value, right: Expression, partial: PartialEvaluation): Expression {
  const { span } = node
  if (typeof member !== 'object' || member.kind !== 'entity')
    return typeFault('the left side of `in` is not an entity', node)
  const type = partial.declaredType(right)
  const target = entityTypeOf(type)
  // a principal or resource without entity can only be the unknown itself (then `in` is reflexive), or is not there at all
  const isSeen = partial.knowsEntity(member) || (right.kind === 'variable' && isOfRequest(member, partial))
  if (target === undefined || !isSeen) return node
  const holders: Expression = { kind: 'literal', value: setValue(holdersOf(member, target, partial)), span }
  if (type?.type === 'Set') return { kind: 'containsAny', left: right, right: holders, span }
  return partial.residual({ kind: 'contains', left: holders, right, span })
}

function isOfRequest(uid: EntityUid, { evaluation: { principal, resource } }: PartialEvaluation): boolean {
  return sameEntity(uid, principal) || sameEntity(uid, resource)
}

/** True when the schema lets nothing of the left side's type be in any of the holders, or be one. */
function isNeverWithin(left: Expression, holders: EntityUid | SetValue, prove: Proof): boolean {
  const type = entityTypeOf(prove.typeOf(left))
  const above = type === undefined ? undefined : prove.declared.ancestorTypes(type)
  if (above === undefined || !prove.neverErrs(left)) return false
  const uids = holders.kind === 'entity' ? [holders] : holders.elements
  return uids.every(
    (uid) => typeof uid === 'object' && uid.kind === 'entity' && uid.type !== type && !above.has(uid.type),
  )
}

function holdersOf(member: EntityUid, type: string, partial: PartialEvaluation): EntityUid[] {
  const ids = findEntity(partial.evaluation, member)?.ancestors.get(type) ?? new Set<string>()
  const holders = [...ids].map((id): EntityUid => ({ kind: 'entity', type, id }))
  return member.type === type ? [member, ...holders] : holders
}

function entityTypeOf(type: TypeDefinition | undefined): string | undefined {
  if (type?.type === 'Entity') return type.name
  return type?.type === 'Set' && type.element.type === 'Entity' ? type.element.name : undefined
}

/** True when its value, if it has one, may stand on the right side. */
function isHolder(node: Expression, prove: Proof): boolean {
  if (node.kind === 'literal') return isReferenceOrReferences(node.value)
  if (node.kind === 'set') return node.elements.every((element) => isEntity(element, prove))
  return isEntity(node, prove) || entityTypeOf(prove.typeOf(node)) !== undefined
}

function isReferenceOrReferences(value: Value): value is EntityUid | SetValue {
  if (typeof value !== 'object') return false
  if (value.kind === 'entity') return true
  return (
    value.kind === 'set' && value.elements.every((element) => typeof element === 'object' && element.kind === 'entity')
  )
}

function rightFault(node: { readonly span: Span }): Fault {
  return typeFault('the right side of `in` is neither an entity nor a set of entities', node)
}
