// What an extension function is: how many arguments it takes (a method's receiver is the first), and its meaning.

import type { PrimitiveTypeName } from '../../schema/definition.ts'
import type { Call } from '../../syntax/tree.ts'
import type { ExtensionValue } from '../../value/extension-text.ts'
import type { Value } from '../../value/value.ts'
import { typeFault } from '../fault.ts'
import type { Result } from '../fault.ts'

export interface Extension {
  readonly arity: 1 | 2
  readonly isMethod: boolean
  /** What it answers. */
  readonly result: PrimitiveTypeName
  /** The types that it takes, if with these it never errs. */
  readonly total?: readonly PrimitiveTypeName[]
  /** Makes the faults of one node and answers what is applied to its arguments; the second is idle when there is one. */
  readonly prepare: (node: Call) => (first: Value, second: Value) => Result
}

type OfKind<Kind extends ExtensionValue['kind']> = Extract<ExtensionValue, { kind: Kind }>

/** A method without arguments. */
export function method<Kind extends ExtensionValue['kind']>(
  kind: Kind,
  result: PrimitiveTypeName,
  apply: (receiver: OfKind<Kind>) => Result | undefined,
  overflow?: (node: Call) => Result,
): Extension {
  return {
    arity: 1,
    isMethod: true,
    result,
    ...(overflow === undefined ? { total: [kind] } : {}),
    prepare(node) {
      const type = typeFault(`the receiver of \`${node.function}\` is not of type \`${kind}\``, node)
      const failed = overflow?.(node) ?? type
      return (receiver) => (isKind(receiver, kind) ? (apply(receiver) ?? failed) : type)
    },
  }
}

/** A method with one argument. */
export function binaryMethod<First extends ExtensionValue['kind'], Second extends ExtensionValue['kind']>(
  kinds: readonly [First, Second],
  result: PrimitiveTypeName,
  apply: (receiver: OfKind<First>, argument: OfKind<Second>) => Result | undefined,
  overflow?: (node: Call) => Result,
): Extension {
  const [first, second] = kinds
  return {
    arity: 2,
    isMethod: true,
    result,
    ...(overflow === undefined ? { total: kinds } : {}),
    prepare(node) {
      const type = typeFault(`\`${node.function}\` takes a \`${first}\` and a \`${second}\``, node)
      const failed = overflow?.(node) ?? type
      return (receiver, argument) =>
        isKind(receiver, first) && isKind(argument, second) ? (apply(receiver, argument) ?? failed) : type
    },
  }
}

function isKind<Kind extends ExtensionValue['kind']>(value: Value, kind: Kind): value is OfKind<Kind> {
  return typeof value === 'object' && value.kind === kind
}
