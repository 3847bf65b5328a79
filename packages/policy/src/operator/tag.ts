// What `x.getTag(name)` and `x.hasTag(name)` share: the left side is an entity, the name is a String and may be computed.

import type { Entity } from '../entity/entities.ts'
import type { EntityTypeDefinition } from '../schema/definition.ts'
import type { Binary, Expression, Fault } from '../syntax/tree.ts'
import { entityReader } from './attribute.ts'
import { findEntity } from './evaluation.ts'
import { isFault, typeFault } from './fault.ts'
import type { Result } from './fault.ts'
import type { Operator, Proof } from './operator.ts'
import { finish } from './strict.ts'
import { BOOL, hasType, isEntity } from './type-of.ts'

export interface TagOperator extends Operator<Binary> {
  readonly prepare: (node: Binary) => (entity: Entity | undefined, name: string) => Result
}

/** `prepare` makes the faults of one node and answers what is done with the entity, which may be missing. */
export function tagOperator(sign: 'getTag' | 'hasTag', prepare: TagOperator['prepare']): TagOperator {
  return {
    prepare,
    compile(node, compile) {
      const apply = prepare(node)
      const right = compile(node.right)
      const { holder: holderFault, name: nameFault } = tagFaults(node)
      const entity = entityReader(node.left)
      if (entity !== undefined) {
        return (evaluation) => {
          const name = right(evaluation)
          if (typeof name === 'string') return apply(entity(evaluation), name)
          return isFault(name) ? name : nameFault
        }
      }
      const left = compile(node.left)
      return (evaluation) => {
        const holder = left(evaluation)
        if (isFault(holder)) return holder
        const name = right(evaluation)
        if (isFault(name)) return name
        if (typeof holder !== 'object' || holder.kind !== 'entity') return holderFault
        return typeof name === 'string' ? apply(findEntity(evaluation, holder), name) : nameFault
      }
    },
    residual(node, partial) {
      const left = partial.residual(node.left)
      const right = partial.residual(node.right)
      const value = left.kind === 'literal' ? left.value : undefined
      const unknown = typeof value === 'object' && value.kind === 'entity' && !partial.knowsEntity(value)
      const result: Binary = { ...node, left, right }
      if (unknown && right.kind !== 'fault') return result
      const isNever = sign === 'hasTag' && hasNoTags(left, partial) && isSafe(result, partial)
      return isNever ? { kind: 'literal', value: false, span: node.span } : finish(result, [left, right], partial)
    },
    typeOf: ({ left }, prove) => (sign === 'hasTag' ? BOOL : entityTypeOf(left, prove)?.tags),
    neverErrs: (node, prove) => (sign === 'hasTag' ? isSafe(node, prove) : prove.isPresent(node.left, node.right)),
  }
}

export function tagFaults(node: Binary): { holder: Fault; name: Fault } {
  return {
    holder: typeFault(`the receiver of \`${node.kind}\` is not an entity`, node),
    name: typeFault(`the argument of \`${node.kind}\` is not a String`, node),
  }
}

/** True when both sides have values of the right types. */
function isSafe({ left, right }: Binary, prove: Proof): boolean {
  return isEntity(left, prove) && prove.neverErrs(left) && hasType(right, 'String', prove) && prove.neverErrs(right)
}

function hasNoTags(node: Expression, prove: Proof): boolean {
  const type = entityTypeOf(node, prove)
  return type !== undefined && type.tags === undefined
}

function entityTypeOf(node: Expression, prove: Proof): EntityTypeDefinition | undefined {
  const type = prove.typeOf(node)
  return type?.type === 'Entity' ? prove.declared.entityType(type.name) : undefined
}
