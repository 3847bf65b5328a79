// What `x.getTag(name)` and `x.hasTag(name)` share: the left side is an entity, the name is a String and may be computed.

import type { Entity } from '../entity/entities.ts'
import type { Binary, Fault } from '../syntax/tree.ts'
import { entityReader } from './attribute.ts'
import { findEntity } from './evaluation.ts'
import { isFault, typeFault } from './fault.ts'
import type { Result } from './fault.ts'
import type { Operator } from './operator.ts'
import { finish } from './strict.ts'

export interface TagOperator extends Operator<Binary> {
  readonly prepare: (node: Binary) => (entity: Entity | undefined, name: string) => Result
}

/** `prepare` makes the faults of one node and answers what is done with the entity, which may be missing. */
export function tagOperator(isBoolean: boolean, prepare: TagOperator['prepare']): TagOperator {
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
      return unknown && right.kind !== 'fault' ? result : finish(result, [left, right], partial)
    },
    isBoolean: () => isBoolean,
    neverErrs: () => false,
  }
}

export function tagFaults(node: Binary): { holder: Fault; name: Fault } {
  return {
    holder: typeFault(`the receiver of \`${node.kind}\` is not an entity`, node),
    name: typeFault(`the argument of \`${node.kind}\` is not a String`, node),
  }
}
