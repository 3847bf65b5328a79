// Faults in what reads and takes values apart: patterns, attributes, tags, sets, records and extension functions.

import { type Fault, faultsIn } from '../fault.ts'

const OPERATOR = 'packages/policy/src/operator'

export const READING_FAULTS: readonly Fault[] = [
  ...faultsIn(`${OPERATOR}/like.ts`, [
    ['like-overlap', 'return from <= end', 'return true', '`ab*bc` matches `abc`'],
    ['like-begin', '!text.startsWith(first) || ', '', 'the beginning does not matter'],
    ['like-end', ' || !text.endsWith(last)', '', 'the end does not matter'],
    ['like-again', 'text.indexOf(run, from)', 'text.indexOf(run)', 'a part of the text is used twice'],
    [
      'like-whole',
      'return (text) => text === first',
      'return (text) => text.startsWith(first)',
      'a pattern without `*` matches longer texts',
    ],
    [
      'like-middle',
      "runs.slice(1, -1).filter((run) => run !== '')",
      "runs.slice(1, -1).filter((run) => run === '')",
      'what stands between two `*` does not matter',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/has.ts`, [
    [
      'has-missing-entity',
      'if (next === undefined) return false',
      'if (next === undefined) return undefined',
      '`has` of what is missing is an error',
    ],
    ['has-path', 'value = next', 'value = holder', 'a path looks at the first holder only'],
    [
      'has-context',
      'readField(site, context) !== undefined',
      'readField(site, context) === undefined',
      '`context has` is turned round',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/attribute.ts`, [
    [
      'attribute-of-missing',
      'return found === undefined ? missing : ',
      'return found === undefined ? false : ',
      'an attribute of a missing entity is false',
    ],
    [
      'attribute-record',
      'return readField(site, value.fields) ?? absent',
      'return readField(site, value.fields) ?? false',
      'an absent field is false',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/request-attribute.ts`, [
    [
      'near-of-resource',
      '(readField(attribute, entity.attributes) ?? attribute.absent)',
      '(readField(attribute, entity.attributes) ?? false)',
      'an absent attribute is false',
    ],
    [
      'near-of-context',
      'readField(attribute, evaluation.context) ?? attribute.absent',
      'readField(attribute, evaluation.context) ?? false',
      'an absent name of the context is false',
    ],
    [
      'near-missing',
      'return entity === undefined ? attribute.missing',
      'return entity === undefined ? attribute.absent',
      'an entity that is not there lacks the attribute',
    ],
    [
      'near-side',
      'attribute.isOfPrincipal ? evaluation.principalEntity : evaluation.resourceEntity',
      'evaluation.principalEntity ?? evaluation.resourceEntity',
      "the resource has the principal's attributes",
    ],
  ]),
  ...faultsIn(`${OPERATOR}/get-tag.ts`, [
    ['tag-absent', '(entity.tags.get(name) ?? absent)', '(entity.tags.get(name) ?? false)', 'an absent tag is false'],
    [
      'tag-of-missing',
      'entity === undefined ? missing : ',
      'entity === undefined ? 0 : ',
      'a tag of a missing entity is 0',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/has-tag.ts`, [
    [
      'has-tag',
      'entity?.tags.has(name) === true',
      'entity?.tags.has(name) !== false',
      'a missing entity has every tag',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/contains-all.ts`, [['contains-all', '.every(', '.some(', '`containsAll` is `containsAny`']]),
  ...faultsIn(`${OPERATOR}/contains-any.ts`, [['contains-any', '.some(', '.every(', '`containsAny` is `containsAll`']]),
  ...faultsIn(`${OPERATOR}/contains.ts`, [
    [
      'contains-type',
      'setContains(left, right) : fault',
      'setContains(left, right) : false',
      '`contains` of no set is false',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/is-empty.ts`, [
    ['is-empty', 'operand.elements.length === 0', 'operand.elements.length !== 0', '`isEmpty` is turned round'],
    [
      'is-empty-type',
      'operand.elements.length === 0 : fault',
      'operand.elements.length === 0 : false',
      '`isEmpty` of no set is false',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/strict.ts`, [
    [
      'strict-swallows',
      'return isFault(rightValue) ? rightValue : apply(leftValue, rightValue)',
      'return isFault(rightValue) ? false : apply(leftValue, rightValue)',
      'an error on the right is false',
    ],
    [
      'strict-left',
      'if (isFault(leftValue)) return leftValue',
      'if (isFault(leftValue)) return false',
      'an error on the left is false',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/record.ts`, [
    [
      'record-swallows',
      'if (isFault(value)) return value',
      'if (isFault(value)) continue',
      'an error in an unused field is passed over',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/set.ts`, [
    [
      'set-swallows',
      'if (isFault(value)) return value',
      'if (isFault(value)) continue',
      'an error in an element is passed over',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/call.ts`, [
    ['arity', 'return fault\n  ', 'return true\n  ', 'a wrong number of arguments is true'],
    [
      'in-range-swallows',
      'if (isFault(inner)) return inner',
      'if (isFault(inner)) return false',
      'an error in the address of `isInRange` is false',
    ],
    [
      'in-range-swallows-range',
      'if (isFault(outer)) return outer',
      'if (isFault(outer)) return true',
      'an error in the range of `isInRange` is true',
    ],
    [
      'in-range-type',
      'isInRange(inner, outer) : fault',
      'isInRange(inner, outer) : false',
      'what is no address is in no range, without an error',
    ],
    [
      'in-range-swapped',
      'isIp(outer) ? isInRange(inner, outer)',
      'isIp(outer) ? isInRange(outer, inner)',
      'the range is asked whether it is in the address',
    ],
    [
      'in-range-near',
      'inRange(readAttribute(inner, evaluation), readAttribute(outer, evaluation), fault)',
      'inRange(readAttribute(outer, evaluation), readAttribute(inner, evaluation), fault)',
      'of attributes the range is asked whether it is in the address',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/extension/constructor.ts`, [
    ['constructor-malformed', '?? malformed', '?? text', 'a malformed text is a value'],
  ]),
  ...faultsIn(`${OPERATOR}/extension/decimal.ts`, [
    ['decimal-less', 'left < right', 'left <= right', '`lessThan` holds for equals'],
    ['decimal-greater-equal', 'left >= right', 'left > right', '`greaterThanOrEqual` fails for equals'],
  ]),
  ...faultsIn(`${OPERATOR}/extension/datetime.ts`, [
    [
      'offset-back',
      'start.milliseconds + by.milliseconds',
      'start.milliseconds - by.milliseconds',
      '`offset` goes back',
    ],
    [
      'offset-overflow',
      "return fitsLong(milliseconds) ? { kind: 'datetime'",
      "return milliseconds !== undefined ? { kind: 'datetime'",
      '`offset` overflows',
    ],
    [
      'to-date-overflow',
      'datetime(startOfDay(milliseconds))',
      "({ kind: 'datetime', milliseconds: startOfDay(milliseconds) })",
      '`toDate` of the first day overflows',
    ],
    [
      'duration-since',
      'end.milliseconds - start.milliseconds',
      'start.milliseconds - end.milliseconds',
      '`durationSince` is turned round',
    ],
    [
      'duration-since-overflow',
      "return fitsLong(milliseconds) ? { kind: 'duration'",
      "return milliseconds !== undefined ? { kind: 'duration'",
      '`durationSince` overflows',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/extension/duration.ts`, [
    ['to-seconds', 'inUnits(1000n)', 'inUnits(100n)', '`toSeconds`'],
    ['to-hours', 'inUnits(3_600_000n)', 'inUnits(60_000n)', '`toHours` is `toMinutes`'],
    [
      'to-units-floor',
      'duration.milliseconds / milliseconds',
      '(duration.milliseconds - (duration.milliseconds < 0n ? milliseconds - 1n : 0n)) / milliseconds',
      'whole units of a negative duration',
    ],
  ]),
  ...faultsIn(`${OPERATOR}/extension/ip.ts`, [
    ['is-ipv4', 'ip.family === 4', 'ip.family === 6', '`isIpv4` is `isIpv6`'],
  ]),
]
