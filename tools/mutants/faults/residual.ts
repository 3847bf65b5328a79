// Faults in residuals: parts that are folded though they can err, unknowns that are taken for absent, links that are lost.

import { type Fault, faultsIn } from '../fault.ts'

const OPERATOR = 'packages/policy/src/operator'

export const RESIDUAL_FAULTS: readonly Fault[] = [
  ...faultsIn(`${OPERATOR}/logic.ts`, [
    [
      'fold-errs',
      'return isBoolean(left, partial) && partial.neverErrs(left) ? right : node',
      'return isBoolean(left, partial) ? right : node',
      '`x && false` is false though x can err',
    ],
    [
      'fold-no-bool',
      'return isBoolean(left, partial) && partial.neverErrs(left) ? right : node',
      'return partial.neverErrs(left) ? right : node',
      '`x && false` is false though x is no Bool',
    ],
    [
      'fold-left',
      "if (isLiteral(left, decisive) || left.kind === 'fault') return left",
      "if (left.kind === 'fault') return left",
      'what follows a side that decides is kept, and may err',
    ],
    [
      'fold-fault',
      "if (isLiteral(left, decisive) || left.kind === 'fault') return left",
      'if (isLiteral(left, decisive)) return left',
      'what follows an error is looked at',
    ],
    [
      'focus-right',
      'if (isHopeless) return right\n',
      'if (isHopeless) return focus(node.left, wanted)\n',
      'a side that is hopeless is passed over',
    ],
    [
      'focus-left',
      'if (wanted === decisive) return isHopeless ? focus(node.left, wanted) : { ...node, right }',
      'if (wanted === decisive) return focus(node.left, wanted)',
      'of two ways to be decided one is lost',
    ],
    [
      'focus-both',
      "return right.kind === 'literal' ? left : { ...node, left, right }",
      'return left',
      'the right side is lost',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/not.ts`, [
    ['focus-not', 'focus(node.operand, !wanted)', 'focus(node.operand, wanted)', '`!` asks for the wrong value'],
    [
      'focus-not-literal',
      'value: operand.value !== true',
      'value: operand.value === true',
      '`!` of a constant is kept',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/if.ts`, [
    [
      'residual-if',
      'partial.residual(test.value ? node.then : node.else)',
      'partial.residual(test.value ? node.else : node.then)',
      'the wrong branch is left',
    ],
    [
      'focus-if',
      'const otherwise = focus(node.else, wanted)',
      'const otherwise = focus(node.then, wanted)',
      'both branches are the first',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/strict.ts`, [
    [
      'residual-fault',
      'if (fault !== undefined) return fault\n',
      '',
      'an error of a known part is not an error of the whole',
    ],
    [
      'residual-evaluates',
      "operands.every((operand) => operand.kind === 'literal')",
      "operands.some((operand) => operand.kind === 'literal')",
      'what is half known is evaluated',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/in.ts`, [
    [
      'residual-in-unknown',
      'isUnknown(left.value, partial) ? result : partial.evaluate(result)',
      'partial.evaluate(result)',
      'an entity that is not loaded is in nothing',
    ],
    [
      'residual-in-holders',
      'member.type === type ? [member, ...holders] : holders',
      'holders',
      'a known entity is not in itself',
    ],
    [
      'residual-in-ancestors',
      'member.type === type ? [member, ...holders] : holders',
      'member.type === type ? [member] : []',
      'a known entity has no ancestors',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/attribute.ts`, [
    [
      'residual-attribute',
      'return unknown ? result : partial.evaluate(result)',
      'return partial.evaluate(result)',
      'attributes of what is not loaded are errors',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/tag.ts`, [
    [
      'residual-tag',
      "if (unknown && right.kind !== 'fault') return result",
      '',
      'tags of what is not loaded are absent',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/has.ts`, [
    [
      'residual-has',
      "if (value.kind === 'entity' && !partial.knowsEntity(value)) return result",
      '',
      'what is not loaded has nothing',
    ],
    [
      'residual-has-context',
      'if (!partial.knowsContext(name)) return declaredAnswer(node, partial)',
      '',
      'unknown context is absent',
    ],
    [
      'residual-has-undeclared',
      "if (field === 'undeclared') return { kind: 'literal', value: false, span }",
      "if (field === 'undeclared') return { kind: 'literal', value: true, span }",
      'what the schema does not declare is there',
    ],
    [
      'residual-has-optional',
      "field.optional !== true && isThere(of, prove) ? { kind: 'literal', value: true, span } : node",
      "isThere(of, prove) ? { kind: 'literal', value: true, span } : node",
      'what is optional is there',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/equality.ts`, [
    [
      'residual-differ',
      'areDisjoint(left, right, partial) && partial.neverErrs(left) && partial.neverErrs(right)',
      'areDisjoint(left, right, partial)',
      'what differs by type is unequal though it can err',
    ],
    [
      'residual-differ-value',
      "differ ? { kind: 'literal', value: !equal, span }",
      "differ ? { kind: 'literal', value: equal, span }",
      'what differs by type is equal',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/prove.ts`, [
    [
      'prove-not',
      'return presentWhere(node.operand, !value)',
      'return presentWhere(node.operand, value)',
      '`!(x has a)` proves that x has a',
    ],
    ['prove-or', "if (value !== (node.kind === 'and')) return []", '', '`x has a || y` proves that x has a'],
  ]),
  ...faultsIn(`${OPERATOR}/type-of.ts`, [
    ['prove-class', 'one.type !== other.type ||', 'one.type === other.type ||', 'values of a type never are equal'],
  ]),
]
