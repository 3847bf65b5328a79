// `principal`, `action`, `resource`, `context`. What reads one of their attributes or ancestors is compiled without the
// detour through their value: see `attribute`, `has` and `in`.

import type { Variable } from '../syntax/tree.ts'
import type { Operator } from './operator.ts'

export const variableOperator: Operator<Variable> = {
  compile({ name }) {
    switch (name) {
      case 'principal':
        return ({ principal }) => principal
      case 'action':
        return ({ action }) => action
      case 'resource':
        return ({ resource }) => resource
      case 'context':
        return ({ context }) => ({ kind: 'record', fields: context })
      default:
        return name satisfies never
    }
  },
  residual(node, partial) {
    const value = partial.known(node.name)
    return value === undefined ? node : { kind: 'literal', value, span: node.span }
  },
  typeOf: ({ name }, prove) => prove.declared.variable(name),
  neverErrs: () => true,
}
