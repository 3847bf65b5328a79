// Faults in the code that is generated for conditions.

import { type Fault, faultsIn } from '../fault.ts'

const CODEGEN = 'packages/policy/src/codegen'

export const CODEGEN_FAULTS: readonly Fault[] = [
  ...faultsIn(`${CODEGEN}/logic.ts`, [
    [
      'code-logic-decisive',
      "if (${decisive ? '!' : ''}${result}) {",
      "if (${decisive ? '' : '!'}${result}) {",
      '`&&` and `||` go on where they are decided',
    ],
    ['code-logic-right', '    requireBool(right, fault, emitter)\n', '', 'the right side of `&&` may be no Bool'],
    ['code-logic-left', '    requireBool(left, fault, emitter)\n', '', 'the left side of `&&` may be no Bool'],
    ['code-not', 'define(`!${operand.code}`', 'define(`${operand.code}`', '`!` does not negate'],
    ['code-not-type', 'requireBool(operand, notFault(node), emitter)', '', '`!` takes what is no Bool'],
    [
      'code-if',
      'emitter.line(`if (${test.code}) {`)',
      'emitter.line(`if (!${test.code}) {`)',
      '`if` takes the wrong branch',
    ],
    ['code-if-type', 'requireBool(test, ifFault(node), emitter)', '', '`if` takes what is no Bool'],
    [
      'code-bool',
      "if (operand.known !== 'Bool') emitter.line",
      "if (operand.known === 'Set') emitter.line",
      'nothing is required to be a Bool',
    ],
    [
      'code-if-known',
      "then.known === otherwise.known ? then.known : 'any'",
      'then.known',
      'what the other branch gives is not looked at',
    ],
  ]),
  ...faultsIn(`${CODEGEN}/comparing.ts`, [
    ['code-equality', 'define(equal ? code : `!(${code})`', 'define(code', '`!=` is `==`'],
    ['code-equality-type', ' && ${other.code}.type === ${known}.type`', '`', '`==` ignores the type of an entity'],
    [
      'code-equality-deep',
      '(${references} ? ${same} : h.valueEquals(${a}, ${b}))',
      '(${references} && ${same})',
      'sets and records are never equal',
    ],
    [
      'code-in-reflexive',
      'define(`${same} || h.hasAncestor(${entity}, ${other})`',
      'define(`h.hasAncestor(${entity}, ${other})`',
      'an entity is not in itself',
    ],
    [
      'code-in-ancestor',
      'define(`${same} || h.hasAncestor(${entity}, ${other})`',
      'define(`${same}`',
      'an entity is in itself only',
    ],
    [
      'code-in-type',
      "if (left.known !== 'Entity') requireEntity(left.code",
      "if (left.known === 'Set') requireEntity(left.code",
      'what is no entity is in nothing',
    ],
    [
      'code-is',
      '${operand.code}.type === ${emitter.constant(node.type)}',
      '${operand.code}.type !== ${emitter.constant(node.type)}',
      '`is` is turned round',
    ],
    [
      'code-is-in',
      'emitter.line(`if (${result}) {`)',
      'emitter.line(`if (!${result}) {`)',
      '`is ... in` tests the group of other types',
    ],
    [
      'code-member-type',
      'emitter.line(`if (${result.code} === undefined) ${emitter.fail(fault)}`)',
      '',
      '`in` what is no entity is false',
    ],
    [
      'code-order-sign',
      '${result} = ${left.code} ${sign} ${right.code};',
      '${result} = ${left.code} < ${right.code};',
      'all comparisons of numbers are `<`',
    ],
    [
      'code-order-error',
      "    passFault({ code: result, known: 'any' }, emitter)\n",
      '',
      'an error of a comparison is a value',
    ],
  ]),
  ...faultsIn(`${CODEGEN}/applying.ts`, [
    [
      'code-arity',
      'if (operands.length !== arity) {',
      'if (operands.length < 0) {',
      'a wrong number of arguments is taken',
    ],
    ['code-apply-error', '  passFault(result, emitter)\n', '', 'an error of an operator is a value'],
    [
      'code-range',
      'h.isInRange(${inner}, ${outer})',
      'h.isInRange(${outer}, ${inner})',
      'an IPv6 range is in an address',
    ],
    ['code-range-prefix', ' && ${outer}.prefix > 0`', '`', 'nothing is in 0.0.0.0/0: a shift by 32 is one by 0'],
    ['code-range-larger', '${inner}.prefix >= ${outer}.prefix && ${bits}', '${bits}', 'a larger range is in a smaller'],
    ['code-range-bits', '>>> (32 - ${outer}.prefix)', '>>> (31 - ${outer}.prefix)', 'half a range is outside it'],
    [
      'code-range-signed',
      '>>> (32 - ${outer}.prefix)',
      '<< (32 - ${outer}.prefix)',
      'the wrong end of an address counts',
    ],
    [
      'code-range-inner-family',
      '${inner}.family === 4 && ${outer}.family === 4',
      '${outer}.family === 4',
      'an IPv6 address is compared with an IPv4 range bit by bit',
    ],
    [
      'code-range-outer-family',
      '${inner}.family === 4 && ${outer}.family === 4',
      '${inner}.family === 4',
      'an IPv4 address is compared with an IPv6 range bit by bit',
    ],
    [
      'code-range-type',
      'emitter.line(`if (${wrong}) ${emitter.fail(isInRangeFault(node))}`)',
      '',
      'what is no address is in a range',
    ],
    [
      'code-like-type',
      "if (known !== 'String') emitter.line",
      "if (known === 'Set') emitter.line",
      '`like` takes what is no text',
    ],
  ]),
  ...faultsIn(`${CODEGEN}/reading.ts`, [
    [
      'code-entity',
      "{ found: 're', attributes: 'ra' }",
      "{ found: 're', attributes: 'pa' }",
      "the resource has the principal's attributes",
    ],
    [
      'code-missing',
      'emitter.line(`if (${entity.found} === undefined) ${emitter.fail(missing)}`)',
      '',
      'an attribute of a missing entity is no clean error',
    ],
    [
      'code-absent',
      'emitter.line(`if (${value.code} === undefined) ${emitter.fail(absent)}`)',
      '',
      'an absent attribute is a value',
    ],
    [
      'code-has',
      "return define(`${read('ce')} !== undefined`",
      "return define(`${read('ce')} === undefined`",
      '`context has` is turned round',
    ],
    [
      'code-has-missing',
      '${entity.found} !== undefined && ${read(entity.attributes)} !== undefined',
      '${read(entity.attributes)} !== undefined',
      'a missing entity has what the context has',
    ],
    [
      'code-has-type',
      'emitter.line(`if (${result.code} === undefined) ${emitter.fail(hasFault(node))}`)',
      '',
      '`has` of anything is false',
    ],
    [
      'code-tag-type',
      "if (name.known !== 'String') emitter.line",
      "if (name.known === 'Set') emitter.line",
      'the name of a tag may be no text',
    ],
    ['code-tag-error', 'if (!isBoolean) passFault(result, emitter)', '', 'an absent tag is a value'],
  ]),
  ...faultsIn(`${CODEGEN}/emitter.ts`, [
    [
      'code-layout',
      '${fields}.layout === l${at} ? ${fields}.slots[s${at}] : r${at}(${fields})',
      'l${at} !== h.unknownLayout ? ${fields}.slots[s${at}] : r${at}(${fields})',
      'a field is read where other fields have it',
    ],
    ['code-fail', 'fail: (value) => fault(constant(value))', "fail: () => 'return false;'", 'errors are false'],
    [
      'code-known',
      "if (value.kind === 'entity') return 'Entity'",
      "if (value.kind === 'set') return 'Entity'",
      'a set is taken for an entity',
    ],
  ]),
  ...faultsIn(`${CODEGEN}/table.ts`, [
    ['code-swapped-logic', 'or: emitLogic(true)', 'or: emitLogic(false)', '`||` is `&&`'],
    [
      'code-subtract',
      "subtract: emitBinary(subtractOperator, 'Long')",
      "subtract: emitBinary(addOperator, 'Long')",
      '`-` is `+`',
    ],
  ]),
  ...faultsIn(`${CODEGEN}/codegen.ts`, [
    [
      'code-condition-type',
      "requireBool(result, typeFault('a condition is not a Bool', condition), emitter)",
      '',
      'a condition may be no Bool',
    ],
  ]),
  ...faultsIn(`${CODEGEN}/codegen.ts`, [
    ['code-together-stop', 'break ${label}p; }', 'return; }', 'an error of one policy stops those after it'],
    [
      'code-together-error',
      '{ h.count(tally, ${label}, ${fault}); break',
      '{ break',
      'errors of policies that run together are lost',
    ],
    [
      'code-together-holds',
      'if (${result.code}) h.count(tally, ${label}, true);',
      'h.count(tally, ${label}, true);',
      'policies that run together always hold',
    ],
    [
      'code-together-label',
      'emitter.line(`const ${label} = ${emitter.constant(entry.hit)};`)',
      'emitter.line(`const ${label} = ${emitter.constant(entries[0]?.hit)};`)',
      'all policies that run together are taken for the first',
    ],
    [
      'code-together-scope',
      ' || !entries.every((entry) => entry.isConditionOnly)',
      '',
      'the action of policies that run together is not tested',
    ],
  ]),
  ...faultsIn(`${CODEGEN}/emitter.ts`, [
    [
      'code-site-slot',
      'l${at} = fields.layout; s${at} = slot;',
      'l${at} = fields.layout;',
      'a remembered layout is read at the slot of another',
    ],
    [
      'code-site-map',
      '  if (fields.layout === undefined) return fields.get(${name});\n',
      '',
      'a context that is a Map cannot be read',
    ],
  ]),
]
