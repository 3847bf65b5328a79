// Faults in operators, as closures run them: wrong results, errors that are swallowed, parts that are not evaluated or too many.

import { type Fault, faultsIn } from '../fault.ts'

const OPERATOR = 'packages/policy/src/operator'

export const OPERATOR_FAULTS: readonly Fault[] = [
  ...faultsIn(`${OPERATOR}/less.ts`, [['less', 'left < right', 'left <= right', '`<` holds for equals']]),
  ...faultsIn(`${OPERATOR}/less-equal.ts`, [['less-equal', 'left <= right', 'left < right', '`<=` fails for equals']]),
  ...faultsIn(`${OPERATOR}/greater.ts`, [['greater', 'left > right', 'left < right', '`>` is `<`']]),
  ...faultsIn(`${OPERATOR}/greater-equal.ts`, [
    ['greater-equal', 'left >= right', 'left > right', '`>=` fails for equals'],
  ]),
  ...faultsIn(`${OPERATOR}/comparison.ts`, [
    [
      'comparison-mixed',
      "left.kind === 'datetime' && right.kind === 'datetime'",
      "left.kind === 'datetime'",
      'a datetime compares with a duration',
    ],
    [
      'comparison-type',
      'return isLong(right) ? holds(left, right) : fault',
      'return holds(left, right)',
      'a Long compares with anything',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/arithmetic.ts`, [
    ['arithmetic-overflow', '(compute(left, right) ?? overflow)', '(compute(left, right) ?? 0)', 'overflow gives 0'],
    ['arithmetic-type', 'isLong(left) && isLong(right) ?', 'isLong(left) ?', 'a Long plus anything'],
  ]),
  ...faultsIn(`${OPERATOR}/negate.ts`, [
    [
      'negate-overflow',
      '(negateLong(operand) ?? overflow)',
      '(negateLong(operand) ?? operand)',
      'the smallest Long is its own opposite',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/not.ts`, [
    ['not-keeps', 'return !value', 'return value', '`!` does not negate'],
    [
      'not-type',
      'return isFault(value) ? value : fault',
      'return isFault(value) ? value : false',
      '`!` of no Bool is false',
    ],
    [
      'not-swallows',
      'return isFault(value) ? value : fault',
      'return isFault(value) ? true : fault',
      '`!` of an error is true',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/if.ts`, [
    [
      'if-branches',
      'if (value === true) return then(evaluation)',
      'if (value === true) return otherwise(evaluation)',
      '`if` takes the wrong branch',
    ],
    [
      'if-type',
      'return isFault(value) ? value : fault',
      'return isFault(value) ? value : otherwise(evaluation)',
      'a test that is no Bool is false',
    ],
    [
      'if-swallows',
      'return isFault(value) ? value : fault',
      'return isFault(value) ? otherwise(evaluation) : fault',
      'an error in the test is false',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/logic-closure.ts`, [
    [
      'logic-swallows-left',
      'restOf(rest, evaluateRight(evaluation)) : faultOf(left, fault)',
      'restOf(rest, evaluateRight(evaluation)) : whole',
      'an error on the left decides',
    ],
    [
      'logic-near-swallows-left',
      'restOf(rest, readAttribute(other, evaluation)) : faultOf(left, fault)',
      'restOf(rest, readAttribute(other, evaluation)) : whole',
      'an error of an attribute on the left decides',
    ],
    [
      'logic-skips-left',
      "return typeof left === 'boolean' ? restOf(rest, evaluateRight(evaluation))",
      "return typeof left === 'boolean' || isFault(left) ? restOf(rest, evaluateRight(evaluation))",
      'an error on the left is passed over',
    ],
    [
      'logic-type-right',
      "return typeof value === 'boolean' ? value !== flips : faultOf(value, fault)",
      "return typeof value === 'boolean' ? value !== flips : value",
      'the right side may be no Bool',
    ],
    [
      'logic-swallows-right',
      "return typeof value === 'boolean' ? value !== flips : faultOf(value, fault)",
      "return typeof value === 'boolean' ? value !== flips : isFault(value) ? flips : fault",
      'an error on the right is a Bool',
    ],
    [
      'logic-type',
      'return isFault(result) ? result : fault',
      'return fault',
      'every error of an operand is that it is no Bool',
    ],
    [
      'logic-eager',
      'const left = evaluateLeft(evaluation)\n    if (left === decides) return whole\n',
      'const left = evaluateLeft(evaluation)\n',
      'the right side is evaluated always',
    ],
    [
      'logic-near-eager',
      'const left = readAttribute(near, evaluation)\n      if (left === decides) return whole\n',
      'const left = readAttribute(near, evaluation)\n',
      'an attribute on the right is read always',
    ],
    [
      'logic-negated-whole',
      'const whole = decisive !== isNegated',
      'const whole = decisive',
      '`!` of what the left side decides is not negated',
    ],
    [
      'logic-negated-left',
      'const decides = decisive !== first.isNegated',
      'const decides = decisive',
      '`!` on the left is dropped',
    ],
    ['logic-negated-right', 'flips: second.isNegated !== isNegated', 'flips: isNegated', '`!` on the right is dropped'],
    [
      'logic-negated-rest',
      'flips: second.isNegated !== isNegated',
      'flips: second.isNegated',
      '`!` of what the right side decides is not negated',
    ],
    ['logic-chain-order', 'partOf(left, at)].toReversed()', 'partOf(left, at)]', 'a chain is evaluated from its end'],
    [
      'logic-chain-swallows',
      "if (typeof value !== 'boolean') return faultOf(value, part.fault)",
      "if (typeof value !== 'boolean') return decisive !== isNegated",
      'an error in a chain decides',
    ],
    [
      'logic-chain-short',
      'if ((value !== part.isNegated) === decisive) return',
      'if (part === parts[0] && (value !== part.isNegated) === decisive) return',
      'only the first of a chain decides',
    ],
    [
      'logic-chain-negated',
      '(value !== part.isNegated) === decisive',
      'value === decisive',
      '`!` in a chain is dropped',
    ],
    [
      'logic-chain-whole',
      'return decisive === isNegated',
      'return !decisive',
      '`!` of a chain that nothing decides is not negated',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/and.ts`, [['and-is-or', ', false)', ', true)', '`&&` is decided by true']]),
  ...faultsIn(`${OPERATOR}/equality.ts`, [
    ['not-equal', '(left === right) === equal', 'left === right', '`!=` of numbers is `==`'],
    [
      'equality-swallows',
      'return isFault(right) ? right : (left',
      'return (left',
      'an error on the right of `==` is a value',
    ],
    [
      'equality-swallows-left',
      "if (left.kind === 'fault') return left\n",
      '',
      'an error on the left of `==` is a value',
    ],
    [
      'equality-swallows-object',
      "if (right.kind === 'fault') return right\n",
      '',
      'an error on the right of a set is a value',
    ],
    [
      'equality-near',
      'compare(readAttribute(near, evaluation), readAttribute(other, evaluation), equal)',
      'compare(readAttribute(near, evaluation), readAttribute(near, evaluation), equal)',
      'an attribute is compared with itself',
    ],
    [
      'equality-other-kind',
      "return (value.kind === 'entity' && sameEntity(value, uid)) === equal",
      "return (value.kind !== 'entity' || sameEntity(value, uid)) === equal",
      'a set equals an entity',
    ],
    [
      'equality-swallows-reference',
      "if (value.kind === 'fault') return value\n",
      "if (value.kind === 'fault') return !equal\n",
      'an error beside a reference is unequal to it',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/in.ts`, [
    [
      'in-last',
      'found ||= isWithin(evaluation, member, element)',
      'found = isWithin(evaluation, member, element)',
      'only the last of a set counts',
    ],
    [
      'in-stops',
      'found ||= isWithin(evaluation, member, element)',
      'if (isWithin(evaluation, member, element)) return true',
      'what follows a match need be no entity',
    ],
    ['in-principal-ancestor', 'hasAncestor(principalEntity, value)', 'false', 'the principal is in nothing'],
    [
      'in-resource-ancestor',
      'hasAncestor(resourceEntity, value)',
      'hasAncestor(undefined, value)',
      'the resource is in nothing',
    ],
    [
      'in-principal-type',
      '(principal.id === id && principal.type === type)',
      '(principal.id === id)',
      '`principal in` ignores the type',
    ],
    [
      'in-swallows',
      'if (isFault(holder)) return holder',
      'if (isFault(holder)) return false',
      'an error on the right of `in` is false',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/evaluation.ts`, [
    [
      'in-not-reflexive',
      'return sameEntity(uid, ancestor) || hasAncestor',
      'return hasAncestor',
      'an entity is not in itself',
    ],
    ['in-actions', 'evaluation.actions.get(uid)', 'undefined', "the schema's action groups are not seen"],
  ]),
  ...faultsIn(`${OPERATOR}/is.ts`, [
    ['is-type', 'if (value.type !== type) return false', '', '`is` ignores the type'],
    [
      'is-swallows',
      "if (value.kind !== 'entity') return isFault(value) ? value : fault",
      "if (value.kind !== 'entity') return false",
      '`is` of an error is false',
    ],
  ]),
]
