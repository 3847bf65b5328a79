// `x is Type` and `x is Type in y`: the entity's own type, by name; `y` is evaluated only if the type fits.

import type { Binary, Expression, Fault, Is } from '../syntax/tree.ts'
import { isFault, typeFault } from './fault.ts'
import { inFaults, isMember } from './in.ts'
import type { Operator, Proof } from './operator.ts'
import { BOOL, isEntity } from './type-of.ts'

export const isOperator: Operator<Is> = {
  compile(node, compile) {
    const { type } = node
    const operand = compile(node.of)
    const fault = isOperatorFault(node)
    const within = node.in === undefined ? undefined : compile(node.in)
    const { right } = inFaults(node)
    return (evaluation) => {
      const value = operand(evaluation)
      if (typeof value !== 'object') return fault
      if (value.kind !== 'entity') return isFault(value) ? value : fault
      if (value.type !== type) return false
      if (within === undefined) return true
      const holder = within(evaluation)
      return isFault(holder) ? holder : (isMember(evaluation, value, holder) ?? right)
    }
  },
  residual(node, partial): Expression {
    const of = partial.residual(node.of)
    if (of.kind === 'fault') return of
    const type = entityTypeOf(of, partial)
    if (type === undefined) {
      const unknown: Is = { ...node, of }
      if (of.kind === 'literal') return partial.evaluate(unknown)
      return node.in === undefined ? unknown : { ...unknown, in: partial.residual(node.in) }
    }
    if (type === node.type && node.in !== undefined) return partial.residual(membership(of, node.in, node))
    return { kind: 'literal', value: type === node.type, span: node.span }
  },
  typeOf: () => BOOL,
  neverErrs: (node, prove) =>
    isEntity(node.of, prove) &&
    prove.neverErrs(node.of) &&
    (node.in === undefined || prove.neverErrs(membership(node.of, node.in, node))),
}

export function isOperatorFault(node: Is): Fault {
  return typeFault('the left side of `is` is not an entity', node)
}

/** The type of an entity that is known, or whose type is. */
function entityTypeOf(node: Expression, prove: Proof): string | undefined {
  const type = prove.typeOf(node)
  return type?.type === 'Entity' && prove.neverErrs(node) ? type.name : undefined
}

function membership(left: Expression, right: Expression, { span }: Is): Binary {
  return { kind: 'in', left, right, span }
}
